"""The ack of a command: the only answer that needs no permission, due within 3 s."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from adapters import text
from adapters.sentences import Sentence
from adapters.slack import render
from adapters.slack.whispers import Payload

log = structlog.get_logger()

Handler = Callable[[AsyncAck, dict[str, Any]], Awaitable[None]]


async def say(ack: AsyncAck, sentence: Sentence) -> None:
    """Tell the person alone."""
    await show(ack, {"text": render.sentence(sentence)})


async def show(ack: AsyncAck, words: Payload) -> None:
    """Show the person alone."""
    await ack(**words, response_type="ephemeral")


def answered(handler: Handler, locale_of: Callable[[str], str | None]) -> Handler:
    """Make sure that `handler` acks, whatever happens in it: a listener that raises shows "operation_timeout".

    A defect of ours is logged once, under a reference that the person sees too, in the language that `locale_of` tells
    of a user.
    """

    async def handle(ack: AsyncAck, command: dict[str, Any]) -> None:
        try:
            await handler(ack, command)
        except Exception:
            reference = text.reference()
            log.exception("handler failed", reference=reference, command=command.get("command"))
            await say(ack, text.failed(reference, locale=locale_of(command.get("user_id", ""))))

    return handle
