"""The accepting statement against its rule in plain words: taken exactly when every limit has room."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from fakes import START_MS
from hypothesis import event, given, settings
from hypothesis import strategies as st
from stores import HOUR_MS, accept, begin, limits, ordered

from bot.model import Account, GenerationId, Limits, Reason, Space
from bot.store import Generations
from bot.store.database import Row, SqliteDatabase, open_sqlite


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A command, `after_min` behind the one before; some of its price is bonus, and it may come back later."""

    number: int
    account: str
    space: str | None
    price: int
    bonus: int
    after_min: int
    refunded: int | None


ARRIVALS: Final = st.lists(
    st.builds(
        Arrival,
        number=st.integers(1, 30),
        account=st.sampled_from(["discord:1:2", "discord:1:3"]),
        space=st.sampled_from(["discord:1", "discord:2", None]),
        price=st.integers(0, 4),
        bonus=st.integers(0, 2),
        after_min=st.sampled_from([0, 0, 10, 20, 59, 60]),
        refunded=st.none() | st.integers(1, 30),
    ),
    min_size=5,
    max_size=30,
)
LIMIT: Final = st.none() | st.integers(0, 9)


def fits(rows: Sequence[Row], arrival: Arrival, within: Limits) -> bool:
    """What was charged inside the window, bonus not counting for the person, leaves room for the price."""
    window = [row for row in rows if row["created"] >= within.since_ms]
    own = sum(row["charged"] - row["bonus"] for row in window if row["account"] == arrival.account)
    space = sum(row["charged"] for row in window if row["space"] == arrival.space)
    total = sum(row["charged"] for row in window)
    return (
        (within.own is None or own + arrival.price <= within.own)
        and (within.space is None or arrival.space is None or space + arrival.price <= within.space)
        and (within.total is None or total + arrival.price <= within.total)
    )


async def test_bonus_counts_for_all_but_the_person(database: SqliteDatabase, generations: Generations) -> None:
    """What was paid from the pot leaves the person's own credits alone, not the space's or the deployment's."""
    assert await accept(generations, ordered(1), price=3)
    await database.fetch("UPDATE generation SET bonus = 2")
    for within in (limits(space=3), limits(total=3)):
        assert not await accept(generations, ordered(2), within=within)
    assert not await accept(generations, ordered(2), within=limits(own=2), price=2)
    assert await accept(generations, ordered(2), within=limits(own=3), price=2)


@settings(max_examples=60, deadline=None)
@given(arrivals=ARRIVALS, own=LIMIT, space=LIMIT, total=LIMIT)
def test_a_command_is_taken_exactly_when_every_limit_has_room(
    arrivals: list[Arrival],
    own: int | None,
    space: int | None,
    total: int | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Neither more nor less, for any limits and any history in a rolling hour, with bonus and refunds in it."""

    async def arrive(path: Path) -> None:
        now_ms = START_MS
        async with open_sqlite(path) as database:
            store = Generations(database)
            for arrival in arrivals:
                now_ms += arrival.after_min * 60_000
                within = limits(own=own, space=space, total=total, since_ms=now_ms - HOUR_MS + 1)
                order = ordered(
                    arrival.number,
                    account=Account(arrival.account),
                    space=None if arrival.space is None else Space(arrival.space),
                )
                rows = {row["id"]: row for row in await database.fetch("SELECT * FROM generation")}
                expected = order.id not in rows and fits(list(rows.values()), arrival, within)
                assert await accept(store, order, within=within, price=arrival.price, now_ms=now_ms) is expected
                event("taken" if expected else "known" if order.id in rows else "no room")
                if expected:
                    await database.fetch(
                        "UPDATE generation SET bonus = :bonus WHERE id = :id",
                        id=order.id,
                        bonus=min(arrival.bonus, arrival.price),
                    )
                if job := await begin(store, GenerationId(f"discord:{arrival.refunded}")):
                    await store.refund(job, Reason.INTERNAL)

    asyncio.run(arrive(tmp_path_factory.mktemp("limits") / "bot.db"))
