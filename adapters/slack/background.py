"""What goes on after an ack has left: Slack waits three seconds, and for nothing else."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

_FINISH_S: Final = 5


class Background:
    """Holds tasks until they are done. They have to catch what they raise: nobody else hears of it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Have `work` done while the ack leaves."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Let what was started come to its end, within a few seconds."""
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_S)
        for task in self._running:
            task.cancel()
