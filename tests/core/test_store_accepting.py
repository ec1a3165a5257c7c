"""Accepting: one statement that charges if every limit has room, whatever else happens at the same time."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ACCOUNT, SPACE, START_MS, order
from stores import DEADLINE_MS, HOUR_MS, accept, begin, limits, ordered, row_of, total_charged

from bot.model import (
    Account,
    Action,
    Generation,
    GenerationId,
    ImageRequest,
    Limits,
    Order,
    Parent,
    Reason,
    Size,
    Space,
    State,
)
from bot.store import Generations
from bot.store.database import SqliteDatabase, open_sqlite

OTHER = Account("discord:1:3")


async def test_an_accepted_command_is_one_charged_queued_row(
    database: SqliteDatabase, generations: Generations
) -> None:
    """The row is the reservation: the full price, no bonus, nobody's run yet."""
    assert await accept(generations, ordered(1), within=limits(own=5), price=3)
    row = await row_of(database, GenerationId("discord:1"))
    assert {name: row[name] for name in ("account", "space", "asked", "charged", "bonus", "state", "attempt")} == {
        "account": ACCOUNT,
        "space": SPACE,
        "asked": 3,
        "charged": 3,
        "bonus": 0,
        "state": "queued",
        "attempt": 0,
    }
    assert (row["created"], row["deadline"]) == (START_MS, DEADLINE_MS)
    assert (row["settled"], row["reason"], row["result"]) == (None, None, None)


async def test_a_claimed_row_holds_all_that_was_ordered(generations: Generations) -> None:
    """A restart finds the request and the address as they were given, in any script."""
    request = ImageRequest(
        prompt="ein „Fuchs“ \\ 红狐狸 🦊 ' ; -- \"", size=Size(720, 1280), seed=0, extend=True, count=4, private=True
    )
    address = {"token": "t", "guild_id": None, "deep": {"list": [1, "ü"]}}
    assert await accept(generations, replace(ordered(1, space=None), request=request, address=address), price=8)
    assert await generations.claim(GenerationId("discord:1")) == Generation(
        id=GenerationId("discord:1"),
        account=ACCOUNT,
        space=None,
        asked=8,
        charged=8,
        bonus=0,
        state=State.QUEUED,
        attempt=1,
        created_ms=START_MS,
        deadline_ms=DEADLINE_MS,
        reason=None,
        request=request,
        address=address,
    )


@pytest.mark.parametrize(
    ("within", "price", "granted"),
    [
        (limits(own=5), 1, 5),
        (limits(own=5), 2, 2),
        (limits(own=5), 6, 0),
        (limits(own=0), 1, 0),
        (limits(space=5), 1, 5),
        (limits(space=5), 2, 2),
        (limits(total=5), 1, 5),
        (limits(total=5), 2, 2),
        (limits(own=9, space=7, total=5), 2, 2),
        (limits(own=9, space=5, total=7), 2, 2),
        (limits(own=0), 0, 64),
        (limits(queued=5), 1, 5),
        (limits(own=9, queued=5), 3, 3),
        (limits(own=9, queued=5), 1, 5),
        (limits(), 1, 64),
    ],
    ids=lambda value: (
        f"{value.own}-{value.space}-{value.total}-{value.queued}" if isinstance(value, Limits) else str(value)
    ),
)
async def test_64_commands_at_once_are_granted_exactly_what_fits(
    path: Path, within: Limits, price: int, granted: int
) -> None:
    """Over one connection and over four as four processes have them; the sum is read past the store."""
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(open_sqlite(path)) for _ in range(4)]
        taken = await asyncio.gather(
            *(
                accept(Generations(databases[number % 4]), ordered(number), within=within, price=price)
                for number in range(64)
            )
        )
        assert sum(taken) == granted
        assert await total_charged(databases[0]) == granted * price


@pytest.mark.parametrize("within", [limits(space=5), limits(total=5)], ids=["space", "total"])
async def test_a_shared_limit_holds_over_all_its_people(
    database: SqliteDatabase, generations: Generations, within: Limits
) -> None:
    """64 people at once share five credits."""
    people = [Account(f"discord:1:{number}") for number in range(64)]
    orders = [ordered(number, account=person) for number, person in enumerate(people)]
    taken = await asyncio.gather(*(accept(generations, order, within=within) for order in orders))
    assert sum(taken) == 5
    assert await total_charged(database) == 5


