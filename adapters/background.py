"""What goes on after its answer has left, or for longer than a connection: held until its end, also at a stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

_FINISH_S: Final = 5


class Background:
    """Holds tasks until they are done. What one raises, only whoever awaits it hears of."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Have `work` done, whether anybody awaits it or not."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self) -> None:
        """Let what was started come to its end, within a few seconds; what is cut off then takes back what it must."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=_FINISH_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_FINISH_S)
