"""The runner of one machine: bounded asyncio tasks over a database file that only this process runs on."""

import asyncio
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from filelock import FileLock, Timeout

from bot.errors import ConfigurationError, DatabaseFailed, DatabaseInUse
from bot.model import GenerationId, platform_of
from bot.ports import Clock
from bot.store import FILE_MODE, Generations
from bot.studio import Studio

log = structlog.get_logger()

_RETRY_S = 5.0


class LocalRunner:
    """Runs what it is told and, at start, everything that an earlier process left open.

    It holds the database's lock file from start to end, so at start every open row is an orphan: no lease and no
    heartbeat is needed, and a second process is refused with `DatabaseInUse`.
    """

    def __init__(self, *, studio: Studio, generations: Generations, clock: Clock, limit: int, lock: Path) -> None:
        self._studio = studio
        self._generations = generations
        self._clock = clock
        # Per platform: what waits for one that is down must not keep the other one's pictures waiting.
        self._slots = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(limit))
        self._lock = FileLock(lock, mode=FILE_MODE)
        self._tasks: dict[GenerationId, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise DatabaseInUse(
                f"Another bot process runs on this database ({self._lock.lock_file} is held). Stop it first."
            ) from None
        except OSError as error:
            raise ConfigurationError(f"The lock file {self._lock.lock_file} cannot be used: {error}") from error
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.drain(grace_s=0)
        self._lock.release()

    async def recover(self) -> int:
        """Run again whatever is open; how many that were. To be called before new commands are taken."""
        await self._generations.forget_links()
        orphans = await self._generations.open_ids()
        for orphan in orphans:
            self.start(orphan)
        if orphans:
            log.info("recovered", generations=len(orphans))
        return len(orphans)

    def start(self, id: GenerationId) -> None:
        """Have `id` run as soon as a slot is free; telling twice changes nothing."""
        if id not in self._tasks:
            task = asyncio.create_task(self._run(id), name=f"generation {id}")
            self._tasks[id] = task
            task.add_done_callback(lambda _: self._tasks.pop(id, None))

    async def drain(self, *, grace_s: float) -> None:
        """Let running generations finish for `grace_s`; what is cut off stays open for the next start."""
        if self._tasks and grace_s > 0:
            log.info("finishing", generations=len(self._tasks), grace_s=grace_s)
            await asyncio.wait(self._tasks.values(), timeout=grace_s)
        cut = list(self._tasks.values())
        if cut:
            log.info("left for the next start", generations=len(cut))
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    async def _run(self, id: GenerationId) -> None:
        async with self._slots[platform_of(id)]:
            while True:
                try:
                    return await self._studio.run(id)
                except DatabaseFailed:
                    # The row is as it was, so run it again.
                    log.exception("run failed", generation=id, retry_s=_RETRY_S)
                    await self._clock.sleep(_RETRY_S)
                except Exception:
                    # A row that cannot even be read must not take the others down; it stays as it is.
                    log.exception("run broke", generation=id)
                    return None
