"""The runner of one machine: people take turns, nothing is lost over a restart, and it is alone on its database."""

import asyncio
import stat
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import ACCOUNT, FakeCourier, Workshop, open_workshop, order, studio_of
from stores import begin
from structlog.testing import capture_logs

from bot.backoff import Backoff
from bot.errors import DatabaseFailed, DatabaseInUse
from bot.model import Account, Drawing, GenerationId, Reason
from bot.runners.local import LocalRunner
from bot.store import Generations
from bot.store.database import Database, Row

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


def runner_of(workshop: Workshop, lock: Path) -> LocalRunner:
    return LocalRunner(studio=workshop.studio, generations=workshop.generations, clock=workshop.clock, lock=lock)


async def until(holds: Callable[[], object]) -> None:
    """Return once `holds()`: what a fake keeps announces itself to nobody."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nothing to wait for but the fake
            await asyncio.sleep(0)


async def settled(workshop: Workshop) -> None:
    """Return once every command has come to its end."""
    async with asyncio.timeout(10):
        while await workshop.generations.open_ids():
            pass


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


async def test_holds_no_more_pictures_than_its_hands(tmp_path: Path, lock: Path) -> None:
    """However many are drawn, two are in memory at once; and what could not be taken in hand is not drawn at all."""
    async with open_workshop(tmp_path, per_minute=6000, hands=2) as workshop:
        workshop.model.fetch_gate = asyncio.Event()
        ids = await accepted(workshop, *range(1, 13))
        async with runner_of(workshop, lock) as runner:
            for one in ids:
                runner.start(one, ACCOUNT)
            await until(lambda: workshop.model.fetching == 2)
            for _ in range(200):
                await workshop.generations.open_ids()
            assert workshop.model.fetching == 2
            assert len(workshop.model.drawn) < 8
            assert (await states(workshop)).count("queued") > 4
            workshop.model.fetch_gate.set()
            await settled(workshop)
        assert workshop.model.most_fetching == 2
        assert await states(workshop) == ["delivered"] * 12


async def test_a_long_back_off_keeps_nobody_waiting(tmp_path: Path, lock: Path) -> None:
    """A picture that the service is slow with holds no hand: with a single one the others are delivered."""
    async with open_workshop(tmp_path, per_minute=6000, hands=1) as workshop:
        slow, *others = await accepted(workshop, *range(1, 5))
        held = workshop.model.gate = asyncio.Event()
        async with runner_of(workshop, lock) as runner:
            runner.start(slow, ACCOUNT)
            await under_way(workshop)
            workshop.model.gate = None
            for one in others:
                runner.start(one, ACCOUNT)
            await until(lambda: len(workshop.courier.messages) == 3)
            assert list(workshop.courier.messages) == others
            held.set()
            await settled(workshop)


async def test_people_take_turns(workshop: Workshop, lock: Path) -> None:
    """Somebody with fifty commands delays the others by one call a round, also those who come later."""
    heavy = [(await workshop.accept(order(number))).id for number in range(1, 16)]
    light = [
        (await workshop.accept(order(100 + number, account=Account(f"discord:1:{number}")))).id
        for number in range(10, 15)
    ]
    async with runner_of(workshop, lock) as runner:
        for one in heavy:
            runner.start(one, ACCOUNT)
        await under_way(workshop, 3)
        for number, one in enumerate(light, start=10):
            runner.start(one, Account(f"discord:1:{number}"))
        await settled(workshop)
    ended = list(workshop.courier.messages)
    # Five light people beside one heavy: whoever is new is served within one round of what is already in front.
    assert max(ended.index(one) for one in light) <= 5 + 6 + 2
    assert [one for one in ended if one in heavy] == heavy


async def test_what_waits_is_no_task(workshop: Workshop, lock: Path) -> None:
    """A thousand commands in the queue are a thousand ids: two of them wait for their call."""
    workshop.model.gate = asyncio.Event()
    before = len(asyncio.all_tasks())
    async with runner_of(workshop, lock) as runner:
        for number in range(1000):
            runner.start(GenerationId(f"discord:{number}"), Account(f"discord:1:{number % 20}"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) - before < 10


async def test_starting_twice_runs_once(workshop: Workshop, lock: Path) -> None:
    """A second start while the first runs, and a third after its end, change nothing."""
    [one] = await accepted(workshop, 1)
    async with runner_of(workshop, lock) as runner:
        runner.start(one, ACCOUNT)
        runner.start(one, ACCOUNT)
        await settled(workshop)
        runner.start(one, ACCOUNT)
        await runner.drain(grace_s=10)
    assert workshop.model.drawn == [0]
    assert len(workshop.courier.delivered) == 1
    assert (await workshop.row(one))["attempt"] == 1


async def test_a_start_wipes_links_that_a_crash_left_on_settled_rows(workshop: Workshop, lock: Path) -> None:
    """The process died after settling and before wiping: the next one makes up for it."""
    [orphan] = await accepted(workshop, 1)
    job = await begin(workshop.generations, orphan)
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
    """Queued, running, delivering, and refunded without a word: each is brought to its end."""
    queued, running, delivering, untold, ended = await accepted(workshop, 1, 2, 3, 4, 5)
    await begin(workshop.generations, running)
    job = await begin(workshop.generations, delivering)
    assert job is not None
    drawing = await workshop.model.draw(job.request, n=0)
    await workshop.generations.keep_picture(job, 0, drawing)
    await workshop.generations.delivering(job, charge=1)
    job = await begin(workshop.generations, untold)
    assert job is not None
    await workshop.generations.refund(job, Reason.SERVICE_BROKEN)
    await workshop.studio.abandon(ended, Reason.UNREACHABLE)

    async with runner_of(workshop, lock) as runner:
        assert await runner.recover() == 4
        await settled(workshop)
        assert await runner.recover() == 0
    assert set(workshop.courier.messages) == {queued, running, delivering}
    assert workshop.courier.told == {untold: Reason.SERVICE_BROKEN}
    # The one drawn before the restart was not paid again.
    assert len(workshop.model.drawn) == 3


async def test_draining_lets_what_runs_finish(workshop: Workshop, lock: Path) -> None:
    """Inside the grace a generation ends as if nothing was stopping; what waits in the queue is not begun."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, *range(1, 9))
    async with runner_of(workshop, lock) as runner:
        for one in ids[:2]:
            runner.start(one, ACCOUNT)
        await under_way(workshop, 2)
        for one in ids[2:]:
            runner.start(one, ACCOUNT)
        draining = asyncio.create_task(runner.drain(grace_s=10))
        await asyncio.sleep(0)
        assert not draining.done()
        workshop.model.gate.set()
        await draining
        assert (await states(workshop))[:2] == ["delivered"] * 2
        # Two at most were in front already.
        assert (await states(workshop))[4:] == ["queued"] * 4


