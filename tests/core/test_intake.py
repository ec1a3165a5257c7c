"""Taking a command in: charged once or not at all, inside the platform's patience, whatever the database does."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from fakes import ACCOUNT, SPACE, Workshop, open_workshop, order, studio_of

from bot.backoff import Backoff
from bot.errors import DatabaseFailed
from bot.intake import Intake
from bot.model import (
    Accepted,
    Account,
    Balance,
    Bound,
    Closing,
    DatabaseDown,
    DatabaseSlow,
    Duplicate,
    Generation,
    GenerationId,
    Limits,
    Order,
    Outcome,
    QuotaSpent,
    Reason,
    Space,
    TooManyQueued,
)
from bot.policy import Member, Policy, Prices
from bot.quotas import Quotas
from bot.rules import Change, Kind, Subject
from bot.store import Generations, Rules
from bot.studio import Studio
from bot.windows import Window


class SlowGenerations(Generations):
    """Keeps callers waiting before or after the accepting statement until `gate` opens; then it may fail."""

    def __init__(self, workshop: Workshop, *, after_commit: bool = False, error: Exception | None = None) -> None:
        super().__init__(workshop.database)
        self.waiting = asyncio.Event()
        self.gate = asyncio.Event()
        self._after_commit = after_commit
        self._error = error

    async def accept(self, order: Order, *, limits: Limits, price: int, now_ms: int, deadline_ms: int) -> bool:
        if not self._after_commit:
            await self._wait()
        accepted = await super().accept(order, limits=limits, price=price, now_ms=now_ms, deadline_ms=deadline_ms)
        if self._after_commit:
            await self._wait()
        return accepted

    async def _wait(self) -> None:
        self.waiting.set()
        await self.gate.wait()
        if self._error is not None:
            raise self._error


class UnreadableQuotas(Quotas):
    """Cannot say what is left."""

    async def balance(self, member: Member, limits: Limits | None = None) -> Balance:
        raise sqlite3.OperationalError(f"disk I/O error: {member} {limits}")


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, own=5) as workshop:
        yield workshop


def intake_of(workshop: Workshop, generations: Generations | None = None, *, patience_s: float = 10.0) -> Intake:
    return Intake(
        generations=generations or workshop.generations,
        quotas=workshop.quotas,
        studio=workshop.studio,
        clock=workshop.clock,
        deadline_s=1800,
        patience_s=patience_s,
    )


async def used(workshop: Workshop, account: Account = ACCOUNT, space: Space | None = SPACE) -> int:
    return (await workshop.quotas.balance(Member(account=account, space=space))).used


async def test_accepts_and_charges(workshop: Workshop) -> None:
    """The row is committed with its price and its deadline, and the answer says what is left."""
    outcome = await intake_of(workshop).accept(order(count=2))
    assert isinstance(outcome, Accepted)
    assert (outcome.id, outcome.price) == (order().id, 2)
    assert (outcome.balance.limit, outcome.balance.used, outcome.balance.left) == (5, 2, 3)
    row = await workshop.row(outcome.id)
    assert (row["state"], row["asked"], row["charged"], row["settled"]) == ("queued", 2, 2, None)
    assert row["deadline"] - row["created"] == 1_800_000


async def test_accepting_draws_nothing(workshop: Workshop) -> None:
    """Neither the service nor the platform hears of it before the runner is told."""
    await intake_of(workshop).accept(order())
    assert (workshop.model.called_ms, workshop.courier.tried) == ([], [])


async def test_the_same_command_again_is_a_duplicate(workshop: Workshop) -> None:
    """It is charged once, also where the platform sends it many times at once."""
    intake = intake_of(workshop)
    outcomes = await asyncio.gather(*(intake.accept(order()) for _ in range(10)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Accepted", *["Duplicate"] * 9]
    assert await used(workshop) == 1


async def test_a_duplicate_is_one_whatever_the_quota_says(workshop: Workshop) -> None:
    """A command that spent the last credits is no reason to refuse its second copy out loud."""
    intake = intake_of(workshop)
    assert isinstance(await intake.accept(order(count=5)), Accepted)
    assert await intake.accept(order(count=5)) == Duplicate()


async def test_refuses_what_the_quota_has_no_room_for(workshop: Workshop) -> None:
    """Nothing is charged and no row is made; the refusal names the limit and what is left."""
    intake = intake_of(workshop)
    await intake.accept(order(1, count=3))
    outcome = await intake.accept(order(2, count=3))
    assert isinstance(outcome, QuotaSpent)
    assert (outcome.bound, outcome.price, outcome.left) == (Bound.OWN, 3, 2)
    assert outcome.returns_ms is not None
    assert await used(workshop) == 3
    assert list(await workshop.generations.open_ids()) == [order(1).id]


async def test_refuses_whoever_has_too_many_open(tmp_path: Path) -> None:
    """Nothing is charged, and the person learns how many are still being drawn; others are taken."""
    async with open_workshop(tmp_path / "queue", own=5, queued=2) as workshop:
        intake = intake_of(workshop)
        for number in (1, 2):
            assert isinstance(await intake.accept(order(number)), Accepted)
        assert await intake.accept(order(3)) == TooManyQueued(limit=2)
        assert await intake.accept(order(2)) == Duplicate()
        assert isinstance(await intake.accept(order(4, count=4)), QuotaSpent)
        assert isinstance(await intake.accept(order(5, account=Account("discord:1:3"))), Accepted)
        assert await used(workshop) == 2
        await workshop.studio.run(order(1).id)
        assert isinstance(await intake.accept(order(6)), Accepted)


class RefundedMeanwhile(Generations):
    """Refuses an accept, and then gives back what stood in its way."""

    def __init__(self, workshop: Workshop, blocking: GenerationId) -> None:
        super().__init__(workshop.database)
        self._studio = workshop.studio
        self._blocking = blocking

    async def accept(self, order: Order, *, limits: Limits, price: int, now_ms: int, deadline_ms: int) -> bool:
        accepted = await super().accept(order, limits=limits, price=price, now_ms=now_ms, deadline_ms=deadline_ms)
        await self._studio.abandon(self._blocking, Reason.UNREACHABLE)
        return accepted


async def test_takes_what_a_refund_has_made_room_for(workshop: Workshop) -> None:
    """Nobody is refused for a lack of credits that no reading of the balance shows."""
    blocking = await workshop.accept(order(1, count=5))
    outcome = await intake_of(workshop, RefundedMeanwhile(workshop, blocking.id)).accept(order(2))
    assert isinstance(outcome, Accepted)
    assert (outcome.balance.used, await used(workshop)) == (1, 1)


async def test_no_storm_of_commands_exceeds_the_limit(workshop: Workshop) -> None:
    """Forty at once for five credits: five are taken."""
    intake = intake_of(workshop)
    outcomes = await asyncio.gather(*(intake.accept(order(number)) for number in range(40)))
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, QuotaSpent) for outcome in outcomes) == 35
    assert await used(workshop) == 5


async def late(workshop: Workshop, generations: SlowGenerations, placed: Order) -> Outcome:
    """An accept that was given up, and whose statement then ran after all."""
    intake = intake_of(workshop, generations, patience_s=0.01)
    outcome = await intake.accept(placed)
    generations.gate.set()
    await intake.close()
    return outcome


@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_late_commit_is_refunded_at_once(workshop: Workshop, *, after_commit: bool) -> None:
    """The person was told that nothing was charged, and so it is; nobody is told twice, nothing is drawn."""
    outcome = await late(workshop, SlowGenerations(workshop, after_commit=after_commit), order())
    assert outcome == DatabaseSlow()
    row = await workshop.row(order().id)
    assert (row["state"], row["charged"], row["reason"]) == ("refunded", 0, "database_slow")
    assert (row["settled"], row["address"]) == (workshop.clock.now_ms(), None)
    assert (workshop.courier.tried, workshop.model.called_ms) == ([], [])
    await workshop.studio.run(order().id)
    assert workshop.model.called_ms == []


async def test_nobody_waits_longer_than_the_patience(workshop: Workshop) -> None:
    """The answer comes while the statement is still under way, and a row is seen only afterwards."""
    generations = SlowGenerations(workshop)
    intake = intake_of(workshop, generations, patience_s=0.01)
    async with asyncio.timeout(5):
        assert await intake.accept(order()) == DatabaseSlow()
    assert list(await workshop.generations.open_ids()) == []
    generations.gate.set()
    await intake.close()


async def test_a_late_refusal_leaves_nothing_behind(workshop: Workshop) -> None:
    """No row is made where the quota had no room in the end."""
    outcome = await late(workshop, SlowGenerations(workshop), order(count=6))
    assert outcome == DatabaseSlow()
    assert await workshop.database.fetch("SELECT id FROM generation") == []


async def test_a_late_duplicate_does_not_undo_the_first(workshop: Workshop) -> None:
    """The second copy of a command came too late: the first one is drawn all the same."""
    await intake_of(workshop).accept(order())
    outcome = await late(workshop, SlowGenerations(workshop), order())
    assert outcome == DatabaseSlow()
    assert await used(workshop) == 1
    await workshop.studio.run(order().id)
    assert list(workshop.courier.messages) == [order().id]


@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_cancelled_caller_leaves_no_charge(workshop: Workshop, *, after_commit: bool) -> None:
    """Nobody is left to run it, so what was or will be charged comes back."""
    generations = SlowGenerations(workshop, after_commit=after_commit)
    intake = intake_of(workshop, generations)
    calling = asyncio.create_task(intake.accept(order()))
    await generations.waiting.wait()
    assert await used(workshop) == int(after_commit)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    generations.gate.set()
    await intake.close()
    assert (await workshop.row(order().id))["state"] == "refunded"
    assert await used(workshop) == 0


async def test_takes_nothing_once_it_is_closing(workshop: Workshop) -> None:
    """The person is told to try again later, and the database is not even asked."""
    intake = intake_of(workshop)
    await intake.close()
    assert await intake.accept(order()) == Closing()
    assert await workshop.database.fetch("SELECT id FROM generation") == []


async def test_closing_sees_the_late_ones_through(workshop: Workshop) -> None:
    """It does not return while a commit may still land that has to be given back."""
    generations = SlowGenerations(workshop)
    intake = intake_of(workshop, generations, patience_s=0.01)
    for number in range(3):
        assert await intake.accept(order(number)) == DatabaseSlow()
    closing = asyncio.create_task(intake.close())
    done, _ = await asyncio.wait({closing}, timeout=0.01)
    assert not done
    generations.gate.set()
    await closing
    rows = await workshop.database.fetch("SELECT state FROM generation")
    assert [row["state"] for row in rows] == ["refunded"] * 3


async def test_closing_waits_for_what_is_being_decided(workshop: Workshop) -> None:
    """A command that came just before: it may run out of patience only afterwards, and then has to be given back."""
    generations = SlowGenerations(workshop)
    intake = intake_of(workshop, generations, patience_s=0.05)
    accepting = asyncio.create_task(intake.accept(order()))
    await generations.waiting.wait()
    closing = asyncio.create_task(intake.close())
    assert await accepting == DatabaseSlow()
    assert not closing.done()
    generations.gate.set()
    await closing
    assert (await workshop.row(order().id))["state"] == "refunded"


async def test_a_database_that_fails_in_time_is_heard_of(workshop: Workshop) -> None:
    """The handler learns it, and answers with a reference."""
    generations = SlowGenerations(workshop, error=sqlite3.OperationalError("disk I/O error"))
    generations.gate.set()
    with pytest.raises(sqlite3.OperationalError):
        await intake_of(workshop, generations).accept(order())


async def test_a_database_that_is_down_is_said_politely(workshop: Workshop) -> None:
    """The person reads that nothing was charged, which is true: the statement took no effect."""
    generations = SlowGenerations(workshop, error=DatabaseFailed("database or disk is full"))
    generations.gate.set()
    assert await intake_of(workshop, generations).accept(order()) == DatabaseDown()
    assert await used(workshop) == 0


class FullDisk(Generations):
    """Takes commands, and then fails `failures` claims."""

    def __init__(self, workshop: Workshop, *, failures: int) -> None:
        super().__init__(workshop.database)
        self.failures = failures

    async def claim(self, id: GenerationId) -> Generation | None:
        if self.failures:
            self.failures -= 1
            raise DatabaseFailed("database or disk is full")
        return await super().claim(id)


def studio_on(workshop: Workshop, generations: Generations) -> Studio:
    return studio_of(
        generations=generations,
        throttle=workshop.throttle,
        quotas=workshop.quotas,
        house=workshop.house,
        model=workshop.model,
        couriers={"discord": workshop.courier},
        clock=workshop.clock,
        backoff=Backoff(),
    )


async def until(holds: Callable[[], object]) -> None:
    """Return once `holds()`: what a fake keeps announces itself to nobody."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nothing to wait for but the fake
            await asyncio.sleep(0)


