"""`/imagine-settings`, once for both platforms: a person's own defaults, and an admin's for channels and servers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from adapters import admin_text, text
from adapters.choices import CHOICES, DEFAULT, PERSONAL, SIZE, shown
from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.options import Wrong, changed, quoted, rule
from adapters.responses import Answer, Say, Silence
from adapters.sentences import Sentence
from bot.admin import Actor, Admin, Authority, Changed
from bot.defaults import NO_DEFAULTS, Defaults
from bot.errors import DatabaseFailed
from bot.house import Customs, HouseRules
from bot.intake import PATIENCE_S
from bot.model import DatabaseDown, DatabaseSlow, Space
from bot.rules import Change, Kind, Subject, channel_of
from bot.sizes import Tier
from bot.vocabulary import REASON, tokens

log = structlog.get_logger()

SETTINGS: Final = "/imagine-settings"
OF_CHANNEL: Final = ("pictures", *PERSONAL)
OF_SERVER: Final = ("pictures", "spoilers", "restricted", "words", "log")

PLACES: Final = ("channel", "server", "workspace")
"""What a line begins with that is about more than the person's own settings: for admins."""

_ON_DISCORD: Final = ("spoilers", "restricted")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsAsked:
    """A settings command: who gives it, in which channel, and how it was typed.

    `closed` says that the bot may not post in the channel that was picked for the log.
    """

    id: str
    actor: Actor
    person: Person
    channel: str | None
    line: str
    command: str = SETTINGS
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """What a person chose, and what the channel gives where they did not; `sentence` says both."""

    own: Defaults
    channel: Defaults
    sentence: Sentence


def named(name: str, value: str, *, locale: str | None) -> str:
    """What a value of a personal setting is called, as it was typed or picked."""
    words = catalogue(locale)
    if name == SIZE and value != DEFAULT:
        return words.tier(Tier(value))
    called = {DEFAULT: words.setting_default(), "on": words.switched_on(), "off": words.switched_off()}
    return called.get(value, value)


