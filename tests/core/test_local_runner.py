"""The runner of one machine: bounded, once each, nothing lost over a restart, and alone on its database."""

import asyncio
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fakes import Workshop, open_workshop, order

from bot.backoff import Backoff
from bot.errors import DatabaseFailed, DatabaseInUse
from bot.model import Drawing, GenerationId, Reason
from bot.runners.local import LocalRunner
from bot.store import Generations
from bot.store.database import Database, Row
from bot.studio import Studio

HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, per_minute=6000) as workshop:
        yield workshop


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "bot.db.lock"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def runner_of(workshop: Workshop, lock: Path, *, limit: int = 4) -> LocalRunner:
    return LocalRunner(
        studio=workshop.studio, generations=workshop.generations, clock=workshop.clock, limit=limit, lock=lock
    )


async def accepted(workshop: Workshop, *numbers: int) -> list[GenerationId]:
    """Commands that have been charged and not run."""
    return [(await workshop.accept(order(number))).id for number in numbers]


async def under_way(workshop: Workshop, calls: int = 1) -> None:
    """Return once so many calls have come to the image service, where they wait."""
    async with asyncio.timeout(10):
        for _ in range(calls):
            await workshop.model.entered.get()


async def states(workshop: Workshop) -> list[str]:
    rows = await workshop.database.fetch("SELECT state FROM generation ORDER BY id")
    return [row["state"] for row in rows]


async def test_runs_no_more_than_its_limit_at_once(workshop: Workshop, lock: Path) -> None:
    """The others wait for a free slot, and all of them come to their end."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, *range(1, 7))
    async with runner_of(workshop, lock, limit=2) as runner:
        for one in ids:
            runner.start(one)
        await under_way(workshop, 2)
        assert sorted(await states(workshop)) == ["queued"] * 4 + ["running"] * 2
        workshop.model.gate.set()
        await runner.drain(grace_s=10)
    assert workshop.model.most_inside == 2
    assert await states(workshop) == ["delivered"] * 6


async def test_starting_twice_runs_once(workshop: Workshop, lock: Path) -> None:
    """A second start while the first runs, and a third after its end, change nothing."""
    [one] = await accepted(workshop, 1)
    async with runner_of(workshop, lock) as runner:
        runner.start(one)
        runner.start(one)
        await runner.drain(grace_s=10)
        runner.start(one)
        await runner.drain(grace_s=10)
    assert workshop.model.drawn == [0]
    assert len(workshop.courier.delivered) == 1
    assert (await workshop.row(one))["attempt"] == 1


async def test_a_start_wipes_links_that_a_crash_left_on_settled_rows(workshop: Workshop, lock: Path) -> None:
    """The process died after settling and before wiping: the next one makes up for it."""
    [orphan] = await accepted(workshop, 1)
    job = await workshop.generations.claim(orphan)
    assert job is not None
    link = Drawing(url="https://a.example/?Signature=s", revised=None, request_id=None)
    assert await workshop.generations.keep_picture(job, 0, link)
    await workshop.database.fetch("UPDATE generation SET settled = 1")
    async with runner_of(workshop, lock) as runner:
        assert await runner.recover() == 0
    assert (await workshop.generations.pictures(orphan))[0].url == ""


async def test_the_lock_file_is_closed_to_other_users(workshop: Workshop, lock: Path) -> None:
    """Whoever may open it may hold it, and so keep the bot from starting."""
    async with runner_of(workshop, lock):
        assert mode(lock) == 0o600


async def test_recovers_everything_open_and_nothing_settled(workshop: Workshop, lock: Path) -> None:
    """Queued, running, delivering, and refunded without a word: each is brought to its end, oldest first."""
    queued, running, delivering, untold, settled = await accepted(workshop, 1, 2, 3, 4, 5)
    await workshop.generations.claim(running)
    job = await workshop.generations.claim(delivering)
    assert job is not None
    drawing = await workshop.model.draw(job.request, n=0)
    await workshop.generations.keep_picture(job, 0, drawing)
    await workshop.generations.delivering(job, charge=1)
    job = await workshop.generations.claim(untold)
    assert job is not None
    await workshop.generations.refund(job, Reason.SERVICE_BROKEN)
    await workshop.studio.abandon(settled, Reason.UNREACHABLE)

    async with runner_of(workshop, lock, limit=1) as runner:
        assert await runner.recover() == 4
        await runner.drain(grace_s=10)
        assert await runner.recover() == 0
    assert list(workshop.courier.messages) == [queued, running, delivering]
    assert workshop.courier.told == {untold: Reason.SERVICE_BROKEN}
    # The one drawn before the restart was not paid again.
    assert len(workshop.model.drawn) == 3


async def test_draining_lets_what_runs_finish(workshop: Workshop, lock: Path) -> None:
    """Inside the grace a generation ends as if nothing was stopping, the ones waiting for a slot included."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, 1, 2)
    async with runner_of(workshop, lock, limit=1) as runner:
        for one in ids:
            runner.start(one)
        await under_way(workshop)
        draining = asyncio.create_task(runner.drain(grace_s=10))
        await asyncio.sleep(0)
        assert not draining.done()
        workshop.model.gate.set()
        await draining
        assert await states(workshop) == ["delivered", "delivered"]