async def test_a_command_that_is_given_back_comes_back_once_the_database_is_well(workshop: Workshop) -> None:
    """Its person could not be answered: it is refunded and never drawn, however often that fails at first."""
    studio = studio_on(workshop, FullDisk(workshop, failures=3))
    intake = Intake(
        generations=workshop.generations, quotas=workshop.quotas, studio=studio, clock=workshop.clock, deadline_s=1800
    )
    assert isinstance(await intake.accept(order()), Accepted)
    intake.give_back(order().id, Reason.UNREACHABLE)
    await until(lambda: len(workshop.clock.sleeps) == 3)
    await intake.close()
    row = await workshop.row(order().id)
    assert (row["state"], row["charged"], row["reason"]) == ("refunded", 0, "unreachable")
    assert row["settled"] is not None
    assert (workshop.courier.tried, workshop.model.called_ms) == ([], [])


async def test_closing_gives_up_what_a_failing_database_does_not_take_back(workshop: Workshop) -> None:
    """It ends all the same; the row stays open, and the next start finds it."""
    studio = studio_on(workshop, FullDisk(workshop, failures=1_000_000))
    intake = Intake(
        generations=workshop.generations, quotas=workshop.quotas, studio=studio, clock=workshop.clock, deadline_s=1800
    )
    assert isinstance(await intake.accept(order()), Accepted)
    intake.give_back(order().id, Reason.UNREACHABLE)
    await until(lambda: workshop.clock.sleeps)
    async with asyncio.timeout(10):
        await intake.close()
    assert list(await workshop.generations.open_ids()) == [order().id]


