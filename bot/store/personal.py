"""What is kept about people as SQL: found, read in chunks, wiped in chunks.

A statement that is run again changes nothing. A wiped row
says what it cost and when, and no longer what was asked for. A nameless one no longer says who asked.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

from bot.model import Account, ImageRequest, platform_of
from bot.rules import ERASED, local_id
from bot.store.database import Database, Row

_CHUNK: Final = 200
"""Rows that are read at once."""

_WRITTEN: Final = 50
"""Rows that are written at once: a command waits for no longer lock than that, some hundredths of a second."""

_BLANK: Final = '{"prompt": ""'
"""How a wiped request begins: no accepted one has an empty prompt."""

# A seek for each account that there is, however many rows each of them has.
_ACCOUNTS: Final = """
WITH RECURSIVE known (account) AS (
  SELECT MIN({column}) FROM {table} WHERE {column} >= :first AND {column} < :last
   UNION ALL
  SELECT (SELECT MIN({column}) FROM {table} WHERE {column} > known.account AND {column} < :last)
    FROM known WHERE known.account IS NOT NULL)
SELECT account FROM known WHERE account LIKE CAST(:ending AS TEXT)
"""

_GENERATIONS: Final = """
SELECT * FROM generation
 WHERE account = :account AND created >= :since AND (created > :since OR id > :after)
 ORDER BY created, id LIMIT :most
"""

_REVISED: Final = """
SELECT generation, n, revised FROM picture
 WHERE generation IN (WITH wanted (id) AS (VALUES {ids}) SELECT id FROM wanted) AND revised IS NOT NULL
 ORDER BY generation, n
"""

_RULES: Final = "SELECT * FROM rule WHERE subject = :account ORDER BY at, id"

_ASK: Final = """
INSERT INTO erasure (account, at) VALUES {accounts}
    ON CONFLICT (account) DO UPDATE SET at = CASE WHEN excluded.at > erasure.at THEN excluded.at ELSE erasure.at END
"""

# The plus keeps to the index of what is open, rather than to that of all the account ever asked for.
_UNDER_WAY: Final = """
SELECT COUNT(*) AS num_open FROM generation WHERE account = :account AND +created <= :until AND settled IS NULL
"""

# From where the last chunk ended: what it wiped is not read again.
_FULL_OF: Final = """
SELECT id, request, created FROM generation
 WHERE account = :account AND created >= :since AND created <= :until AND settled IS NOT NULL
   AND SUBSTR(request, 1, 13) <> :blank
 ORDER BY created LIMIT :most
"""

# In the order of the index, from where the last sweep came to.
_FULL: Final = """
SELECT id, request, created FROM generation
 WHERE created >= :since AND created < :until AND settled IS NOT NULL AND SUBSTR(request, 1, 13) <> :blank
 ORDER BY created LIMIT :most
"""

# A pot is summed over its rows from its first grant on, longer than any window: while it lives they keep their name,
# or the erased would have their bonus credits anew.
_POT_LIVES: Final = """
EXISTS (SELECT 1 FROM rule WHERE rule.subject = generation.account AND rule.kind = 'grant' AND rule.applies = 1
           AND (rule.expires IS NULL OR rule.expires > :now))
"""

_NAMED_OF: Final = (
    """
