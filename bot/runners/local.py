"""The runner of one machine: people take turns, over a database file that only this process runs on."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog
from filelock import FileLock, Timeout

from bot.errors import ConfigurationError, DatabaseFailed, DatabaseInUse
from bot.model import Account, GenerationId, platform_of
from bot.ports import Clock
from bot.runners.turns import Turns
from bot.store import FILE_MODE, Generations
from bot.studio import Studio

log = structlog.get_logger()

_RETRY_S: Final = 5.0
_IN_FRONT: Final = 2
"""Generations of a platform that wait for their first call: one that leaves next, and one that is ready behind it."""


class LocalRunner:
    """Runs what it is told and, at start, everything that an earlier process left open.

    What waits is an id in a queue, and no task: a command becomes one when its call is about to leave. So whose turn
    it is gets decided late, and a person who queues fifty commands delays the others by one of them a round.

    It holds the database's lock file from start to end, so at start every open row is an orphan: no lease and no
    heartbeat is needed, and a second process is refused with `DatabaseInUse`.
    """

    def __init__(self, *, studio: Studio, generations: Generations, clock: Clock, lock: Path) -> None:
        self._studio = studio
        self._generations = generations
        self._clock = clock
        self._lock = FileLock(lock, mode=FILE_MODE)
        self._draining = False
        # Per platform: what waits for one that is down must not keep the other one's pictures waiting.
        self._turns = defaultdict[str, Turns](Turns)
        self._front = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(_IN_FRONT))
        self._next = defaultdict[str, list[GenerationId]](list)
        """Who holds a place in front, first in line first."""
        self._feeding: dict[str, asyncio.Task[None]] = {}
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
        for orphan, account in orphans.items():
            self.start(orphan, account)
        if orphans:
            log.info("recovered", generations=len(orphans))
        return len(orphans)

    def start(self, id: GenerationId, account: Account) -> None:
        """Have `id` run when it is its person's turn; telling twice changes nothing."""
        platform = platform_of(id)
        if id in self._tasks or id in self._turns[platform]:
            return
        self._turns[platform].add(id, account)
        if platform not in self._feeding and not self._draining:
            self._feeding[platform] = asyncio.create_task(self._feed(platform), name=f"queue of {platform}")

    def waiting(self) -> dict[str, list[GenerationId]]:
        """What waits for its first call on each platform, first in line first."""
        return {platform: [*self._next[platform], *turns.order()] for platform, turns in self._turns.items()}

    def ahead(self, platform: str, account: Account, *, id: GenerationId | None = None) -> int:
        """How many commands are served before `id`, or before a new one of `account`; the platforms take turns, too."""
        front, turns = self._next[platform], self._turns[platform]
        if id is not None and (id in front or id in turns):
            place = [*front, *turns.order()].index(id)
        elif id in self._tasks:
            return 0
        else:
            place = len(front) + turns.before(account)
        lines = {name: len(self._next[name]) + len(line) for name, line in self._turns.items() if name != platform}
        return place + sum(min(length, place) for length in lines.values())

    def withdraw(self, id: GenerationId) -> None:
        """Let `id`, which was called off, wait no longer; a run of it has nothing left to do."""
        self._turns[platform_of(id)].remove(id)
        if id in self._tasks:
            # Else a shutdown would wait for that call, and those behind it for one that nobody makes.
            self._tasks[id].cancel()

    async def drain(self, *, grace_s: float) -> None:
        """Let running generations finish for `grace_s`; what waits or is cut off stays open for the next start."""
        self._draining = True
        await _cut(list(self._feeding.values()))
        if self._tasks and grace_s > 0:
            log.info("finishing", generations=len(self._tasks), grace_s=grace_s)
            await asyncio.wait(self._tasks.values(), timeout=grace_s)
        left = len(self._tasks) + sum(len(turns) for turns in self._turns.values())
        if left:
            log.info("left for the next start", generations=left)
        await _cut(list(self._tasks.values()))

    async def _feed(self, platform: str) -> None:
        """Make tasks of what waits, one by one, as their calls may leave; done when nothing waits."""
        turns, front = self._turns[platform], self._front[platform]
        try:
            while turns:
                await front.acquire()
                try:
                    await self._studio.room(platform)
                except BaseException:
                    front.release()
                    raise
                if not turns:
                    # Called off while this place in front was waited for.
                    front.release()
                    break
                one = turns.take()
                self._next[platform].append(one)
                self._run_soon(one, departed=_Once(partial(self._depart, one)))
        finally:
            del self._feeding[platform]

    def _depart(self, id: GenerationId) -> None:
        """Its first calls have left, or it has ended: somebody else comes to the front."""
        platform = platform_of(id)
        self._next[platform].remove(id)
        self._front[platform].release()

    def _run_soon(self, id: GenerationId, *, departed: "_Once") -> None:
        task = asyncio.create_task(self._run(id, departed), name=f"generation {id}")
        self._tasks[id] = task
        task.add_done_callback(lambda _: self._tasks.pop(id, None))

    async def _run(self, id: GenerationId, departed: "_Once") -> None:
        try:
            for failures in count(1):
                try:
                    return await self._studio.run(id, departed=departed)
                except DatabaseFailed as error:
                    # The row is as it was, so run it again. Its place in front is kept: those behind need the same
                    # database, and stay ids in the queue until it is well.
                    log.warning(
                        "run failed", generation=id, detail=str(error), retry_s=_RETRY_S, exc_info=failures == 1
                    )
                    await self._clock.sleep(_RETRY_S)
                except Exception:
                    # A row that cannot even be read must not take the others down; it stays as it is.
                    log.exception("run broke", generation=id)
                    return None
        finally:
            departed()


class _Once:
    """Calls `act` the first time that it is called."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def __call__(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


async def _cut(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
