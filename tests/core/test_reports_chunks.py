"""A report's rows come in chunks: all of them, once each, newest first, and nobody waits for them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fakes import SPACE, START_MS
from pauses import longest_pause_s

from bot.admin import MOST_ENTRIES
from bot.model import Space
from bot.reports import Report
from bot.store import Reports
from bot.store.database import Database, Row, SqliteDatabase, open_reader

DAY_MS = 86_400_000
DAYS = [(date(2030, 3, 17), START_MS, START_MS + DAY_MS), (date(2030, 3, 18), START_MS + DAY_MS, START_MS + 2 * DAY_MS)]

RIGHT_PART = "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"
"""Only rows of one millisecond are sorted."""

# Row n is asked for 10 credits by one of 20 people, in one of two places; `together` rows share each moment.
FILL = """
INSERT INTO generation (id, account, space, asked, charged, bonus, state, attempt, created, deadline, request)
WITH RECURSIVE number (n) AS (SELECT 0 WHERE :rows > 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :rows)
SELECT 'discord:' || n, 'discord:' || (n % 2 + 1) || ':' || (n % 20), 'discord:' || (n % 2 + 1), 10, 10, 0, 'queued',
       0, :first + (n / :together) * :step, 0, '{}'
  FROM number
"""


@dataclass(kw_only=True)
class CountingDatabase:
    """Runs statements, and keeps how many rows each one answered with."""

    database: Database
    num_rows: list[int] = field(default_factory=list)

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        rows = await self.database.fetch(sql, **params)
        self.num_rows.append(len(rows))
        return rows


async def fill(database: Database, rows: int, *, together: int = 1, step: int = 1) -> None:
    await database.fetch(FILL, rows=rows, first=START_MS, together=together, step=step)


@pytest.fixture
async def reader(database: SqliteDatabase, path: Path) -> AsyncIterator[SqliteDatabase]:
    assert database is not None, "a reader opens what is there"
    async with open_reader(path) as reader:
        yield reader


async def read(reader: Database, *, space: Space | None = None, most: int = MOST_ENTRIES) -> Report:
    return await Reports(reader).read(space, DAYS, most_entries=most)


@pytest.mark.parametrize("rows", [0, 1, 999, 1_000, 1_001, 2_500])
@pytest.mark.parametrize("together", [1, 7, 5_000])
async def test_every_row_comes_once_and_newest_first(
    database: SqliteDatabase, reader: SqliteDatabase, rows: int, together: int
) -> None:
    """Also where a chunk ends between rows of one moment, or all rows share one."""
    await fill(database, rows, together=together)
    report = await read(reader)
    wanted = await database.fetch("SELECT created, account FROM generation ORDER BY created DESC, id DESC")
    assert [(entry.created_ms, entry.account) for entry in report.entries] == [
        (row["created"], row["account"]) for row in wanted
    ]
    assert report.num_entries == rows


@pytest.mark.parametrize("most", [1, 1_000, 1_200, 2_000])
async def test_the_newest_are_kept_where_there_are_too_many(
    database: SqliteDatabase, reader: SqliteDatabase, most: int
) -> None:
    """And the report knows how many there are."""
    await fill(database, 2_000)
    report = await read(reader, most=most)
    assert [entry.created_ms - START_MS for entry in report.entries] == list(range(1_999, 1_999 - most, -1))
    assert report.num_entries == 2_000


async def test_rows_of_other_places_and_other_days_stay_out(database: SqliteDatabase, reader: SqliteDatabase) -> None:
    """The first moment of the first day is in; the first one after the last day is not."""
    await database.fetch(FILL, rows=6, first=START_MS - DAY_MS, together=2, step=DAY_MS)
    await database.fetch("UPDATE generation SET id = 'early:' || id")
    await database.fetch(FILL, rows=4, first=START_MS + 2 * DAY_MS - 1, together=2, step=1)
    report = await read(reader, space=SPACE)
    assert [entry.created_ms for entry in report.entries] == [START_MS + 2 * DAY_MS - 1, START_MS + DAY_MS, START_MS]
    assert {entry.space for entry in report.entries} == {SPACE}
    assert report.num_entries == 3
    assert sum(day.under_way for day in report.days) == 30


async def test_no_statement_answers_with_more_than_a_chunk(database: SqliteDatabase, reader: SqliteDatabase) -> None:
    """What the loop has to turn into objects at once."""
    await fill(database, 3_500)
    counting = CountingDatabase(database=reader)
    await read(counting)
    assert max(counting.num_rows) == 1_000
    assert sum(counting.num_rows) == len(DAYS) + 10 + 3_500


@pytest.mark.parametrize(
    ("space", "index"), [(None, "generation_total (created"), (SPACE, "generation_space (space=? AND created")]
)
async def test_a_chunk_starts_where_the_last_one_ended(
    database: SqliteDatabase, reader: SqliteDatabase, space: Space | None, index: str
) -> None:
    """By the index's own order: neither what was read already nor what is older than the report is touched."""
    await fill(database, 1_500)

    @dataclass(kw_only=True)
    class ExplainingDatabase(CountingDatabase):
        plans: list[list[str]] = field(default_factory=list)

        async def fetch(self, sql: str, **params: Any) -> list[Row]:
            steps = await self.database.fetch(f"EXPLAIN QUERY PLAN {sql}", **params)
            self.plans.append([step["detail"] for step in steps])
            return await super().fetch(sql, **params)

    explaining = ExplainingDatabase(database=reader)
    await read(explaining, space=space)
    chunks = explaining.plans[2:]
    assert len(chunks) >= 2
    for plan in chunks:
        assert plan == [f"SEARCH generation USING INDEX {index}>? AND created<?)", RIGHT_PART]


async def test_rows_that_are_written_meanwhile_change_no_chunk(
    database: SqliteDatabase, reader: SqliteDatabase
) -> None:
    """A command taken between two chunks is newer than both."""
    await fill(database, 2_500)

    @dataclass(kw_only=True)
    class BusyDatabase(CountingDatabase):
        async def fetch(self, sql: str, **params: Any) -> list[Row]:
            rows = await super().fetch(sql, **params)
            await database.fetch(
                "INSERT INTO generation SELECT :id, account, space, asked, charged, bonus, state, attempt, :now,"
                " deadline, settled, reason, request, address, result, roles, parent, action, deleted, shared"
                " FROM generation WHERE id = 'discord:0'",
                id=f"late:{len(self.num_rows)}",
                now=START_MS + 10_000,
            )
            return rows

    report = await read(BusyDatabase(database=reader))
    old = [entry for entry in report.entries if entry.created_ms < START_MS + 10_000]
    assert [entry.created_ms - START_MS for entry in old] == list(range(2_499, -1, -1))
    assert report.num_entries == 2_500


async def test_nobody_waits_while_as_many_rows_are_read_as_a_report_can_have(
    database: SqliteDatabase, reader: SqliteDatabase
) -> None:
    """The loop's longest pause is that of one chunk."""
    await fill(database, MOST_ENTRIES)

    async def work() -> None:
        assert len((await read(reader)).entries) == MOST_ENTRIES

    assert await longest_pause_s(work, bound_s=0.1) < 0.1
