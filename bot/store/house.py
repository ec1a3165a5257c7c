"""House rules and preferences as SQL: what binds a command where it is typed is one statement."""

from collections.abc import Sequence
from typing import Any, Final

from bot.model import Account
from bot.rules import Kind, Subject
from bot.store.database import Database

# As many seeks as there are pairs, however long their history, and one by the account.
_STANDING: Final = """
WITH wanted (subject, kind) AS (VALUES {pairs})
SELECT rule.subject, rule.kind, rule.value, rule.text FROM wanted
  JOIN rule ON rule.subject = wanted.subject AND rule.kind = wanted.kind
   AND rule.at = (SELECT MAX(at) FROM rule WHERE subject = wanted.subject AND kind = wanted.kind)
 WHERE rule.applies = 1
UNION ALL
"""

_PREFERENCE: Final = """
SELECT account AS subject, CAST(NULL AS TEXT) AS kind, CAST(NULL AS BIGINT) AS value, value AS text
  FROM preference WHERE account = :account
"""

_PREFER: Final = """
INSERT INTO preference (account, value, at) VALUES (:account, :value, :now)
    ON CONFLICT (account) DO UPDATE SET value = excluded.value, at = excluded.at
"""

Standing = dict[tuple[Subject, Kind], tuple[int | None, str | None]]
"""Value and text of each rule in force."""


class HouseBook:
    """Rules about places, and what people chose for themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, wanted: Sequence[tuple[Subject, Kind]], *, account: Account) -> tuple[Standing, str | None]:
        """The rules in force of the pairs, and the person's preference (JSON), if they have one."""
        pairs = ", ".join(f"(CAST(:s{n} AS TEXT), CAST(:k{n} AS TEXT))" for n in range(len(wanted)))
        sql = (_STANDING.format(pairs=pairs) if wanted else "") + _PREFERENCE
        params: dict[str, Any] = {"account": account}
        for n, (subject, kind) in enumerate(wanted):
            params |= {f"s{n}": subject, f"k{n}": kind}
        standing: Standing = {}
        preference: str | None = None
        for row in await self._database.fetch(sql, **params):
            if row["kind"] is None:
                preference = row["text"]
            else:
                standing[Subject(row["subject"]), Kind(row["kind"])] = (row["value"], row["text"])
        return standing, preference

    async def prefer(self, account: Account, value: str, *, now_ms: int) -> None:
        """Keep what a person chose, in place of what they chose before."""
        await self._database.fetch(_PREFER, account=account, value=value, now=now_ms)
