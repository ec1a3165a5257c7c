"""Rules as SQL: one statement adds one, the newest of a subject and kind counts, nothing is ever changed."""

from collections.abc import Sequence
from typing import Any, Final

from bot.model import Account, Space
from bot.rules import Change, Kind, Noted, Page, Rule, Subject
from bot.store.database import Database, Row

# Two rules of a subject and kind never share a moment: a clock that stands still is helped on.
_ADD: Final = """
INSERT INTO rule (id, space, subject, kind, applies, value, text, expires, actor, at, reason)
SELECT :id, CAST(:space AS TEXT), :subject, :kind, :applies, CAST(:value AS BIGINT), CAST(:text AS TEXT),
       CAST(:expires AS BIGINT), :actor,
       CASE WHEN newest >= :now THEN newest + 1 ELSE :now END, CAST(:reason AS TEXT)
  FROM (SELECT MAX(at) AS newest FROM rule WHERE subject = :subject AND kind = :kind) AS before
 WHERE 1 = 1
    ON CONFLICT (id) DO NOTHING RETURNING at
"""

# Two seeks into the index for each pair that is asked for, however long its history; grants make a pot together.
_STANDING: Final = """
WITH wanted (subject, kind) AS (VALUES {pairs})
SELECT rule.* FROM wanted JOIN rule ON rule.subject = wanted.subject AND rule.kind = wanted.kind
   AND rule.at = (SELECT MAX(at) FROM rule WHERE subject = wanted.subject AND kind = wanted.kind)
 WHERE rule.applies = 1
UNION ALL
SELECT * FROM rule WHERE subject = :account AND kind = 'grant'
 ORDER BY at
"""

_NEWEST: Final = "SELECT * FROM rule WHERE subject = :subject AND kind = :kind ORDER BY at DESC LIMIT 1"

_REFUSALS: Final = """
SELECT COUNT(*) AS refusals FROM rule WHERE subject = :subject AND kind = 'refused' AND at >= :since
"""

# What stands: of each subject and kind the newest, with what it replaced. Grants that expired are over.
_IN_FORCE: Final = """
SELECT * FROM rule
 WHERE (CAST(:space AS TEXT) IS NULL OR space = CAST(:space AS TEXT) OR (space IS NULL AND :deployment = 1))
   AND applies = 1 AND kind NOT IN ('refused', 'reset') AND (expires IS NULL OR expires > :now)
   AND (kind = 'grant' OR NOT EXISTS
       (SELECT 1 FROM rule AS newer
         WHERE newer.subject = rule.subject AND newer.kind = rule.kind AND newer.at > rule.at))
 ORDER BY kind, subject, at LIMIT :limit OFFSET :offset
"""

_AUDIT: Final = """
SELECT rule.*, (SELECT MAX(at) FROM rule AS earlier
                 WHERE earlier.subject = rule.subject AND earlier.kind = rule.kind AND earlier.at < rule.at) AS replaced
  FROM rule
 WHERE (CAST(:space AS TEXT) IS NULL OR space = CAST(:space AS TEXT) OR (space IS NULL AND :deployment = 1))
   AND (CAST(:subject AS TEXT) IS NULL OR subject = CAST(:subject AS TEXT))
 ORDER BY at DESC, id LIMIT :limit OFFSET :offset
"""

_AT: Final = "SELECT * FROM rule WHERE subject = :subject AND kind = :kind AND at = :at"

_SPACES: Final = """
SELECT DISTINCT space FROM generation WHERE space IS NOT NULL
UNION SELECT DISTINCT space FROM rule WHERE space IS NOT NULL ORDER BY 1
"""


class Rules:
    """What binds people, read by every command; and what admins add. Times in milliseconds UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, change: Change, *, id: str, by: str, now_ms: int) -> bool:
        """Note a rule; it counts for the next command. False if `id` is known: the same command, sent twice."""
        rows = await self._database.fetch(
            _ADD,
            id=id,
            space=change.space,
            subject=change.subject,
            kind=change.kind,
            applies=int(change.applies),
            value=change.value,
            text=change.text,
            expires=change.expires_ms,
            actor=by,
            now=now_ms,
            reason=change.reason,
        )
        return bool(rows)

    async def newest(self, subject: Subject, kind: Kind) -> Rule | None:
        """The rule that a change of this subject and kind replaces."""
        rows = await self._database.fetch(_NEWEST, subject=subject, kind=kind)
        return _from_row(rows[0]) if rows else None

    async def refusals(self, subject: Subject, *, since_ms: int) -> int:
        """How many attempts of somebody's were noted since then."""
        [row] = await self._database.fetch(_REFUSALS, subject=subject, since=since_ms)
        return int(row["refusals"])

    async def standing(self, wanted: Sequence[tuple[Subject, Kind]], *, account: Account) -> list[Rule]:
        """The rule in force of each pair, where there is one, and every grant to `account`, oldest first."""
        pairs = ", ".join(f"(CAST(:s{n} AS TEXT), CAST(:k{n} AS TEXT))" for n in range(len(wanted)))
        params: dict[str, Any] = {"account": account}
        for n, (subject, kind) in enumerate(wanted):
            params |= {f"s{n}": subject, f"k{n}": kind}
        return [_from_row(row) for row in await self._database.fetch(_STANDING.format(pairs=pairs), **params)]


class RuleBook:
    """The rules as admins look at them, over a read-only connection: it never holds up a command."""

    def __init__(self, reader: Database) -> None:
        self._reader = reader

    async def in_force(
        self, space: Space | None, *, now_ms: int, page: int, size: int, deployment: bool = False
    ) -> Page:
        """Every rule that differs from the default, in `space` (and of the `deployment`) or (None) everywhere."""
        rows = await self._reader.fetch(
            _IN_FORCE, space=space, deployment=int(deployment), now=now_ms, limit=size + 1, offset=(page - 1) * size
        )
        entries = tuple(Noted(rule=_from_row(row), before=None) for row in rows[:size])
        return Page(entries=entries, number=page, more=len(rows) > size)

    async def audit(
        self, space: Space | None, subject: Subject | None, *, page: int, size: int, deployment: bool = False
    ) -> Page:
        """Who changed what, from what to what, newest first; also what was refused."""
        rows = await self._reader.fetch(
            _AUDIT,
            space=space,
            subject=subject,
            deployment=int(deployment),
            limit=size + 1,
            offset=(page - 1) * size,
        )
        entries = [Noted(rule=_from_row(row), before=await self._replaced(row)) for row in rows[:size]]
        return Page(entries=tuple(entries), number=page, more=len(rows) > size)

    async def spaces(self) -> list[Space]:
        """Every server and workspace that has had a picture or a rule."""
        return [Space(row["space"]) for row in await self._reader.fetch(_SPACES)]

    async def _replaced(self, row: Row) -> Rule | None:
        if row["replaced"] is None:
            return None
        [before] = await self._reader.fetch(_AT, subject=row["subject"], kind=row["kind"], at=row["replaced"])
        return _from_row(before)


def _from_row(row: Row) -> Rule:
    return Rule(
        id=row["id"],
        space=row["space"],
        subject=Subject(row["subject"]),
        kind=Kind(row["kind"]),
        applies=bool(row["applies"]),
        value=row["value"],
        text=row["text"],
        expires_ms=row["expires"],
        by=row["actor"],
        at_ms=row["at"],
        reason=row["reason"],
    )
