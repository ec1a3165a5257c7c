"""Everybody at once: 64 commands over four connections, and no credit is spent twice or lost between them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from fakes import ACCOUNT, MEMBER, SPACE, FakeClock, FakeCourier, FakeModel, order, studio_of

from bot.backoff import Backoff
from bot.house import HouseRules
from bot.intake import Intake
from bot.model import Accepted, Account, Bound, Duplicate, Order, Outcome, QuotaSpent, Reason, Space, TooManyQueued
from bot.policy import Policy, Prices
from bot.quotas import Quotas
from bot.rules import DEPLOYMENT, Change, Kind, Subject
from bot.store import Generations, HouseBook, Rules, Throttle
from bot.store.database import SqliteDatabase, open_sqlite
from bot.studio import Studio
from bot.windows import Window

RACERS = 64
DESKS = 4
PERSON = Subject(ACCOUNT)


class TickingClock(FakeClock):
    """No two looks at it show the same moment."""

    def now_ms(self) -> int:
        self.at_ms += 1
        return self.at_ms


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Takes commands over a connection of its own."""

    database: SqliteDatabase
    rules: Rules
    quotas: Quotas
    studio: Studio
    intake: Intake


@dataclass(frozen=True, kw_only=True)
class Hall:
    """Desks on one file, side by side; whatever is to happen is dealt out among them."""

    clock: FakeClock
    desks: list[Desk]

    async def race(self, orders: Iterable[Order], changes: Iterable[Change] = ()) -> list[Outcome]:
        """Have all `orders` accepted at once, with `changes` spread among them."""
        changing = [self.change(change, number) for number, change in enumerate(changes)]
        placing = [self.desks[number % DESKS].intake.accept(order) for number, order in enumerate(orders)]
        every = len(placing) // max(len(changing), 1)
        tasks: list[asyncio.Task[Any]] = []
        accepting: list[asyncio.Task[Outcome]] = []
        for number, place in enumerate(placing):
            if number % every == 0 and changing:
                tasks.append(asyncio.create_task(changing.pop()))
            accepting.append(asyncio.create_task(place))
        assert not changing
        await asyncio.gather(*tasks, *accepting)
        return [task.result() for task in accepting]

    async def change(self, change: Change, number: int = 0) -> None:
        """An admin makes a rule, over any of the connections."""
        rules = self.desks[number % DESKS].rules
        assert await rules.add(change, id=f"change:{number}", by="discord:1", now_ms=self.clock.now_ms())

    async def charged(self, where: str = "TRUE", **params: object) -> tuple[int, int]:
        """What was charged to the windows' own credits, and to bonus pots."""
        sums = "SELECT TOTAL(charged - bonus) AS own, TOTAL(bonus) AS bonus FROM generation WHERE "
        [row] = await self.desks[0].database.fetch(sums + where, **params)
        return row["own"], row["bonus"]

    async def drain(self, first: int = 1000) -> None:
        """Spend what the person has left, one credit after the other, until nothing is."""
        for number in range(first, first + 200):
            if not isinstance(await self.desks[0].intake.accept(order(number)), Accepted):
                return
        raise AssertionError("the credits never end")


@asynccontextmanager
async def open_hall(
    folder: Path,
    *,
    own: int | None = None,
    space: int | None = None,
    total: int | None = None,
    queued: int | None = None,
    clock: FakeClock | None = None,
) -> AsyncIterator[Hall]:
    """Four desks on a new file."""
    clock = clock or FakeClock()
    policy = Policy(window=Window.parse("day", "UTC"), own=own, space=space, total=total, queued=queued)
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(open_sqlite(folder / "bot.db")) for _ in range(DESKS)]
        yield Hall(clock=clock, desks=[desk_on(database, policy, clock) for database in databases])