async def test_what_was_charged_without_an_answer_comes_back_once_the_database_is_well(workshop: Workshop) -> None:
    """Committed, nothing could be read, nor refunded at first: it is tried until it is."""
    studio = studio_on(workshop, FullDisk(workshop, failures=3))
    quotas = UnreadableQuotas(
        generations=workshop.generations,
        rules=Rules(workshop.database),
        policy=Policy(window=Window.parse("day", "UTC"), own=5, space=None, total=None),
        prices=Prices(plain=1, extended=2),
        clock=workshop.clock,
    )
    intake = Intake(
        generations=workshop.generations, quotas=quotas, studio=studio, clock=workshop.clock, deadline_s=1800
    )
    with pytest.raises(sqlite3.OperationalError):
        await intake.accept(order())
    assert workshop.clock.sleeps == [5.0] * 3
    assert await used(workshop) == 0


async def test_a_database_that_fails_late_harms_nobody(workshop: Workshop) -> None:
    """The person has been answered: the log keeps it, and closing does not raise."""
    generations = SlowGenerations(workshop, error=sqlite3.OperationalError("disk I/O error"))
    outcome = await late(workshop, generations, order())
    assert outcome == DatabaseSlow()


async def test_a_charge_without_an_answer_is_given_back(workshop: Workshop) -> None:
    """Committed, but what is left could not be read: the handler says that nothing was drawn, and so it is."""
    quotas = UnreadableQuotas(
        generations=workshop.generations,
        rules=Rules(workshop.database),
        policy=Policy(window=Window.parse("day", "UTC"), own=5, space=None, total=None),
        prices=Prices(plain=1, extended=2),
        clock=workshop.clock,
    )
    intake = Intake(
        generations=workshop.generations, quotas=quotas, studio=workshop.studio, clock=workshop.clock, deadline_s=1800
    )
    with pytest.raises(sqlite3.OperationalError):
        await intake.accept(order())
    assert await used(workshop) == 0
    assert list(await workshop.generations.open_ids()) == []