async def test_what_outlasts_the_grace_is_run_by_the_next_start(workshop: Workshop, lock: Path) -> None:
    """It is cut, stays open and charged, and the person gets the picture after the restart."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, 1, 2)
    async with runner_of(workshop, lock) as runner:
        for one in ids:
            runner.start(one, ACCOUNT)
        await under_way(workshop, 2)
        await runner.drain(grace_s=0.01)
        assert await states(workshop) == ["running", "running"]
        assert [(await workshop.row(one))["charged"] for one in ids] == [1, 1]
        assert workshop.courier.tried == []

    workshop.model.gate.set()
    async with runner_of(workshop, lock) as runner:
        assert await runner.recover() == 2
        await settled(workshop)
    assert list(workshop.courier.messages) == ids
    assert workshop.courier.told == {}


async def test_leaving_cuts_what_still_runs(workshop: Workshop, lock: Path) -> None:
    """No task outlives the runner."""
    workshop.model.gate = asyncio.Event()
    [one] = await accepted(workshop, 1)
    async with runner_of(workshop, lock) as runner:
        runner.start(one, ACCOUNT)
        await under_way(workshop)
    assert workshop.model.inside == 0
    assert list(await workshop.generations.open_ids()) == [one]


async def test_what_comes_after_the_draining_waits_for_the_next_start(workshop: Workshop, lock: Path) -> None:
    """A command that was answered at the last moment is not begun, and not lost."""
    [one] = await accepted(workshop, 1)
    async with runner_of(workshop, lock) as runner:
        await runner.drain(grace_s=0)
        runner.start(one, ACCOUNT)
        await runner.drain(grace_s=10)
    assert await states(workshop) == ["queued"]
    async with runner_of(workshop, lock) as runner:
        await runner.recover()
        await settled(workshop)
    assert list(workshop.courier.messages) == [one]


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
    """Fails the next `failures` statements before they take effect; `failed` holds the generations they were for."""

    def __init__(self, database: Database, *, failures: int) -> None:
        self._database = database
        self.failures = failures
        self.failed: list[GenerationId] = []

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        if self.failures:
            self.failures -= 1
            self.failed.append(params["id"])
            raise DatabaseFailed("database is locked")
        return await self._database.fetch(sql, **params)


def failing_runner(workshop: Workshop, lock: Path, database: FailingDatabase) -> LocalRunner:
    generations = Generations(database)
    studio = studio_of(
        generations=generations,
        throttle=workshop.throttle,
        quotas=workshop.quotas,
        house=workshop.house,
        model=workshop.model,
        couriers={"discord": workshop.courier},
        clock=workshop.clock,
        backoff=Backoff(),
    )
    return LocalRunner(studio=studio, generations=generations, clock=workshop.clock, lock=lock)


async def test_a_database_that_fails_is_tried_again(workshop: Workshop, lock: Path) -> None:
    """The row is as it was, so it is run again after a pause, and nobody else's generation is harmed."""
    ids = await accepted(workshop, 1, 2)
    async with failing_runner(workshop, lock, FailingDatabase(workshop.database, failures=3)) as runner:
        for one in ids:
            runner.start(one, ACCOUNT)
        await settled(workshop)
    assert await states(workshop) == ["delivered", "delivered"]
    assert len([pause for pause in workshop.clock.sleeps if pause == 5.0]) == 3


