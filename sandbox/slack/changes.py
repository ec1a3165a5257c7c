"""Waiting for something to become true, without sleeping."""

import asyncio
from collections.abc import Callable


class Changes:
    """A bell that rings at each change of the workspace; who waits looks again when it rings."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Ring: something has changed."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait_until(self, is_true: Callable[[], bool], *, look_every_s: float | None = None) -> None:
        """Return once `is_true()` holds; look at each change, and every `look_every_s` if that is given.

        The interval is for what no bell announces: a virtual clock that was advanced.
        """
        while not is_true():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait([waiter], timeout=look_every_s)
            finally:
                self._waiters.discard(waiter)
