"""`/imagine-settings`: one's own at once, with menus; those of a place are for admins, who are looked up first."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from adapters.choices import CHOICES, DEFAULT, PERSONAL, shown
from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.responses import Silence
from adapters.settings import PLACES, SettingsAsked, SettingsView, named
from adapters.slack import answers, buttons, convert, render
from adapters.slack.admin import SlackAdmin
from adapters.slack.replies import Replies
from adapters.slack.whispers import Payload
from bot.admin import Actor
from bot.errors import PlatformBusy

log = structlog.get_logger()


class SlackSettings:
    """Answers the command."""

    def __init__(self, *, services: Services, admin: SlackAdmin, replies: Replies) -> None:
        self._settings = services.settings
        self._admin = admin
        self._replies = replies

    def is_of_place(self, command: Mapping[str, Any]) -> bool:
        """Whether admins alone may do that."""
        words = convert.text(command).lower().split(maxsplit=1)
        return bool(words) and words[0] in PLACES

    async def own(self, ack: AsyncAck, command: Mapping[str, Any], person: Person) -> None:
        """A person's own settings, in the ack."""
        # Nobody has to be looked up for these: whether this one runs the workspace is not asked.
        actor = Actor(id=person.account, account=person.account, space=person.space, manages=False)
        done = await self._settings.run(_asked(command, person, actor))
        if isinstance(done, SettingsView):
            await answers.show(ack, menus(done, locale=person.locale))
        elif not isinstance(done, Silence):
            await answers.say(ack, done.sentence)

    async def of_place(self, command: Mapping[str, Any], person: Person) -> None:
        """Those of a channel or the workspace, beside the ack."""
        address = convert.address(command)
        try:
            actor = await self._admin.actor(command, person)
        except PlatformBusy as fault:
            log.warning("nobody can be looked up", code=fault.code, detail=str(fault))
            await self._replies.say(address, catalogue(person.locale).cannot_look_up())
            return
        done = await self._settings.run(_asked(command, person, actor))
        if not isinstance(done, Silence):
            await self._replies.say(address, done.sentence)


def menus(view: SettingsView, *, locale: str | None) -> Payload:
    """A person's settings, each with a menu to choose from."""
    words, own = catalogue(locale), shown(view.own)
    told = render.said(view.sentence)
    for name in PERSONAL:
        options = [render.option(named(name, value, locale=locale), value) for value in (DEFAULT, *CHOICES[name])]
        chosen = next((one for one in options if one["value"] == own.get(name, DEFAULT)), options[0])
        menu = {
            "type": "static_select",
            "action_id": f"{buttons.SETTING}_{name}",
            "options": options,
            "initial_option": chosen,
        }
        told["blocks"].append({"type": "section", "text": render.plain(words.setting_name(name)), "accessory": menu})
    return told


def _asked(command: Mapping[str, Any], person: Person, actor: Actor) -> SettingsAsked:
    return SettingsAsked(
        id=f"slack:{command['team_id']}:{command['trigger_id']}",
        actor=actor,
        person=person,
        channel=convert.channel_of(command),
        line=convert.unescaped(convert.text(command)),
    )
