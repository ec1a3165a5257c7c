"""Taking a result's message away."""

from dataclasses import replace
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.actions import Actions
from adapters.locales import catalogue
from adapters.responses import Removal
from adapters.slack.admin import SlackAdmin
from adapters.slack.convert import Press
from adapters.slack.faults import faults
from adapters.slack.replies import Replies
from bot.errors import Fault, PlatformBusy

log = structlog.get_logger()

_GONE: Final = "message_not_found"


class Deletions:
    """Deletes what its person, or whoever runs the workspace, wants to be gone."""

    def __init__(self, *, actions: Actions, client: AsyncWebClient, replies: Replies, admin: SlackAdmin) -> None:
        self._actions = actions
        self._client = client
        self._replies = replies
        self._admin = admin

    async def delete(self, press: Press) -> None:
        """Delete the message of the button, and tell whoever pressed it."""
        removal = await self._actions.delete(press.pressed)
        if not isinstance(removal, Removal):
            # Only whom it does not belong to is looked up: nobody's own picture waits for that.
            try:
                moderates = await self._admin.moderates(press.command)
            except PlatformBusy as fault:
                log.warning("nobody can be looked up", code=fault.code, detail=str(fault))
                await self._replies.say(press.address, catalogue(press.locale).cannot_look_up())
                return
            removal = await self._actions.delete(replace(press.pressed, moderates=moderates))
        if isinstance(removal, Removal):
            await self._remove(press, removal)
        else:
            await self._replies.say(press.address, removal.sentence)

    async def _remove(self, press: Press, removal: Removal) -> None:
        if press.message is None or not await self._take_down(*press.message):
            await self._replies.say(press.address, catalogue(press.locale).not_deleted())
            return
        await self._actions.deleted(press.pressed, removal.generation, stood=press.message)
        await self._replies.say(press.address, removal.sentence)

    async def _take_down(self, channel: str, ts: str) -> bool:
        try:
            with faults():
                await self._client.chat_delete(channel=channel, ts=ts)
        except Fault as fault:
            log.info("not deleted", channel=channel, code=fault.code)
            return fault.code == _GONE
        return True
