"""The sentences about house rules and personal settings."""

import textwrap
from collections.abc import Sequence
from typing import Final

from adapters.choices import shown
from adapters.locales.messages import Messages
from adapters.sentences import ChannelMention, Code, Sentence, Span
from bot import wordlist
from bot.defaults import Defaults
from bot.rules import Change, Kind

_WORDS: Final = 200
"""Characters of a list: a page of rules shows eight of them."""


class HouseWords(Messages):
    """What people read where a place has rules of its own, and of what they chose themselves."""

    def pictures_off(self, *, channel: bool) -> Sentence:
        if channel:
            return self._sentence(
                "An admin has switched pictures off in this channel. Nothing was charged; please try another channel."
            )
        return self._sentence("An admin has switched pictures off here. Nothing was charged.")

    def restricted_only(self) -> Sentence:
        return self._sentence(
            "Pictures are drawn only in age-restricted channels and their threads here. Nothing was charged; "
            "please try such a channel."
        )

    def word_refused(self, *, word: str) -> Sentence:
        return self._sentence(
            "An admin of this place does not allow “{word}” in prompts. Nothing was charged; try it in other words.",
            word=word,
        )

    def logged(self, *, person: Span) -> Sentence:
        return self._sentence("Drawn for {person}", person=person)

    def logged_private(self, *, person: Span) -> Sentence:
        return self._sentence("{person} had a private picture drawn.", person=person)

    def setting_gone(self) -> Sentence:
        return self._sentence(
            "That setting is not there any more. Nothing was changed; please open the settings again."
        )

    def setting_unknown(self, *, name: str, known: Sequence[str]) -> Sentence:
        return self._sentence(
            "There is no setting “{name}”. Nothing was changed. These exist: {known}.",
            name=name,
            known=", ".join(known),
        )

    def setting_bad(self, *, name: str, value: str, takes: Sequence[str]) -> Sentence:
        return self._sentence(
            "{name} cannot be “{value}”. Nothing was changed. It takes: {takes}.",
            name=name,
            value=value,
            takes=", ".join(takes),
        )

    def setting_unreadable(self, *, text: str, command: str) -> Sentence:
        return self._sentence(
            "“{text}” is no setting. Nothing was changed. Write it like {example}",
            text=text,
            example=Code(f"{command} size=large"),
        )

    def setting_not_here(self, *, name: str) -> Sentence:
        return self._sentence("Slack has no such thing as {name}. Nothing was changed.", name=name)

    def setting_no_channel(self, *, text: str) -> Sentence:
        return self._sentence(
            "“{text}” is no channel of this place. Nothing was changed. Pick one that is suggested when you type #.",
            text=text,
        )

    def setting_closed(self, *, channel: ChannelMention) -> Sentence:
        return self._sentence(
            "The bot may not post pictures in {channel}. Nothing was changed. Let it see that channel, send messages, "
            "embed links and attach files there, and say it again.",
            channel=channel,
        )

    def settings_nowhere(self) -> Sentence:
        return self._sentence("That is about a channel of a server or workspace. Nothing was changed; say it there.")

    def settings_in_doubt(self) -> Sentence:
        return self._sentence(
            "The bot's database does not answer right now, and it is not certain whether that was kept. Please open "
            "your settings again in a minute."
        )

    def too_many_words(self, *, limit: int) -> Sentence:
        return (
            self._count(
                "The list can have at most {n} entry. Nothing was changed.",
                "The list can have at most {n} entries. Nothing was changed.",
                limit,
            ),
        )

    def bad_word(self, *, word: str, limit: int) -> Sentence:
        return (
            self._count(
                "“{word}” cannot be on the list: an entry has letters or digits, and at most {n} character. "
                "Nothing was changed.",
                "“{word}” cannot be on the list: an entry has letters or digits, and at most {n} characters. "
                "Nothing was changed.",
                limit,
                word=word,
            ),
        )

    def settings_mine(self, *, lines: Sequence[str]) -> Sentence:
        return (self._text("Your settings:"), *(f"\n• {line}" for line in lines))

    def setting_line(self, *, name: str, own: str | None, given: str | None) -> str:
        if own is not None:
            return self._text("{name}: {value}", name=name, value=own)
        if given is not None:
            return self._text("{name}: {value}, from this channel", name=name, value=given)
        return self._text("{name}: default", name=name)

    def settings_help(self, *, command: str) -> Sentence:
        lines = (
            command,
            f"{command} aspect=16:9 size=large images=2 extend=off private=on",
            f"{command} channel pictures=off",
            f'{command} server words="one, two words" log=#channel spoilers=on restricted=on',
        )
        return self._sentence(
            "See or change what is drawn where you do not say otherwise; default takes a value back. "
            "Channel and server are for admins:\n{forms}",
            forms=Code("\n".join(lines)),
        )

    def whole_place(self, *, server: bool) -> Sentence:
        return self._sentence("This server") if server else self._sentence("This workspace")

    def house_rule(self, rule: Change) -> Sentence:
        """What a rule about a place says."""
        on_off = {
            Kind.PICTURES: (self._text("pictures off"), self._text("pictures on")),
            Kind.SPOILER: (self._text("spoilers off"), self._text("spoilers on")),
            Kind.RESTRICTED: (
                self._text("also outside age-restricted channels"),
                self._text("only in age-restricted channels"),
            ),
        }
        if rule.kind in on_off:
            return (on_off[rule.kind][1 if rule.value else 0],)
        if rule.kind is Kind.LOG:
            return self._sentence("log in {channel}", channel=ChannelMention(rule.text or ""))
        if rule.kind is Kind.WORDS:
            words = ", ".join(wordlist.from_json(rule.text))
            return (self._text("words: {words}", words=textwrap.shorten(words, _WORDS, placeholder=" …")),)
        said = ", ".join(f"{name} {value}" for name, value in shown(Defaults.from_json(rule.text)).items())
        return (self._text("defaults: {said}", said=said),)