async def test_nobody_pays_for_others(generations: Generations) -> None:
    """Each person has a limit of their own, and each space its own pool."""
    for number, (account, space) in enumerate(
        [(ACCOUNT, SPACE), (OTHER, SPACE), (Account("discord:2:2"), Space("discord:2"))]
    ):
        assert await accept(generations, ordered(number, account=account, space=space), within=limits(own=1, space=2))
    assert not await accept(generations, ordered(9), within=limits(own=1))
    assert not await accept(generations, ordered(9, account=Account("discord:1:9")), within=limits(space=2))
    assert await accept(generations, ordered(9, account=OTHER, space=Space("discord:2")), within=limits(space=2))


async def test_no_pool_binds_where_there_is_no_space(generations: Generations) -> None:
    """A direct message counts against no server's pool, whatever its limit says."""
    for number in range(3):
        assert await accept(generations, ordered(number, space=None), within=limits(space=0))


async def test_only_charges_inside_the_window_count(generations: Generations) -> None:
    """The window's first millisecond is inside; what was charged before it is not in any of the sums."""
    for number, created_ms in enumerate([START_MS - 1, START_MS]):
        assert await accept(generations, ordered(number), now_ms=created_ms)
    usage, _ = await generations.usage(ACCOUNT, SPACE, limits(space=9, total=9))
    assert (usage.own, usage.space, usage.total) == (1, 1, 1)
    later = replace(limits(own=2, space=2, total=2), since_ms=START_MS + 1)
    assert not await accept(generations, ordered(8), within=limits(own=1), now_ms=START_MS + HOUR_MS)
    assert await accept(generations, ordered(9), within=later, price=2, now_ms=START_MS + HOUR_MS)


async def test_a_duplicate_is_not_taken_and_changes_nothing(database: SqliteDatabase, generations: Generations) -> None:
    """The platform's second delivery of a command finds the first one's row, however much room there is."""
    first = ordered(1)
    assert await accept(generations, first, price=2)
    before = await row_of(database, first.id)
    assert not await accept(generations, first, price=2)
    other = replace(order(1, account=OTHER, prompt="another prompt"), space=None)
    assert not await accept(generations, other, price=1, now_ms=START_MS + 5)
    assert await row_of(database, first.id) == before
    assert await total_charged(database) == 2


async def test_64_deliveries_of_one_command_are_charged_once(path: Path) -> None:
    """One command, one charge, over however many connections."""
    async with open_sqlite(path) as a, open_sqlite(path) as b:
        taken = await asyncio.gather(
            *(accept(Generations(database), ordered(1), within=limits(own=5)) for database in [a, b] * 32)
        )
        assert sum(taken) == 1
        assert await total_charged(a) == 1


async def test_a_duplicate_stays_one_after_its_refund(database: SqliteDatabase, generations: Generations) -> None:
    """A refunded command is not drawn because the platform delivers it once more."""
    assert await accept(generations, ordered(1))
    job = await begin(generations, GenerationId("discord:1"))
    assert job is not None
    assert await generations.refund(job, Reason.SERVICE_BROKEN)
    assert await generations.told(job, now_ms=START_MS)
    assert not await accept(generations, ordered(1))
    assert await total_charged(database) == 0


async def test_a_refund_makes_room_again(generations: Generations) -> None:
    """What came back can be spent in the same window."""
    tight = limits(own=1, space=1, total=1)
    assert await accept(generations, ordered(1), within=tight)
    assert not await accept(generations, ordered(2), within=tight)
    job = await begin(generations, GenerationId("discord:1"))
    assert job is not None
    assert await generations.refund(job, Reason.SERVICE_BROKEN)
    assert await accept(generations, ordered(2), within=tight)
    assert not await accept(generations, ordered(3), within=tight)


async def test_settling_makes_room_in_the_queue(generations: Generations) -> None:
    """Only what is open counts, and only one's own, in whatever window it was accepted."""
    one = limits(queued=1)
    assert await accept(generations, ordered(1), within=one, now_ms=START_MS - HOUR_MS)
    assert not await accept(generations, ordered(2), within=one)
    assert await accept(generations, ordered(3, account=OTHER), within=one)
    job = await begin(generations, GenerationId("discord:1"))
    assert job is not None
    assert await generations.refund(job, Reason.SERVICE_BROKEN)
    assert not await accept(generations, ordered(2), within=one)
    assert await generations.told(job, now_ms=START_MS)
    assert await accept(generations, ordered(2), within=one)