async def test_while_the_database_fails_the_queue_stays_a_queue(workshop: Workshop, lock: Path) -> None:
    """Those in front try again, in one line of the log each after the first; whoever waits goes on waiting."""
    ids = await accepted(workshop, *range(1, 13))
    database = FailingDatabase(workshop.database, failures=40)
    with capture_logs() as logs:
        async with failing_runner(workshop, lock, database) as runner:
            for one in ids:
                runner.start(one, ACCOUNT)
            await settled(workshop)
    assert set(database.failed) == set(ids[:2])
    failures = [entry for entry in logs if entry["event"] == "run failed"]
    assert len(failures) == 40
    assert [entry["generation"] for entry in failures if entry["exc_info"]] == ids[:2]
    assert await states(workshop) == ["delivered"] * 12


async def test_a_defect_in_one_generation_harms_no_other(workshop: Workshop, lock: Path) -> None:
    """It is refunded and told; the others are drawn, and the runner goes on."""
    broken, fine = await accepted(workshop, 1, 2)
    workshop.model.draws.extend([ZeroDivisionError("a defect"), None])
    async with runner_of(workshop, lock) as runner:
        runner.start(broken, ACCOUNT)
        runner.start(fine, ACCOUNT)
        await settled(workshop)
    assert workshop.courier.told == {broken: Reason.INTERNAL}
    assert list(workshop.courier.messages) == [fine]


async def test_one_platforms_wait_does_not_keep_the_other_waiting(tmp_path: Path, lock: Path) -> None:
    """With one hand and a Discord that does not answer, a generation of Slack is delivered all the same."""
    never = asyncio.Event()
    async with open_workshop(tmp_path, per_minute=6000, hands=1) as workshop:
        workshop.courier.meanwhile = never.wait
        slack = FakeCourier()
        studio = studio_of(
            generations=workshop.generations,
            throttle=workshop.throttle,
            quotas=workshop.quotas,
            house=workshop.house,
            model=workshop.model,
            couriers={"discord": workshop.courier, "slack": slack},
            clock=workshop.clock,
            backoff=Backoff(),
            hands=1,
        )
        ids = await accepted(workshop, *range(1, 5))
        other = await workshop.accept(replace(order(9), id=GenerationId("slack:T:1")))
        runner = LocalRunner(studio=studio, generations=workshop.generations, clock=workshop.clock, lock=lock)
        async with runner:
            for one in (*ids, other.id):
                runner.start(one, ACCOUNT)
            await until(lambda: slack.messages)
        assert not workshop.courier.messages


