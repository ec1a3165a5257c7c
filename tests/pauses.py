"""How long the event loop leaves everybody waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

_TICK_S: Final = 0.001
_TRIES: Final = 5


async def longest_pause_s(work: Callable[[], Awaitable[object]], *, bound_s: float) -> float:
    """The loop's longest pause while `work` is done: of a few tries the best, since other programs make pauses, too."""
    best = float("inf")
    for _ in range(_TRIES):
        best = min(best, await _longest(work))
        if best < bound_s:
            break
    return best


async def _longest(work: Callable[[], Awaitable[object]]) -> float:
    loop = asyncio.get_running_loop()
    pauses: list[float] = []

    async def tick() -> None:
        last = loop.time()
        while True:
            await asyncio.sleep(_TICK_S)
            pauses.append(-last + (last := loop.time()))

    ticking = asyncio.create_task(tick())
    # It has to run before the work starts: a work that blocks at once would otherwise go unseen.
    await asyncio.sleep(2 * _TICK_S)
    await work()
    await asyncio.sleep(2 * _TICK_S)
    ticking.cancel()
    with suppress(asyncio.CancelledError):
        await ticking
    return max(pauses)