def desk_on(database: SqliteDatabase, policy: Policy, clock: FakeClock) -> Desk:
    generations, rules = Generations(database), Rules(database)
    quotas = Quotas(
        generations=generations, rules=rules, policy=policy, prices=Prices(plain=1, extended=2), clock=clock
    )
    studio = studio_of(
        generations=generations,
        throttle=Throttle(database, name="dashscope", per_minute=60),
        quotas=quotas,
        house=HouseRules(book=HouseBook(database), clock=clock),
        model=FakeModel(),
        couriers={"discord": FakeCourier()},
        clock=clock,
        backoff=Backoff(),
    )
    intake = Intake(generations=generations, quotas=quotas, studio=studio, clock=clock, deadline_s=1800, patience_s=50)
    return Desk(database=database, rules=rules, quotas=quotas, studio=studio, intake=intake)


def orders(*, count: int = 1, people: int = 1, spaces: int = 1) -> list[Order]:
    """64 commands of `count` pictures each, by `people` in `spaces`."""
    return [
        replace(
            order(number, count=count, account=ACCOUNT if people == 1 else Account(f"discord:1:{number % people}")),
            space=SPACE if spaces == 1 else Space(f"discord:{number % spaces}"),
        )
        for number in range(RACERS)
    ]


def grant(value: int) -> Change:
    return Change(space=SPACE, subject=PERSON, kind=Kind.GRANT, value=value)


def taken(outcomes: Iterable[Outcome]) -> int:
    return sum(isinstance(outcome, Accepted) for outcome in outcomes)


def bounds(outcomes: Iterable[Outcome]) -> set[Bound]:
    """Which limits refused; nothing else may have."""
    refusals = [outcome for outcome in outcomes if not isinstance(outcome, Accepted)]
    assert all(isinstance(refusal, QuotaSpent) for refusal in refusals), refusals
    return {refusal.bound for refusal in refusals if isinstance(refusal, QuotaSpent)}


async def test_an_account_and_its_pot_are_spent_to_the_credit(tmp_path: Path) -> None:
    """Seven credits and a pot of twelve are nine pictures of two: 7 + 11, and the one that is left pays for none."""
    async with open_hall(tmp_path, own=7) as hall:
        await hall.change(grant(12))
        outcomes = await hall.race(orders(count=2))
        assert taken(outcomes) == 9
        assert bounds(outcomes) == {Bound.OWN}
        assert await hall.charged() == (7, 11)
        balance = await hall.desks[0].quotas.balance(MEMBER)
        assert (balance.own_left, balance.bonus) == (0, 1)


async def test_a_pot_alone_is_spent_to_the_credit(tmp_path: Path) -> None:
    """Who has no credits of the window's own lives on the bonus."""
    async with open_hall(tmp_path, own=0) as hall:
        await hall.change(grant(12))
        outcomes = await hall.race(orders())
        assert taken(outcomes) == 12
        assert await hall.charged() == (0, 12)


async def test_a_pool_is_never_overdrawn(tmp_path: Path) -> None:
    """64 people of one server share ten credits: three pictures of three."""
    async with open_hall(tmp_path, space=10) as hall:
        outcomes = await hall.race(orders(count=3, people=RACERS))
        assert taken(outcomes) == 3
        assert bounds(outcomes) == {Bound.SPACE}
        assert await hall.charged() == (9, 0)


async def test_a_budget_is_never_overdrawn(tmp_path: Path) -> None:
    """64 people of as many servers share the deployment's ten credits."""
    async with open_hall(tmp_path, total=10) as hall:
        outcomes = await hall.race(orders(count=3, people=RACERS, spaces=RACERS))
        assert taken(outcomes) == 3
        assert bounds(outcomes) == {Bound.TOTAL}
        assert await hall.charged() == (9, 0)


async def test_all_limits_hold_together(tmp_path: Path) -> None:
    """Eight people in two servers: whichever limit is met first, none is passed, and no room is left that would do."""
    async with open_hall(tmp_path, own=3, space=10, total=17) as hall:
        outcomes = await hall.race(orders(people=8, spaces=2))
        assert taken(outcomes) == 17
        for space in ("discord:0", "discord:1"):
            assert sum(await hall.charged("space = :space", space=space)) <= 10
        for person in range(8):
            assert sum(await hall.charged("account = :account", account=f"discord:1:{person}")) <= 3


