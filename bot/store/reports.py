"""The figures of reports as SQL, over a read-only connection."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, Final

from bot.model import Account, Space
from bot.reports import Day, Entry, Report, Spender
from bot.store.database import Database, Row

_TOP: Final = 10
_CHUNK: Final = 1_000
"""Rows a statement: the event loop turns each row into objects, and serves everybody else in between."""

_DAYS: Final = """
SELECT day.n,
       COALESCE(SUM(CASE WHEN state = 'delivered' THEN charged END), 0) AS delivered,
       COALESCE(SUM(CASE WHEN state IN ('delivered', 'refunded') THEN asked - charged END), 0) AS given_back,
       COALESCE(SUM(CASE WHEN state NOT IN ('delivered', 'refunded') THEN charged END), 0) AS under_way,
       COUNT(generation.created) AS num_entries
  FROM (WITH day (n, first, last) AS (VALUES {days}) SELECT * FROM day) AS day
  LEFT JOIN generation ON {space} created >= day.first AND created < day.last
 GROUP BY day.n ORDER BY day.n
"""

_PEOPLE: Final = """
SELECT account, SUM(charged) AS credits, SUM(CASE WHEN state = 'delivered' THEN 1 ELSE 0 END) AS delivered,
       COUNT(*) OVER () AS num_people
  FROM generation WHERE {space} created >= :since AND created < :until
 GROUP BY account HAVING SUM(charged) > 0 ORDER BY credits DESC, account LIMIT :top
"""

_ENTRIES: Final = """
SELECT id, created, account, space, state, reason, asked, charged, bonus
  FROM generation
 WHERE {space} created >= :since AND created <= :newest AND (created < :newest OR id < :before OR :before IS NULL)
 ORDER BY created DESC, id DESC LIMIT :most
"""


class Reports:
    """Sums over whole months of rows, which take their time and nobody else's."""

    def __init__(self, reader: Database) -> None:
        self._reader = reader

    async def read(self, space: Space | None, days: Sequence[tuple[date, int, int]], *, most_entries: int) -> Report:
        """The report over `days`, each with its first millisecond and that of the day after it."""
        scope = "" if space is None else "space = :space AND"
        since_ms, until_ms = days[0][1], days[-1][2]
        bounds: dict[str, Any] = {} if space is None else {"space": space}
        starts: dict[str, Any] = {}
        for n, (_, first_ms, last_ms) in enumerate(days):
            starts |= {f"f{n}": first_ms, f"l{n}": last_ms}
        values = ", ".join(f"({n}, CAST(:f{n} AS BIGINT), CAST(:l{n} AS BIGINT))" for n in range(len(days)))
        sums = await self._reader.fetch(_DAYS.format(days=values, space=scope), **bounds, **starts)
        bounds |= {"since": since_ms, "until": until_ms}
        people = await self._reader.fetch(_PEOPLE.format(space=scope), **bounds, top=_TOP)
        return Report(
            space=space,
            days=tuple(
                Day(
                    date=days[row["n"]][0],
                    delivered=row["delivered"],
                    given_back=row["given_back"],
                    under_way=row["under_way"],
                )
                for row in sums
            ),
            people=tuple(
                Spender(account=Account(row["account"]), credits=row["credits"], delivered=row["delivered"])
                for row in people
            ),
            num_people=people[0]["num_people"] if people else 0,
            entries=tuple([entry async for entry in self._entries(space, since_ms, until_ms, most_entries)]),
            num_entries=sum(row["num_entries"] for row in sums),
        )

    async def _entries(self, space: Space | None, since_ms: int, until_ms: int, most: int) -> AsyncIterator[Entry]:
        """The newest rows, in chunks, each of which starts where the last one ended."""
        sql = _ENTRIES.format(space="" if space is None else "space = :space AND")
        params: dict[str, Any] = {"since": since_ms, "newest": until_ms - 1, "before": None}
        if space is not None:
            params["space"] = space
        while most > 0 and (rows := await self._reader.fetch(sql, **params, most=min(most, _CHUNK))):
            for row in rows:
                yield _from_row(row)
            params |= {"newest": rows[-1]["created"], "before": rows[-1]["id"]}
            most -= len(rows)


def _from_row(row: Row) -> Entry:
    return Entry(
        created_ms=row["created"],
        account=Account(row["account"]),
        space=None if row["space"] is None else Space(row["space"]),
        state=row["state"],
        reason=row["reason"],
        asked=row["asked"],
        charged=row["charged"],
        bonus=row["bonus"],
    )