async def test_what_outlasts_the_grace_is_run_by_the_next_start(workshop: Workshop, lock: Path) -> None:
    """It is cut, stays open and charged, and the person gets the picture after the restart."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, 1, 2)
    async with runner_of(workshop, lock, limit=1) as runner:
        for one in ids:
            runner.start(one)
        await under_way(workshop)
        await runner.drain(grace_s=0.01)
        assert await states(workshop) == ["running", "queued"]
        assert [(await workshop.row(one))["charged"] for one in ids] == [1, 1]
        assert workshop.courier.tried == []

    workshop.model.gate.set()
    async with runner_of(workshop, lock) as runner:
        assert await runner.recover() == 2
        await runner.drain(grace_s=10)
    assert list(workshop.courier.messages) == ids
    assert workshop.courier.told == {}


async def test_leaving_cuts_what_still_runs(workshop: Workshop, lock: Path) -> None:
    """No task outlives the runner, also one that was started after the draining."""
    workshop.model.gate = asyncio.Event()
    [one] = await accepted(workshop, 1)
    async with runner_of(workshop, lock) as runner:
        await runner.drain(grace_s=0)
        runner.start(one)
        await under_way(workshop)
    assert workshop.model.inside == 0
    assert await workshop.generations.open_ids() == [one]


async def test_a_second_runner_is_refused_until_the_first_has_gone(workshop: Workshop, lock: Path) -> None:
    """The operator is told which file is held; afterwards the next one may run."""
    async with runner_of(workshop, lock):
        with pytest.raises(DatabaseInUse, match=r"bot\.db\.lock"):
            await runner_of(workshop, lock).__aenter__()
    async with runner_of(workshop, lock):
        pass


async def test_a_killed_process_holds_nothing(workshop: Workshop, lock: Path) -> None:
    """Another process is refused while the first lives, and taken once that was killed, however hard."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(lock), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseInUse):
            await runner_of(workshop, lock).__aenter__()
    finally:
        process.kill()
        await process.communicate()
    async with runner_of(workshop, lock):
        pass


class FailingDatabase:
    """Fails the next `failures` statements before they take effect."""

    def __init__(self, database: Database, *, failures: int) -> None:
        self._database = database
        self.failures = failures

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        if self.failures:
            self.failures -= 1
            raise DatabaseFailed("database is locked")
        return await self._database.fetch(sql, **params)


async def test_a_database_that_fails_is_tried_again(workshop: Workshop, lock: Path) -> None:
    """The row is as it was, so it is run again after a pause, and nobody else's generation is harmed."""
    ids = await accepted(workshop, 1, 2)
    database = FailingDatabase(workshop.database, failures=3)
    generations = Generations(database)
    studio = Studio(
        generations=generations,
        throttle=workshop.throttle,
        quotas=workshop.quotas,
        model=workshop.model,
        couriers={"discord": workshop.courier},
        clock=workshop.clock,
        backoff=Backoff(),
    )
    runner = LocalRunner(studio=studio, generations=generations, clock=workshop.clock, limit=2, lock=lock)
    async with runner:
        for one in ids:
            runner.start(one)
        await runner.drain(grace_s=10)
    assert await states(workshop) == ["delivered", "delivered"]
    assert len([pause for pause in workshop.clock.sleeps if pause == 5.0]) == 3


async def test_a_defect_in_one_generation_harms_no_other(workshop: Workshop, lock: Path) -> None:
    """It is refunded and told; the others are drawn, and the runner goes on."""
    broken, fine = await accepted(workshop, 1, 2)
    workshop.model.draws.extend([ZeroDivisionError("a defect"), None])
    async with runner_of(workshop, lock, limit=1) as runner:
        runner.start(broken)
        runner.start(fine)
        await runner.drain(grace_s=10)
    assert workshop.courier.told == {broken: Reason.INTERNAL}
    assert list(workshop.courier.messages) == [fine]


async def test_one_platforms_wait_does_not_keep_the_other_waiting(workshop: Workshop, lock: Path) -> None:
    """With one slot and a Discord that does not answer, a generation of Slack runs all the same."""
    started: list[str] = []
    never, slack = asyncio.Event(), asyncio.Event()

    class Stuck(Studio):
        async def run(self, id: GenerationId) -> None:
            started.append(id)
            await (never.wait() if id.startswith("discord") else asyncio.sleep(0))
            slack.set()

    stuck = Stuck(
        generations=workshop.generations,
        throttle=workshop.throttle,
        quotas=workshop.quotas,
        model=workshop.model,
        couriers={},
        clock=workshop.clock,
        backoff=Backoff(),
    )
    runner = LocalRunner(studio=stuck, generations=workshop.generations, clock=workshop.clock, limit=1, lock=lock)
    async with runner:
        for one in ("discord:1", "discord:2", "slack:T:1"):
            runner.start(GenerationId(one))
        async with asyncio.timeout(5):
            await slack.wait()
        assert started == ["discord:1", "slack:T:1"]
