"""The accepting statement stays quick as history grows: its sums read their indexes and nothing else."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fakes import ACCOUNT, SPACE
from stores import accept, claimed, limits, ordered

from bot.model import Account, Drawing, Pot, Space
from bot.store import Generations
from bot.store.database import Database, Row, SqliteDatabase


@dataclass(kw_only=True)
class ExplainingDatabase:
    """Runs statements, and keeps what SQLite plans for each on `table`."""

    database: Database
    table: str = "generation"
    plans: list[list[str]] = field(default_factory=list)

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        steps = await self.database.fetch(f"EXPLAIN QUERY PLAN {sql}", **params)
        self.plans.append([step["detail"] for step in steps if f" {self.table} " in step["detail"]])
        return await self.database.fetch(sql, **params)


SUMS = [
    "SEARCH generation USING COVERING INDEX generation_account (account=? AND created>?)",
    "SEARCH generation USING COVERING INDEX generation_bonus (account=? AND created>?)",
    "SEARCH generation USING COVERING INDEX generation_space (space=? AND created>?)",
    "SEARCH generation USING COVERING INDEX generation_total (created>?)",
]
QUEUED = "SEARCH generation USING INDEX generation_queued (account=?)"


@pytest.fixture(params=["fresh", "analysed"])
async def explaining(request: pytest.FixtureRequest, database: SqliteDatabase) -> ExplainingDatabase:
    """A database with some history, with and without the statistics that an operator may have it gather."""
    store = Generations(database)
    for number in range(300):
        account, space = Account(f"discord:{number % 3}:{number % 4}"), Space(f"discord:{number % 3}")
        pot = Pot(credits=300, since_ms=0, expires_ms=None)
        binding = limits() if number % 10 else replace(limits(own=0), pot=pot)
        assert await accept(store, ordered(1000 + number, account=account, space=space), within=binding, now_ms=number)
    if request.param == "analysed":
        await database.fetch("ANALYZE")
    return ExplainingDatabase(database=database)


async def test_the_sums_of_accepting_read_covering_indexes(explaining: ExplainingDatabase) -> None:
    """Not one row of the table is touched for them, however long the history is."""
    assert await accept(Generations(explaining), ordered(1), within=limits(own=9, space=999, total=999, queued=999))
    [plan] = explaining.plans
    assert plan == [*SUMS, QUEUED]


async def test_the_read_that_explains_a_refusal_does_so_too(explaining: ExplainingDatabase) -> None:
    """Besides the sums it counts what is open, finds the oldest charges, and the command by its key."""
    await Generations(explaining).usage(ACCOUNT, SPACE, limits(own=9, space=9, total=9), id=ordered(1).id)
    [plan] = explaining.plans
    assert plan[:4] == SUMS
    assert plan[4] == QUEUED
    assert plan[5:8] == [SUMS[0], *SUMS[2:]]
    assert plan[8].startswith("SEARCH generation USING COVERING INDEX sqlite_autoindex_generation")


async def test_open_rows_are_found_without_reading_the_settled_ones(explaining: ExplainingDatabase) -> None:
    """A start after years reads what is open, in order, and sorts nothing."""
    await Generations(explaining).open_ids()
    assert explaining.plans == [["SCAN generation USING INDEX generation_open"]]


async def test_wiping_links_reads_the_generations_own_pictures_alone(
    database: SqliteDatabase, generations: Generations
) -> None:
    """Settling costs the same after a million pictures."""
    job = await claimed(generations)
    for number in range(2, 300):
        other = await claimed(generations, number)
        assert await generations.keep_picture(other, 0, Drawing(url="https://a.example", revised=None, request_id=None))
    explaining = ExplainingDatabase(database=database, table="picture")
    await Generations(explaining).told(job, now_ms=1)
    assert [plan for plan in explaining.plans if plan] == [
        ["SEARCH picture USING INDEX sqlite_autoindex_picture_1 (generation=?)"]
    ]