class SettingsCommands:
    """What both adapters' handlers call."""

    def __init__(self, *, house: HouseRules, admin: Admin) -> None:
        self._house = house
        self._admin = admin

    async def run(self, asked: SettingsAsked) -> SettingsView | Say | Answer | Silence:
        """The whole command as text: `aspect=16:9 size=large`, `channel pictures=off`, `server words="a, b"`."""
        words = tokens(asked.line)
        scope = words[0].lower() if words else ""
        sentences = catalogue(asked.person.locale)
        if scope == "help":
            return Say(sentence=sentences.settings_help(command=asked.command))
        of_place = scope in PLACES
        options = {}
        for token in words[of_place:]:
            name, equals, value = token.partition("=")
            if not equals:
                return Say(sentence=sentences.setting_unreadable(text=quoted(token), command=asked.command))
            options[name.lower()] = value
        if not of_place:
            return await self.change(asked.person, options, asked.channel)
        return await (self.channel if scope == "channel" else self.server)(asked, options)

    async def mine(self, person: Person, channel: str | None = None) -> SettingsView | Say:
        """A person's settings."""
        return await self.change(person, {}, channel)

    async def choose(self, person: Person, name: str, value: str, channel: str | None = None) -> SettingsView | Say:
        """One value picked from a menu, maybe of an older version's message."""
        if name not in PERSONAL or value not in (*CHOICES[name], DEFAULT):
            return Say(sentence=catalogue(person.locale).setting_gone())
        return await self.change(person, {name: value}, channel)

    async def change(
        self, person: Person, options: Mapping[str, str], channel: str | None = None
    ) -> SettingsView | Say:
        """Several values at once, all or none of them; without any, what is so now."""
        words, writing = catalogue(person.locale), False
        try:
            async with asyncio.timeout(PATIENCE_S):
                customs = await self._house.customs(person.account, person.space, channel)
                own = changed(customs.own, options, locale=person.locale)
                if options:
                    writing = True
                    await self._house.prefer(person.account, own)
        except Wrong as wrong:
            return Say(sentence=wrong.sentence)
        except TimeoutError:
            log.warning("settings not done", account=person.account, why="DatabaseSlow", writing=writing)
            # What was begun may still be kept once the database has come to it.
            slow = text.refusal(DatabaseSlow(), locale=person.locale)
            return Say(sentence=words.settings_in_doubt() if writing else slow)
        except DatabaseFailed:
            log.exception("settings not done", account=person.account, why="DatabaseDown", writing=writing)
            down = text.refusal(DatabaseDown(), locale=person.locale)
            return Say(sentence=words.settings_in_doubt() if writing else down)
        return _view(own, customs, locale=person.locale)

    async def channel(self, asked: SettingsAsked, options: Mapping[str, str]) -> Answer | Silence:
        """Whether this channel has pictures, and what is drawn in it where nobody says otherwise."""
        return await self._for_place(asked, options, known=OF_CHANNEL)

    async def server(self, asked: SettingsAsked, options: Mapping[str, str]) -> Answer | Silence:
        """What holds in the whole server or workspace."""
        return await self._for_place(asked, options, known=OF_SERVER)

    async def _for_place(
        self, asked: SettingsAsked, options: Mapping[str, str], *, known: tuple[str, ...]
    ) -> Answer | Silence:
        words = catalogue(asked.person.locale)
        try:
            subject, space = await self._place(asked, options, known=known)
            changes = await self._changes(asked, options, known=known, space=space, subject=subject)
            lines = [await self._made(asked, change) for change in changes]
        except Wrong as wrong:
            return Answer(sentence=wrong.sentence, done=False)
        except DatabaseFailed:
            log.exception("settings in doubt", actor=asked.actor.id)
            return Answer(sentence=words.in_doubt(), done=False)
        said = [line for line in lines if line]
        if not said:
            return Silence()
        return Answer(sentence=sum((("\n", *line) for line in said[1:]), said[0]))

    async def _place(
        self, asked: SettingsAsked, options: Mapping[str, str], *, known: tuple[str, ...]
    ) -> tuple[Subject, Space]:
        """What the rules are about, if the person may make them; a refused attempt is noted."""
        words = catalogue(asked.person.locale)
        space, here = asked.actor.space, asked.channel
        if self._admin.authority(asked.actor) is Authority.MEMBER:
            await self._admin.note_refusal(asked.actor, id=asked.id, words=asked.line[:REASON])
            raise Wrong(words.not_allowed())
        if space is None or (known is OF_CHANNEL and here is None):
            raise Wrong(words.settings_nowhere())
        if not options:
            raise Wrong(words.settings_help(command=asked.command))
        return (channel_of(space, here or "") if known is OF_CHANNEL else Subject(space)), space

    async def _made(self, asked: SettingsAsked, change: Change) -> Sentence:
        """What is so now and what was before; nothing where the command came twice."""
        outcome = await self._admin.change(change, actor=asked.actor, id=f"{asked.id}:{change.kind}")
        if not isinstance(outcome, Changed):
            return ()
        return admin_text.changed(outcome, window=self._admin.window.name, locale=asked.person.locale)

    async def _changes(
        self,
        asked: SettingsAsked,
        options: Mapping[str, str],
        *,
        known: tuple[str, ...],
        space: Space,
        subject: Subject,
    ) -> list[Change]:
        """A rule for each kind that `options` speak of; nothing is written where one of them is wrong."""
        locale, changes = asked.person.locale, []
        for name, value in options.items():
            if name not in known:
                raise Wrong(catalogue(locale).setting_unknown(name=quoted(name), known=known))
            if name in _ON_DISCORD and not space.startswith("discord:"):
                raise Wrong(catalogue(locale).setting_not_here(name=name))
            if name not in PERSONAL:
                changes.append(rule(name, value, space=space, subject=subject, closed=asked.closed, locale=locale))
        if chosen := {name: value for name, value in options.items() if name in PERSONAL}:
            customs = await self._house.customs(asked.person.account, space, asked.channel)
            given = changed(customs.channel, chosen, locale=locale)
            applies = given != NO_DEFAULTS
            kept = given.to_json() if applies else None
            changes.append(Change(space=space, subject=subject, kind=Kind.CHANNEL, applies=applies, text=kept))
        return changes


def _view(own: Defaults, customs: Customs, *, locale: str | None) -> SettingsView:
    words = catalogue(locale)
    mine, given = shown(own), shown(customs.channel)
    lines = [
        words.setting_line(
            name=words.setting_name(name),
            own=named(name, mine[name], locale=locale) if name in mine else None,
            given=named(name, given[name], locale=locale) if name in given else None,
        )
        for name in PERSONAL
    ]
    return SettingsView(own=own, channel=customs.channel, sentence=words.settings_mine(lines=lines))