async def test_the_balance_is_read_in_the_window_of_the_charge(workshop: Workshop) -> None:
    """What is left counts the command itself, to the credit."""
    intake = intake_of(workshop)
    lefts = []
    for number in range(5):
        outcome = await intake.accept(order(number))
        assert isinstance(outcome, Accepted)
        lefts.append(outcome.balance.left)
    assert lefts == [4, 3, 2, 1, 0]


async def test_a_free_picture_is_taken_below_a_pool_that_was_lowered(workshop: Workshop) -> None:
    """A refusal that nothing explains would be tried again until the end of the process."""
    quotas = Quotas(
        generations=workshop.generations,
        rules=Rules(workshop.database),
        policy=Policy(window=Window.parse("day", "UTC"), own=5, space=None, total=None),
        prices=Prices(plain=0, extended=2),
        clock=workshop.clock,
    )
    intake = Intake(
        generations=workshop.generations, quotas=quotas, studio=workshop.studio, clock=workshop.clock, deadline_s=1800
    )
    assert isinstance(await intake.accept(order(1, extend=True)), Accepted)
    pool = Change(space=SPACE, subject=Subject(SPACE), kind=Kind.POOL, value=1)
    assert await Rules(workshop.database).add(pool, id="discord:500", by="discord:9", now_ms=workshop.clock.at_ms)
    assert isinstance(await intake.accept(order(2)), Accepted)
    assert isinstance(await intake.accept(order(3, extend=True)), QuotaSpent)
