"""The form's way: opened by a press or a shortcut, sent, and then a command like any other."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from adapters.background import Background
from adapters.commands import IMAGINE
from adapters.gestures import Asked, Person
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.responses import Reply, Say
from adapters.slack import convert, forms
from adapters.slack.faults import faults
from adapters.slack.replies import Replies
from bot.defaults import NO_DEFAULTS
from bot.errors import Fault, OperatorNeeded, PlatformBusy
from bot.model import GenerationId

log = structlog.get_logger()

_LATE: Final = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


class Modals:
    """Opens forms and takes them in."""

    def __init__(self, *, services: Services, client: AsyncWebClient, replies: Replies, background: Background) -> None:
        self._commands = services.commands
        self._actions = services.actions
        self._settings = services.settings
        self._client = client
        self._replies = replies
        self._background = background

    async def blank(self, command: Mapping[str, Any], *, prompt: str, context: forms.Context, person: Person) -> None:
        """A form with nothing but a prompt, if that; it goes where `context` says, else where the person chooses."""
        settings = await self._settings.mine(person, context.channel)
        defaults = NO_DEFAULTS if isinstance(settings, Say) else settings.own.over(settings.channel)
        options = forms.options_from(defaults, extend=self._commands.extend)
        await self.open(command, context, prompt=prompt, options=options, locale=person.locale)

    async def open(
        self,
        command: Mapping[str, Any],
        context: forms.Context,
        *,
        prompt: str,
        options: Mapping[str, str],
        locale: str | None,
    ) -> None:
        """Put the form on the person's screen, or tell them why not: three seconds after `command` it is too late."""
        address = convert.address(command)
        view = forms.modal(context, prompt=prompt, options=options, place_wanted=context.channel is None, locale=locale)
        try:
            with faults():
                await self._client.views_open(trigger_id=command["trigger_id"], view=view)
        except (OperatorNeeded, PlatformBusy) as fault:
            log.warning("form not opened", user=address.user_id, code=fault.code, detail=str(fault))
        except Fault as fault:
            if fault.code not in _LATE:
                raise
            log.info("form not opened", user=address.user_id, code=fault.code)
        else:
            return
        await self._replies.say(address, catalogue(locale).form_late())

    async def submit(self, ack: AsyncAck, body: Mapping[str, Any], person: Person) -> None:
        """Take a form in: what is wrong with it is said in it; else it closes, and the answer comes beside it."""
        view, command = body["view"], convert.interaction(body)
        context = forms.Context.from_json(view.get("private_metadata") or "")
        if context is None or view.get("callback_id") != forms.CALLBACK:
            # Which fields that form has nobody knows any more.
            await ack(response_action="clear")
            outdated = self._replies.say(convert.address(command), catalogue(person.locale).outdated())
            self._background.start(outdated)
            return
        filled = forms.read(view, edited=context.parent is not None)
        place = context.channel or filled.place or command["user_id"]
        thread = {"thread_ts": context.thread_ts, "thread_is_new": context.thread_is_new}
        command = {**command, "channel_id": place, **thread}
        address = convert.address(command)
        asked = Asked(
            # Of the modal itself: an ack that was lost leaves it open, and it is sent again as the same command.
            id=GenerationId(f"slack:{command['team_id']}:{view['id']}"),
            person=person,
            line=filled.line,
            command=IMAGINE,
            typed=filled.typed,
            private_by_dm=True,
            address=asdict(address),
            channel=convert.channel_of(command),
        )
        reply = await self._reply(asked, context)
        if isinstance(reply, Say):
            await ack(response_action="errors", errors=forms.errors(reply, filled.typed))
            return
        await ack()
        self._background.start(self._replies.send(address, reply, locale=person.locale))

    async def _reply(self, asked: Asked, context: forms.Context) -> Reply:
        if context.parent is None:
            return await self._commands.imagine(asked)
        return await self._actions.submit(asked, context.parent)