SELECT id, account, space, created FROM generation
 WHERE account = :account AND created >= :since AND created <= :until AND created < :before AND settled IS NOT NULL
   AND SUBSTR(request, 1, 13) = :blank AND (bonus = 0 OR NOT """
    + _POT_LIVES
    + ") ORDER BY created LIMIT :most"
)

_NAMED: Final = """
SELECT id, account, space, created FROM generation
 WHERE created >= :since AND created < :until AND settled IS NOT NULL AND bonus = 0
   AND SUBSTR(request, 1, 13) = :blank AND account NOT LIKE '%:erased'
 ORDER BY created LIMIT :most
"""

# In the order of the index of what took bonus credits, which is short; the plus keeps to it, rather than to that of all
# there ever was.
_NAMED_BONUS: Final = (
    """
SELECT id, account, space, created FROM generation
 WHERE bonus > 0 AND (account, created) >= (:account, :since) AND +created < :until AND settled IS NOT NULL
   AND SUBSTR(request, 1, 13) = :blank AND account NOT LIKE '%:erased' AND NOT """
    + _POT_LIVES
    + " ORDER BY account, created LIMIT :most"
)

_EMPTY_PICTURES: Final = """
UPDATE picture SET url = '', revised = NULL, request_id = NULL, file_id = NULL
 WHERE generation IN (WITH chosen (id) AS (VALUES {rows}) SELECT id FROM chosen)
   AND EXISTS (SELECT 1 FROM generation WHERE id = picture.generation AND settled IS NOT NULL)
"""

_WIPE: Final = """
WITH chosen (id, request) AS (VALUES {rows})
UPDATE generation
   SET request = chosen.request, result = NULL, address = NULL, roles = '[]', parent = NULL, action = NULL
  FROM chosen WHERE generation.id = chosen.id AND settled IS NOT NULL RETURNING generation.id
"""

_DROP_PICTURES: Final = """
DELETE FROM picture WHERE generation IN (WITH chosen (id) AS (VALUES {rows}) SELECT id FROM chosen)
"""

_UNNAME: Final = """
WITH chosen (id, new_id, account) AS (VALUES {rows})
UPDATE generation SET account = chosen.account, id = chosen.new_id
  FROM chosen WHERE generation.id = chosen.id AND settled IS NOT NULL
"""

# Not before no command that was given earlier can still be on its way into the table.
_DONE: Final = """
DELETE FROM erasure
 WHERE account = :account AND at < :before
   AND NOT EXISTS (SELECT 1 FROM generation WHERE generation.account = erasure.account AND created <= erasure.at)
"""

_OLDEST_OPEN: Final = "SELECT MIN(created) AS created FROM generation WHERE settled IS NULL"


class PersonalRecords:
    """Reads go over a connection of their own. Times in milliseconds UTC, from the caller's clock.

    `by_account` names further tables that hold things of an `account`, each with the column of their time.
    """

    def __init__(self, database: Database, reader: Database, *, by_account: Mapping[str, str] | None = None) -> None:
        self._database = database
        self._reader = reader
        self._by_account = dict(by_account or {})

    async def accounts_of(self, account: Account) -> list[Account]:
        """Every account of the person who has `account`: on Discord one for each server, on Slack that one."""
        if not account.startswith("discord:"):
            return [account]
        found = {account}
        columns = [("generation", "account"), ("rule", "subject"), ("erasure", "account")]
        for table, column in [*columns, *((table, "account") for table in self._by_account)]:
            rows = await self._reader.fetch(
                _ACCOUNTS.format(table=table, column=column),
                first="discord:",
                last="discord;",
                ending=f"%:{local_id(account)}",
            )
            # A role has an id of its own, and four parts.
            found |= {Account(row["account"]) for row in rows if row["account"].count(":") == account.count(":")}
        return sorted(found)

    async def generations(self, account: Account) -> AsyncIterator[tuple[Row, list[Row]]]:
        """Every generation of `account`, oldest first, with the rewritten prompts of its pictures."""
        params: dict[str, Any] = {"since": 0, "after": ""}
        while rows := await self._reader.fetch(_GENERATIONS, account=account, **params, most=_CHUNK):
            values, ids = _values([(row["id"],) for row in rows])
            revised: dict[str, list[Row]] = {}
            for picture in await self._reader.fetch(_REVISED.format(ids=values), **ids):
                revised.setdefault(picture["generation"], []).append(picture)
            for row in rows:
                yield row, revised.get(row["id"], [])
            params = {"since": rows[-1]["created"], "after": rows[-1]["id"]}

    async def rules(self, account: Account) -> list[Row]:
        """Every rule about `account`, oldest first."""
        return await self._reader.fetch(_RULES, account=account)

    async def others(self, account: Account) -> dict[str, list[Row]]:
        """What further tables hold of `account`."""
        return {
            table: await self._reader.fetch(f"SELECT * FROM {table} WHERE account = :account", account=account)  # noqa: S608 - a constant
            for table in self._by_account
        }

    async def ask(self, accounts: Iterable[Account], *, now_ms: int) -> None:
        """Note that everything of `accounts` up to now has to go: from here on it will, whatever happens."""
        values, params = _values([(account, now_ms) for account in accounts], types=("TEXT", "BIGINT"))
        await self._database.fetch(_ASK.format(accounts=values), **params)

    async def asked(self) -> dict[Account, int]:
        """Whose data has to go, and since when."""
        rows = await self._database.fetch("SELECT account, at FROM erasure ORDER BY at")
        return {Account(row["account"]): row["at"] for row in rows}

    async def num_open(self, account: Account, *, until_ms: int) -> int:
        """How many generations are still under way and will be wiped later."""
        [row] = await self._database.fetch(_UNDER_WAY, account=account, until=until_ms)
        return int(row["num_open"])

    async def wipe(self, account: Account, *, until_ms: int) -> int:
        """Wipe what is settled of `account` and was asked for until then; how many rows that were."""
        num_wiped = since_ms = 0
        while rows := await self._reader.fetch(
            _FULL_OF, account=account, since=since_ms, until=until_ms, blank=_BLANK, most=_WRITTEN
        ):
            num_wiped += await self._empty(rows)
            since_ms = rows[-1]["created"]
        return num_wiped

    async def forget_others(self, account: Account, *, until_ms: int) -> None:
        """Delete what further tables hold of `account` since then or longer."""
        for table, time in self._by_account.items():
            await self._database.fetch(
                f"DELETE FROM {table} WHERE account = :account AND {time} <= :until",  # noqa: S608 - constants
                account=account,
                until=until_ms,
            )

    async def unname(self, account: Account, *, until_ms: int, before_ms: int, now_ms: int) -> None:
        """Take the name off what was wiped of `account`, up to `until_ms` and before `before_ms`."""
        params = {"account": account, "until": until_ms, "before": before_ms, "now": now_ms, "blank": _BLANK}
        since_ms = 0
        while rows := await self._reader.fetch(_NAMED_OF, **params, since=since_ms, most=_WRITTEN):
            await self._unname(rows)
            since_ms = rows[-1]["created"]

    async def done(self, account: Account, *, before_ms: int) -> None:
        """Forget that `account` asked, if that was before then and nothing with its name is left."""
        await self._database.fetch(_DONE, account=account, before=before_ms)

    async def oldest_open_ms(self) -> int | None:
        """When the oldest generation that is under way was asked for."""
        [row] = await self._database.fetch(_OLDEST_OPEN)
        return None if row["created"] is None else int(row["created"])

    async def wipe_before(self, until_ms: int, *, since_ms: int) -> None:
        """Wipe what is settled and was asked for in that time, whoever did."""
        while rows := await self._reader.fetch(_FULL, since=since_ms, until=until_ms, blank=_BLANK, most=_WRITTEN):
            await self._empty(rows)
            since_ms = rows[-1]["created"]

    async def unname_before(self, until_ms: int, *, since_ms: int) -> None:
        """Take the name off what was wiped and asked for in that time, but for what took bonus credits."""
        while rows := await self._reader.fetch(_NAMED, since=since_ms, until=until_ms, blank=_BLANK, most=_WRITTEN):
            await self._unname(rows)
            since_ms = rows[-1]["created"]

    async def unname_bonus_before(self, until_ms: int, *, now_ms: int) -> None:
        """The same for what took bonus credits out of a pot that is over."""
        params: dict[str, Any] = {"account": "", "since": 0}
        while rows := await self._reader.fetch(
            _NAMED_BONUS, **params, until=until_ms, now=now_ms, blank=_BLANK, most=_WRITTEN
        ):
            await self._unname(rows)
            params = {"account": rows[-1]["account"], "since": rows[-1]["created"]}

    async def _empty(self, rows: Sequence[Row]) -> int:
        # The pictures first: a row that is wiped is looked at no more.
        values, params = _values([(row["id"],) for row in rows])
        await self._database.fetch(_EMPTY_PICTURES.format(rows=values), **params)
        values, params = _values(
            [(row["id"], ImageRequest.from_json(row["request"]).without_content().to_json()) for row in rows]
        )
        return len(await self._database.fetch(_WIPE.format(rows=values), **params))

    async def _unname(self, rows: Sequence[Row]) -> None:
        values, params = _values([(row["id"],) for row in rows])
        await self._database.fetch(_DROP_PICTURES.format(rows=values), **params)
        values, params = _values([(row["id"], _opaque(row["id"]), _nobody(row)) for row in rows])
        await self._database.fetch(_UNNAME.format(rows=values), **params)


def _opaque(id: Any) -> str:
    """An id that leads to no interaction; whose platform it was can still be read from it."""
    return f"{platform_of(id)}:{ERASED}:{secrets.token_hex(16)}"


def _nobody(row: Row) -> str:
    return f"{row['space'] or platform_of(row['id'])}:{ERASED}"


def _values(rows: Sequence[Sequence[Any]], *, types: Sequence[str] | None = None) -> tuple[str, dict[str, Any]]:
    """The rows of a VALUES list, and their parameters; text unless `types` says otherwise."""
    params = {f"v{n}_{m}": value for n, row in enumerate(rows) for m, value in enumerate(row)}
    kinds = types or ["TEXT"] * len(rows[0])
    lines = (", ".join(f"CAST(:v{n}_{m} AS {kind})" for m, kind in enumerate(kinds)) for n in range(len(rows)))
    return ", ".join(f"({line})" for line in lines), params
