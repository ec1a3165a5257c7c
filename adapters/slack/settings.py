"""`/imagine-settings`: one's own at once, with menus; those of a place are for admins, who are looked up first."""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck

from adapters.commands import Person, Silence
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.settings import SettingsAsked, SettingsView
from adapters.slack import answers, controls, convert
from adapters.slack.admin import SlackAdmin
from adapters.slack.replies import Replies
from bot.admin import Actor
from bot.errors import PlatformBusy

log = structlog.get_logger()

_OF_PLACES: Final = ("channel", "server", "workspace")


class SlackSettings:
    """Answers the command."""

    def __init__(self, *, services: Services, admin: SlackAdmin, replies: Replies) -> None:
        self._settings = services.settings
        self._admin = admin
        self._replies = replies

    def is_of_place(self, command: Mapping[str, Any]) -> bool:
        """Whether admins alone may do that."""
        words = convert.text(command).lower().split(maxsplit=1)
        return bool(words) and words[0] in _OF_PLACES

    async def own(self, ack: AsyncAck, command: Mapping[str, Any], person: Person) -> None:
        """A person's own settings, in the ack."""
        # Nobody has to be looked up for these: whether this one runs the workspace is not asked.
        actor = Actor(id=person.account, account=person.account, space=person.space, manages=False)
        done = await self._settings.run(_asked(command, person, actor))
        if isinstance(done, SettingsView):
            await answers.show(ack, controls.settings(done, locale=person.locale))
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


def _asked(command: Mapping[str, Any], person: Person, actor: Actor) -> SettingsAsked:
    return SettingsAsked(
        id=f"slack:{command['team_id']}:{command['trigger_id']}",
        actor=actor,
        person=person,
        channel=convert.channel_of(command),
        line=convert.unescaped(convert.text(command)),
    )
