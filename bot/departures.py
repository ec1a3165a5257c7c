"""When the next call to the image service leaves: one after the other, at the throttle's pace."""

import asyncio

from bot.errors import ServiceBusy
from bot.ports import Clock
from bot.store import Throttle


class Departures:
    """A line in front of the throttle. First come, first served: who comes first is the runner's choice.

    A moment is reserved only by whoever stands at the head of the line, and so at most one pace ahead: a call that
    is called off while it waits costs nobody's turn, and people who come later are not behind a row of reservations.
    """

    def __init__(self, *, throttle: Throttle, clock: Clock) -> None:
        self._throttle = throttle
        self._clock = clock
        self._head = asyncio.Lock()

    async def wait(self, *, deadline_ms: int) -> None:
        """Return when the caller's one call may leave; `ServiceBusy` if that is not before the deadline."""
        async with self._head:
            now_ms = self._clock.now_ms()
            slot_ms = await self._throttle.reserve(now_ms=now_ms, before_ms=deadline_ms)
            if slot_ms is None:
                raise ServiceBusy("no call is free before the deadline", final=True)
            await self._clock.sleep(max(slot_ms - now_ms, 0) / 1000)