async def test_no_more_commands_are_open_than_allowed(tmp_path: Path) -> None:
    """Four may wait, however many are typed at once."""
    async with open_hall(tmp_path, queued=4) as hall:
        outcomes = await hall.race(orders())
        assert taken(outcomes) == 4
        assert outcomes.count(TooManyQueued(limit=4)) == RACERS - 4


async def test_one_command_sent_64_times_is_charged_once(tmp_path: Path) -> None:
    """One is served, and the others know it, though the limit would have let none of them in."""
    async with open_hall(tmp_path, own=1) as hall:
        outcomes = await hall.race([order()] * RACERS)
        assert taken(outcomes) == 1
        assert outcomes.count(Duplicate()) == RACERS - 1
        assert await hall.charged() == (1, 0)


async def test_grants_that_come_meanwhile_are_spent_once(tmp_path: Path) -> None:
    """Eight admins give while everybody asks: in the end 7 + 12 + 8 credits are spent, not one more or less."""
    async with open_hall(tmp_path, own=7) as hall:
        await hall.change(grant(12), 99)
        outcomes = await hall.race(orders(), [grant(1)] * 8)
        assert 19 <= taken(outcomes) <= 27
        await hall.drain()
        assert await hall.charged() == (7, 20)


async def test_a_reset_that_comes_meanwhile_gives_one_more_window(tmp_path: Path) -> None:
    """Between one reset and the next nobody spends more than the limit, whenever their command was decided."""
    async with open_hall(tmp_path, own=7, clock=TickingClock()) as hall:
        await hall.race(orders(), [Change(space=SPACE, subject=PERSON, kind=Kind.RESET)] * 4)
        resets = await hall.desks[0].database.fetch("SELECT at FROM rule ORDER BY at")
        starts = [0, *(row["at"] for row in resets), 2**62]
        assert len(starts) == 6
        for since, until in pairwise(starts):
            own, bonus = await hall.charged("created >= :since AND created < :until", since=since, until=until)
            assert (own <= 7, bonus) == (True, 0)
        await hall.drain()
        assert await hall.charged("created >= :since", since=starts[-2]) == (7, 0)


async def test_limits_that_change_meanwhile_are_never_passed(tmp_path: Path) -> None:
    """Of all that were ever in force, the highest binds whoever read it last; the newest binds whoever comes next."""
    kinds = ((PERSON, Kind.LIMIT), (Subject(SPACE), Kind.POOL), (DEPLOYMENT, Kind.BUDGET))
    for subject, kind in kinds:
        folder = tmp_path / kind
        folder.mkdir()
        async with open_hall(folder, own=20, space=20, total=20) as hall:
            values = [5, 9, 12, 6, 11, 3, 8, 4]
            changes = [Change(space=SPACE, subject=subject, kind=kind, value=value) for value in values]
            await hall.change(changes[0], 99)
            outcomes = await hall.race(orders(), changes)
            assert 5 <= taken(outcomes) <= max(values)
            spent = taken(outcomes)
            await hall.change(Change(space=SPACE, subject=subject, kind=kind, value=spent), 100)
            assert taken(await hall.race([order(900), order(901)])) == 0
            await hall.change(Change(space=SPACE, subject=subject, kind=kind, value=14), 101)
            await hall.drain()
            assert await hall.charged() == (14, 0)


async def test_what_is_given_back_meanwhile_is_spent_again_and_no_more(tmp_path: Path) -> None:
    """Refunds cross with accepts: every credit comes back once, the bonus into its pot."""
    async with open_hall(tmp_path, own=7) as hall:
        await hall.change(grant(12))
        await hall.drain()
        assert await hall.charged() == (7, 12)
        studios = [desk.studio for desk in hall.desks]
        refunds = [
            studios[number % DESKS].abandon(order(1000 + number).id, Reason.INTERNAL)
            for number in (*range(0, 19, 2), *range(0, 19, 2))
        ]
        outcomes, *_ = await asyncio.gather(hall.race(orders()), *refunds)
        assert taken(outcomes) <= 10
        await hall.drain(2000)
        assert await hall.charged() == (7, 12)
