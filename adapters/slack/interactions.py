"""Buttons, shortcuts, forms, mentions and the App Home: acked at once, and done while the ack leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck

from adapters import text
from adapters.background import Background
from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.slack import convert, forms, render
from adapters.slack.convert import Address
from adapters.slack.directory import Directory
from adapters.slack.home import TAB, Home
from adapters.slack.modals import Modals
from adapters.slack.presses import Presses
from adapters.slack.readable import mentioned, readable, written
from adapters.slack.replies import Replies
from bot.errors import Fault

log = structlog.get_logger()

GLOBAL: Final = "imagine"
OF_MESSAGE: Final = "imagine_message"
"""The shortcuts, as the manifest calls them."""

_NAMED_WITHIN_S: Final = 1.0
"""The form has to be there three seconds after the shortcut was chosen; a name that comes late is an id."""
_NAMED: Final = 8


Listener = Callable[["Interactions", AsyncAck, dict[str, Any]], Awaitable[None]]


def _acked(listener: Listener) -> Listener:
    """Ack first, whatever happens in `listener`: it says its answer beside the ack."""

    async def listen(self: "Interactions", ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        try:
            await listener(self, ack, body)
        except Exception:
            # A payload that does not say who did it: nobody can be told.
            log.exception("handler failed", reference=text.reference(), what=body.get("type"))

    return listen


class Interactions:
    """Slack's listeners. None of them raises: a defect of ours is logged under a reference that the person reads."""

    def __init__(
        self,
        *,
        services: Services,
        directory: Directory,
        replies: Replies,
        presses: Presses,
        modals: Modals,
        home: Home,
        background: Background,
    ) -> None:
        self._commands = services.commands
        self._directory = directory
        self._replies = replies
        self._presses = presses
        self._modals = modals
        self._home = home
        self._background = background

    @_acked
    async def press(self, _: AsyncAck, body: dict[str, Any]) -> None:
        """A button."""
        command = convert.interaction(body)
        self.beside(self._presses.press(body, command, self._person(command)), command, "press")

    @_acked
    async def shortcut(self, _: AsyncAck, body: dict[str, Any]) -> None:
        """A shortcut: of the whole workspace, or of a message."""
        command = convert.interaction(body)
        self.beside(self._shortcut(body, command), command, "shortcut")

    async def submit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A form, which hears in the ack what is wrong with it."""
        try:
            command = convert.interaction(body)
            await self._modals.submit(ack, body, self._person(command))
        except Exception:
            reference = text.reference()
            log.exception("handler failed", reference=reference, what="form")
            user_id = (body.get("user") or {}).get("id")
            said = text.failed(reference, locale=None if user_id is None else self._directory.locale(user_id))
            await ack(response_action="errors", errors={forms.PROMPT: render.bare(said)})

    @_acked
    async def mention(self, _: AsyncAck, body: dict[str, Any]) -> None:
        """`@imagine a red fox`; not of another bot, which could go on for ever, nor when it is edited later."""
        told = body["event"]
        if (
            told.get("bot_id")
            or "user" not in told
            or "edited" in told
            or told["user"] == convert.installed(body).get("user_id")
        ):
            return
        command = convert.event(body)
        self.beside(self._mention(body, command), command, "mention")

    @_acked
    async def home_opened(self, _: AsyncAck, body: dict[str, Any]) -> None:
        """Somebody looks at the App Home, or at the messages beside it."""
        told = body["event"]
        if told.get("tab") == TAB:
            command = convert.event(body)
            work = self._home.publish(command["user_id"], self._person(command))
            self.beside(work, command, "home")

    async def _shortcut(self, body: Mapping[str, Any], command: Mapping[str, Any]) -> None:
        person = self._person(command)
        if body["callback_id"] == GLOBAL:
            await self._modals.blank(command, prompt="", context=forms.Context(), person=person)
        elif body["callback_id"] == OF_MESSAGE:
            message = body["message"]
            thread_ts = message.get("thread_ts")
            context = forms.Context(
                channel=command["channel_id"], thread_ts=thread_ts or message["ts"], thread_is_new=thread_ts is None
            )
            prompt = await self._readable(written(message))
            await self._modals.blank(command, prompt=prompt, context=context, person=person)
        else:
            await self._replies.say(convert.address(command), catalogue(person.locale).outdated())

    async def _mention(self, body: Mapping[str, Any], command: dict[str, Any]) -> None:
        line = command["text"] or ""
        bot = convert.installed(body).get("user_id")
        if bot is not None:
            line = line.replace(f"<@{bot}>", " ", 1)
        asked = convert.asked(
            {**command, "text": await self._readable(line)},
            self._roles(command),
            locale=self._directory.locale(command["user_id"]),
        )
        reply = await self._commands.imagine(asked)
        await self._replies.send(convert.address(command), reply, locale=asked.person.locale)

    async def _readable(self, said: str) -> str:
        names: dict[str, str] = {}
        try:
            async with asyncio.timeout(_NAMED_WITHIN_S):
                for user_id in mentioned(said)[:_NAMED]:
                    colleague = await self._directory.colleague(user_id)
                    if colleague is not None:
                        names[user_id] = colleague.name
        except (Fault, TimeoutError) as error:
            log.info("mentions stay ids", error=type(error).__name__)
        return readable(said, names).strip()

    def _person(self, command: Mapping[str, Any]) -> Person:
        return convert.person(command, self._roles(command), locale=self._directory.locale(command["user_id"]))

    def _roles(self, command: Mapping[str, Any]) -> tuple[str, ...]:
        return self._directory.roles(command["user_id"], convert.home(command))

    def beside(
        self, work: Coroutine[Any, Any, None], command: Mapping[str, Any], what: str, *, audited: bool = False
    ) -> None:
        """Have `work` done beside the ack; where it fails, whoever gave `command` reads so.

        `audited`: after a defect of ours, the audit shows whether it was done.
        """
        address = convert.address(command)
        self._background.start(self._guarded(work, address, what, audited=audited))

    async def _guarded(self, work: Coroutine[Any, Any, None], address: Address, what: str, *, audited: bool) -> None:
        try:
            await work
        except Exception:
            reference = text.reference()
            log.exception("handler failed", reference=reference, what=what)
            locale = self._directory.locale(address.user_id)
            admin_failed = catalogue(locale).admin_failed(reference=reference)
            await self._replies.say(address, admin_failed if audited else text.failed(reference, locale=locale))