async def test_knows_who_is_served_before_whom(workshop: Workshop, lock: Path) -> None:
    """What waits on the other platform takes turns with it; what is in front already waits for nobody."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, *range(1, 6))
    other = Account("discord:1:9")
    async with runner_of(workshop, lock) as runner:
        assert runner.ahead("discord", ACCOUNT) == 0
        # Nothing is fed before this task pauses.
        for one in ids:
            runner.start(one, ACCOUNT)
        assert [runner.ahead("discord", ACCOUNT, id=one) for one in ids] == [0, 1, 2, 3, 4]
        assert (runner.ahead("discord", ACCOUNT), runner.ahead("discord", other)) == (5, 1)
        assert runner.ahead("discord", other, id=GenerationId("discord:unknown")) == 1
        for number in range(3):
            runner.start(GenerationId(f"slack:T:{number}"), Account("slack:T:U"))
        assert [runner.ahead("discord", ACCOUNT, id=one) for one in ids] == [0, 2, 4, 6, 7]
        assert runner.waiting() == {"discord": ids, "slack": [f"slack:T:{number}" for number in range(3)]}
        await under_way(workshop, 2)
        assert [runner.ahead("discord", ACCOUNT, id=one) for one in ids[:2]] == [0, 0]


async def test_whose_call_is_about_to_leave_is_ahead_of_those_behind(
    workshop: Workshop, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are no ids in a queue any more, and their calls leave first all the same."""
    ids = await accepted(workshop, *range(1, 5))
    waits = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(workshop.clock, "sleep", sleep)
    async with runner_of(workshop, lock) as runner:
        for one in ids:
            runner.start(one, ACCOUNT)
        async with asyncio.timeout(10):
            await waits.wait()
        assert runner.waiting() == {"discord": ids}
        assert [runner.ahead("discord", ACCOUNT, id=one) for one in ids] == [0, 1, 2, 3]
        assert runner.ahead("discord", ACCOUNT) == 4


async def test_what_is_withdrawn_is_never_run(workshop: Workshop, lock: Path) -> None:
    """Its row is left as it is, its place is free, and those behind it move up."""
    workshop.model.gate = asyncio.Event()
    ids = await accepted(workshop, *range(1, 9))
    async with runner_of(workshop, lock) as runner:
        for one in ids:
            runner.start(one, ACCOUNT)
        await under_way(workshop, 2)
        last = runner.waiting()["discord"][-1]
        for one in (last, last, GenerationId("slack:T:unknown")):
            runner.withdraw(one)
        assert last not in runner.waiting()["discord"]
        workshop.model.gate.set()
        await until(lambda: len(workshop.courier.messages) == 7)
    assert list(await workshop.generations.open_ids()) == [last]
    assert (await workshop.row(last))["attempt"] == 0


async def test_a_queue_that_is_called_off_while_its_turn_comes_ends(tmp_path: Path, lock: Path) -> None:
    """The last that waits is withdrawn while a hand is waited for: its place in front is given on, not lost."""
    async with open_workshop(tmp_path, per_minute=6000, hands=1) as workshop:
        held = workshop.model.fetch_gate = asyncio.Event()
        ids = await accepted(workshop, *range(1, 12))
        async with runner_of(workshop, lock) as runner:
            for _ in range(4):
                one, two, *_ = ids
                del ids[:2]
                runner.start(one, ACCOUNT)
                await until(lambda: workshop.model.fetching == 1)
                runner.start(two, ACCOUNT)
                for _ in range(20):
                    await asyncio.sleep(0)
                runner.withdraw(two)
                held.set()
                await until(lambda: not runner._feeding)  # noqa: SLF001
                assert one in workshop.courier.messages
                held = workshop.model.fetch_gate = asyncio.Event()
            held.set()
            for one in ids:
                runner.start(one, ACCOUNT)
            await until(lambda: set(ids) <= set(workshop.courier.messages))


async def test_what_was_called_off_holds_nobody_up(
    workshop: Workshop, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that waits for its call ends at once: the next one leaves in its place, and a shutdown waits for none."""
    one, two = await accepted(workshop, 1, 2)
    waits = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    async with runner_of(workshop, lock) as runner:
        with monkeypatch.context() as patched:
            patched.setattr(workshop.clock, "sleep", sleep)
            runner.start(one, ACCOUNT)
            async with asyncio.timeout(10):
                await waits.wait()
        assert await workshop.studio.cancel(one) is not None
        runner.withdraw(one)
        runner.start(two, ACCOUNT)
        await until(lambda: workshop.courier.messages)
        async with asyncio.timeout(10):
            await runner.drain(grace_s=600)
    assert list(workshop.courier.messages) == [two]
    assert workshop.courier.told == {}
