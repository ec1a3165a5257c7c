"""What was sent to the app, and how it was acknowledged."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sandbox.slack.errors import ApiError
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.world import Message, World

# https://docs.slack.dev/interactivity/handling-user-interaction/#acknowledgment_response
ACK_WITHIN_S = 3.0
_LOOK_EVERY_S = 0.05

EnvelopeType = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The end of a delivery, as the person saw it.

    `after_s` is measured on the clock. `error` is what Slack shows in place of an answer (`operation_timeout`,
    `dispatch_failed`, `invalid_blocks`, …), None if all went well; `details` are the faults of the blocks then.
    """

    after_s: float
    payload: dict[str, Any] | None
    error: str | None = None
    details: tuple[str, ...] = ()

    @property
    def timed_out(self) -> bool:
        """Whether the three seconds had passed."""
        return self.error == "operation_timeout"

    @property
    def text(self) -> str:
        """The text that came with the ack; empty if none did."""
        return str((self.payload or {}).get("text") or "")

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks that came with the ack."""
        return list((self.payload or {}).get("blocks") or [])

    @property
    def response_type(self) -> str:
        """Who sees the answer: `ephemeral` unless the ack says `in_channel`."""
        return str((self.payload or {}).get("response_type") or "ephemeral")


class Door(Protocol):
    """A way to the app."""

    async def deliver(self, delivery: "Delivery") -> None:
        """Send it on its way, and return."""


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """A command, a click or an event on its way to the app: the handle that a test holds.

    `sent_over` is the connection that took it, if one did.
    """

    type: EnvelopeType
    payload: dict[str, Any]
    world: World
    # What the ack does to the screen; an empty ack is {}.
    accept: Callable[[dict[str, Any]], Message | None] | None = None
    response_url: ResponseUrl | None = None
    envelope_id: str = ""
    attempt: int = 0
    sent_over: object = None
    sent_at_s: float = field(init=False)
    ack: Ack | None = field(init=False, default=None)
    answer: Message | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.sent_at_s = self.world.clock.now_s()

    @property
    def responses(self) -> list[Message]:
        """The messages posted through its response_url, oldest first."""
        return [] if self.response_url is None else list(self.response_url.responses)

    @property
    def age_s(self) -> float:
        """Seconds since it was sent, on the clock."""
        return self.world.clock.now_s() - self.sent_at_s

    def acknowledge(self, payload: dict[str, Any] | None) -> None:
        """Take the app's answer, and show what comes with it."""
        after_s = self.age_s
        if self.ack is not None or after_s > ACK_WITHIN_S:
            # The person has already read that the command failed; nothing of a late ack is shown.
            self.close(Ack(after_s=after_s, payload=payload, error="operation_timeout"))
            return
        error, details = None, ()
        if self.accept is not None:
            try:
                self.answer = self.accept(payload or {})
            except ApiError as refusal:
                error, details = refusal.code, tuple(refusal.details.get("errors", ()))
        self.close(Ack(after_s=after_s, payload=payload, error=error, details=details))

    def close(self, ack: Ack) -> None:
        """Settle how it ended; the first word counts."""
        if self.ack is None:
            self.ack = ack
            self.world.changes.notify()

    async def wait_for_ack(self, timeout_s: float = 5) -> Ack:
        """How the app acknowledged it; `timed_out` once three seconds of the clock have passed without.

        TimeoutError after `timeout_s` of real time, if the clock has not come that far.
        """
        async with asyncio.timeout(timeout_s):
            await self.world.changes.wait_until(self._is_over, look_every_s=_LOOK_EVERY_S)
        self.close(Ack(after_s=self.age_s, payload=None, error="operation_timeout"))
        if self.ack is None:
            raise AssertionError("a delivery that is over has an ack")
        return self.ack

    def _is_over(self) -> bool:
        return self.ack is not None or self.age_s > ACK_WITHIN_S