async def test_a_cancelled_caller_leaves_no_transaction_open(path: Path) -> None:
    """Whether the statement landed or not, the next one works, on this connection and on another."""
    async with open_sqlite(path) as a, open_sqlite(path) as b:
        tasks = [asyncio.create_task(accept(Generations(a), ordered(number))) for number in range(8)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await accept(Generations(b), ordered(100))
        assert await accept(Generations(a), ordered(101))


async def test_usage_is_what_the_window_holds(generations: Generations) -> None:
    """Own, shared and whole sums; unbound shared sums are not made; the oldest charge is the person's own."""
    orders: list[tuple[Order, int, int]] = [
        (ordered(1), 2, START_MS - 1),
        (ordered(2), 0, START_MS),
        (ordered(3), 2, START_MS + 10),
        (ordered(4), 3, START_MS + 20),
        (ordered(5, account=OTHER), 5, START_MS + 5),
        (ordered(6, account=Account("slack:T:U"), space=Space("slack:T")), 7, START_MS + 1),
    ]
    for command, price, now_ms in orders:
        assert await accept(generations, command, price=price, now_ms=now_ms)
    usage, known = await generations.usage(ACCOUNT, SPACE, limits(space=99, total=99))
    assert (usage.own, usage.space, usage.total, usage.own_oldest_ms) == (5, 10, 17, START_MS + 10)
    assert not known
    usage, _ = await generations.usage(ACCOUNT, SPACE, limits())
    assert (usage.own, usage.space, usage.total) == (5, 0, 0)


async def test_usage_says_whether_a_command_is_known(generations: Generations) -> None:
    """This is how a duplicate is told from a spent quota."""
    assert await accept(generations, ordered(1))
    for number, expected in ((1, True), (2, False)):
        _, known = await generations.usage(ACCOUNT, SPACE, limits(), id=ordered(number).id)
        assert known is expected


async def test_usage_of_a_stranger_is_nothing(generations: Generations) -> None:
    """Somebody who never asked for anything has no oldest charge."""
    assert await accept(generations, ordered(1))
    usage, _ = await generations.usage(Account("discord:1:stranger"), None, limits(total=9))
    assert (usage.own, usage.space, usage.total, usage.own_oldest_ms) == (0, 0, 1, None)


def made(number: int, action: Action = Action.AGAIN, *, n: int | None = None, of: int = 1) -> Order:
    """Command `number`, made of an earlier one."""
    return replace(ordered(number), parent=Parent(id=ordered(of).id, action=action, n=n))


async def test_a_command_keeps_what_it_was_made_of(generations: Generations) -> None:
    """The parent, the action and the picture, each as it was given."""
    parents = [
        Parent(id=ordered(1).id, action=Action.AGAIN),
        Parent(id=ordered(1).id, action=Action.EDIT),
        *(Parent(id=ordered(1).id, action=Action.LARGER, n=n) for n in (0, 3, 10)),
        None,
    ]
    for number, parent in enumerate(parents, start=2):
        assert await accept(generations, replace(ordered(number), parent=parent))
        found = await generations.find(ordered(number).id)
        assert found is not None
        assert found.parent == parent


async def test_64_presses_of_one_button_are_charged_once(path: Path) -> None:
    """Each press is a command of its own, over however many connections; the others find it under way."""
    async with open_sqlite(path) as a, open_sqlite(path) as b:
        taken = await asyncio.gather(
            *(accept(Generations((a, b)[number % 2]), made(number)) for number in range(2, 66))
        )
        assert sum(taken) == 1
        assert await total_charged(a) == 1
        assert await Generations(b).under_way(Parent(id=ordered(1).id, action=Action.AGAIN))


async def test_what_is_at_its_end_may_be_made_again(generations: Generations) -> None:
    """Until then it is under way, also where it was refunded and its person has not been told."""
    parent = Parent(id=ordered(1).id, action=Action.AGAIN)
    assert not await generations.under_way(parent)
    assert await accept(generations, made(2))
    assert await generations.cancel(ordered(2).id)
    assert await generations.under_way(parent)
    assert not await accept(generations, made(3))
    job = await generations.claim(ordered(2).id)
    assert job is not None
    assert await generations.told(job, now_ms=START_MS)
    assert not await generations.under_way(parent)
    assert await accept(generations, made(4))


async def test_other_buttons_are_other_commands(generations: Generations) -> None:
    """Each action, each picture and each parent for itself; and an edit differs every time."""
    others = [
        made(2),
        made(3, of=9),
        made(4, Action.LARGER, n=0),
        made(5, Action.LARGER, n=1),
        made(6, Action.EDIT),
        made(7, Action.EDIT),
    ]
    for command in others:
        assert command.parent is not None
        assert await accept(generations, command)
        assert await generations.under_way(command.parent) is (command.parent.action is not Action.EDIT)
    assert not await generations.under_way(Parent(id=ordered(1).id, action=Action.LARGER, n=2))
