"""How long it takes until a picture is there: calls in front at the throttle's pace, then a drawing's usual time."""

import asyncio
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

from bot.errors import DatabaseFailed
from bot.model import Generation, Outlook
from bot.ports import Clock
from bot.store import Throttle

REMEMBERED: Final = 25
"""Drawings that the median is of: what the service was like an hour ago says little."""


LEARNT_FROM_MS: Final = 24 * 60 * 60 * 1000
"""How far a new process looks back for them, so that its start does not read the history of years."""

_PATIENCE_S: Final = 0.5
"""A command that is charged waits for its answer meanwhile: an estimate is worth no more of it."""


class Forecast:
    """Learns from every picture that was drawn, and from the last ones of an earlier process."""

    def __init__(self, *, throttle: Throttle, clock: Clock) -> None:
        self._throttle = throttle
        self._clock = clock
        self._drew_ms = deque[int](maxlen=REMEMBERED)
        self._calls = deque[int](maxlen=REMEMBERED)

    def learn(self, recent: Sequence[Generation]) -> None:
        """Begin with what an earlier process had drawn, the newest first."""
        for generation in reversed(recent):
            result = generation.result
            if result is not None and result.drew_ms is not None:
                self.note(drew_ms=result.drew_ms, calls=generation.request.count)

    def note(self, *, drew_ms: int, calls: int) -> None:
        """One more generation: from its first call until it was posted, and how many calls it took."""
        self._drew_ms.append(drew_ms)
        self._calls.append(calls)

    async def of(self, ahead: int) -> Outlook:
        """The outlook of a command behind `ahead` others; without an estimate where nothing is known in time."""
        if not self._drew_ms:
            return Outlook(ahead=ahead, ready_ms=None)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                free_ms = await self._throttle.free_ms()
        except (DatabaseFailed, TimeoutError):
            return Outlook(ahead=ahead, ready_ms=None)
        calls, interval_ms = ahead * sum(self._calls) / len(self._calls), self._throttle.interval_ms
        # What is free lies behind the moment that is kept for who is first in line, and who is counted as ahead.
        free_in_ms = max(free_ms - self._clock.now_ms(), 0)
        first_ms = free_in_ms - interval_ms if free_in_ms > interval_ms else free_in_ms
        waits_ms = first_ms + calls * interval_ms
        return Outlook(ahead=ahead, ready_ms=round(waits_ms + median(self._drew_ms)))
