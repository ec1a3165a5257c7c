"""The generation's life as SQL: one statement a step, each fenced by state and attempt.

A cancelled or killed caller never leaves a transaction open, and a runner that woke up late changes nothing.
"""

import json
from typing import Any, Final

from bot.model import (
    Account,
    Drawing,
    Generation,
    GenerationId,
    ImageRequest,
    Limits,
    Order,
    Parent,
    Picture,
    Reason,
    Result,
    Space,
    State,
    Usage,
)
from bot.store.database import Database, Row

# What is used in the windows, by account, pot, space and deployment. A sum that binds nobody is not made.
_USED: Final = """
WITH used AS MATERIALIZED (
  SELECT (SELECT COALESCE(SUM(charged - bonus), 0) FROM generation
           WHERE account = :account AND created >= :own_since) AS own,
         CASE WHEN CAST(:pot AS BIGINT) IS NULL THEN 0 ELSE
           (SELECT COALESCE(SUM(bonus), 0) FROM generation
             WHERE account = :account AND created >= CAST(:pot_since AS BIGINT) AND bonus > 0) END AS spent,
         CASE WHEN CAST(:space_limit AS BIGINT) IS NULL THEN 0 ELSE
           (SELECT COALESCE(SUM(charged), 0) FROM generation
             WHERE space = CAST(:space AS TEXT) AND created >= :since) END AS space,
         CASE WHEN CAST(:total_limit AS BIGINT) IS NULL THEN 0 ELSE
           (SELECT COALESCE(SUM(charged), 0) FROM generation WHERE created >= :since) END AS total)
"""

# `need` is what the window's own credits do not cover: the bonus pot has to. What costs nothing fits any limit, also
# one that was lowered below its use: a refusal that nothing explains would be tried for ever.
_ACCEPT: Final = (
    _USED  # noqa: S608 - put together from constants, values are bound
    + """
, split AS MATERIALIZED (
  SELECT used.*, CASE WHEN CAST(:own_limit AS BIGINT) IS NULL THEN 0
                      WHEN own + :price <= CAST(:own_limit AS BIGINT) THEN 0
                      WHEN own >= CAST(:own_limit AS BIGINT) THEN :price
                      ELSE own + :price - CAST(:own_limit AS BIGINT) END AS need
    FROM used)
INSERT INTO generation
       (id, account, space, asked, charged, bonus, state, attempt, created, deadline, request, address, roles, parent,
        action)
SELECT :id, :account, CAST(:space AS TEXT), :price, :price, need, 'queued', 0, :now, :deadline, :request, :address,
       :roles, CAST(:parent AS TEXT), CAST(:step AS TEXT)
  FROM split
 WHERE (need = 0 OR need <= COALESCE(CAST(:pot AS BIGINT), 0) - spent)
   AND (CAST(:space_limit AS BIGINT) IS NULL OR :price = 0 OR space + :price <= CAST(:space_limit AS BIGINT))
   AND (CAST(:total_limit AS BIGINT) IS NULL OR :price = 0 OR total + :price <= CAST(:total_limit AS BIGINT))
   AND (CAST(:queued_limit AS BIGINT) IS NULL OR CAST(:queued_limit AS BIGINT) >
         (SELECT COUNT(*) FROM generation WHERE account = :account AND settled IS NULL))
    ON CONFLICT DO NOTHING RETURNING id
"""
)

_USAGE: Final = (
    _USED  # noqa: S608 - put together from constants, values are bound
    + """
SELECT own, spent, space, total,
       (SELECT COUNT(*) FROM generation WHERE account = :account AND settled IS NULL) AS queued,
       (SELECT MIN(created) FROM generation
         WHERE account = :account AND created >= :own_since AND charged > bonus) AS own_oldest,
       CASE WHEN CAST(:space_limit AS BIGINT) IS NULL THEN NULL ELSE
         (SELECT MIN(created) FROM generation
           WHERE space = CAST(:space AS TEXT) AND created >= :since AND charged > 0) END AS space_oldest,
       CASE WHEN CAST(:total_limit AS BIGINT) IS NULL THEN NULL ELSE
         (SELECT MIN(created) FROM generation WHERE created >= :since AND charged > 0) END AS total_oldest,
       (SELECT COUNT(*) FROM generation WHERE id = CAST(:id AS TEXT)) AS known
  FROM used
"""
)

_UNDER_WAY: Final = """
SELECT 1 FROM generation WHERE parent = :parent AND action = :step AND settled IS NULL AND action <> 'edit'
"""

_CLAIM: Final = "UPDATE generation SET attempt = attempt + 1 WHERE id = :id AND settled IS NULL RETURNING *"

# From here on nothing is called off: the service is about to be paid.
_BEGIN: Final = """
UPDATE generation SET state = 'running'
 WHERE id = :id AND attempt = :attempt AND state IN ('queued', 'running') RETURNING id
"""

# The attempt goes up, so that a run that waits for its turn finds itself fenced out.
_CANCEL: Final = """
UPDATE generation SET state = 'refunded', charged = 0, bonus = 0, reason = :reason, attempt = attempt + 1
 WHERE id = :id AND state = 'queued' RETURNING *
"""

_KEEP_PICTURE: Final = """
INSERT INTO picture (generation, n, url, revised, request_id)
SELECT id, :n, :url, CAST(:revised AS TEXT), CAST(:request_id AS TEXT) FROM generation
 WHERE id = :id AND attempt = :attempt AND state = 'running'
    ON CONFLICT (generation, n) DO NOTHING RETURNING n
"""

_KEEP_FILE: Final = """
UPDATE picture SET file_id = :file_id
 WHERE generation = :id AND n = :n
   AND EXISTS (SELECT 1 FROM generation WHERE id = :id AND attempt = :attempt AND state = 'delivering') RETURNING n
"""

# Credits of pictures that failed for good come back here, the bonus first. What came back stays back: a picture that
# a later run fetches after all is a present, and must not strand the row.
_DELIVERING: Final = """
UPDATE generation
   SET state = 'delivering', charged = CASE WHEN charged > :charge THEN :charge ELSE charged END,
       bonus = CASE WHEN charged <= :charge THEN bonus
                    WHEN bonus > charged - :charge THEN bonus - (charged - :charge) ELSE 0 END
 WHERE id = :id AND attempt = :attempt AND state IN ('running', 'delivering') RETURNING *
"""

_DELIVERED: Final = """
UPDATE generation SET state = 'delivered', settled = :now, address = NULL, result = :result
 WHERE id = :id AND attempt = :attempt AND state = 'delivering' RETURNING id
"""

# The address stays until the person has been told: a crash in between must not leave them without a word.
_REFUND: Final = """
UPDATE generation SET state = 'refunded', charged = 0, bonus = 0, reason = :reason
 WHERE id = :id AND attempt = :attempt AND state IN ('queued', 'running', 'delivering') RETURNING *
"""

_TOLD: Final = """
UPDATE generation SET settled = :now, address = NULL
 WHERE id = :id AND attempt = :attempt AND state = 'refunded' AND settled IS NULL RETURNING id
"""

# A signed link is its own credential, and of no use once the row is settled.
_FORGET: Final = """
UPDATE picture SET url = ''
 WHERE generation = :id AND EXISTS (SELECT 1 FROM generation WHERE id = :id AND settled IS NOT NULL)
"""

_FORGET_ALL: Final = """
UPDATE picture SET url = ''
 WHERE url <> '' AND generation IN (SELECT id FROM generation WHERE settled IS NOT NULL)
"""


class Generations:
    """Every read and every transition of a generation. Times in milliseconds UTC, from the caller's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, order: Order, *, limits: Limits, price: int, now_ms: int, deadline_ms: int) -> bool:
        """Reserve and charge in one statement; False if a limit has no room or the id is known."""
        rows = await self._database.fetch(
            _ACCEPT,
            **_scope(order.account, order.space, limits),
            own_limit=limits.own,
            queued_limit=limits.queued,
            id=order.id,
            price=price,
            now=now_ms,
            deadline=deadline_ms,
            request=order.request.to_json(),
            address=json.dumps(order.address),
            roles=json.dumps(limits.roles),
            **lineage(order.parent),
        )
        return bool(rows)

    async def usage(
        self,
        account: Account,
        space: Space | None,
        limits: Limits,
        *,
        id: GenerationId | None = None,
    ) -> tuple[Usage, bool]:
        """What the window holds, and whether `id` has been accepted before: the read that explains a refusal."""
        [row] = await self._database.fetch(_USAGE, **_scope(account, space, limits), id=id)
        usage = Usage(
            own=row["own"],
            space=row["space"],
            total=row["total"],
            bonus=row["spent"],
            queued=row["queued"],
            own_oldest_ms=row["own_oldest"],
            space_oldest_ms=row["space_oldest"],
            total_oldest_ms=row["total_oldest"],
        )
        return usage, bool(row["known"])

    async def find(self, id: GenerationId) -> Generation | None:
        """A generation, at its end or not."""
        return _first(await self._database.fetch("SELECT * FROM generation WHERE id = :id", id=id))

    async def under_way(self, parent: Parent) -> bool:
        """Whether the same is being made of the same generation already: the other reason for a refusal."""
        return bool(await self._database.fetch(_UNDER_WAY, **lineage(parent)))

    async def claim(self, id: GenerationId) -> Generation | None:
        """Take an open generation for one run; whoever held it before is fenced out. None once it is settled."""
        return _first(await self._database.fetch(_CLAIM, id=id))

    async def begin(self, job: Generation) -> bool:
        """The service is about to be called; False if the run was fenced out, or the person called it off."""
        return bool(await self._database.fetch(_BEGIN, id=job.id, attempt=job.attempt))

    async def cancel(self, id: GenerationId) -> Generation | None:
        """Call off what has not begun: every credit is back. None if it has begun, or is at its end."""
        return _first(await self._database.fetch(_CANCEL, id=id, reason=Reason.CANCELLED))

    async def open_ids(self) -> dict[GenerationId, Account]:
        """Everything accepted that has not come to its end, oldest first, and whose it is."""
        rows = await self._database.fetch("SELECT id, account FROM generation WHERE settled IS NULL ORDER BY created")
        return {row["id"]: row["account"] for row in rows}

    async def keep_picture(self, job: Generation, n: int, drawing: Drawing) -> bool:
        """Note a paid answer before anything else happens to it; False if the run was fenced out."""
        rows = await self._database.fetch(
            _KEEP_PICTURE,
            id=job.id,
            attempt=job.attempt,
            n=n,
            url=drawing.url,
            revised=drawing.revised,
            request_id=drawing.request_id,
        )
        return bool(rows)

    async def keep_file(self, job: Generation, n: int, file_id: str) -> bool:
        """Note that the platform holds picture `n` as `file_id`; False if the run was fenced out."""
        return bool(await self._database.fetch(_KEEP_FILE, id=job.id, attempt=job.attempt, n=n, file_id=file_id))

    async def pictures(self, id: GenerationId) -> dict[int, Picture]:
        """The paid answers of a generation, by their number."""
        rows = await self._database.fetch(
            "SELECT n, url, revised, request_id, file_id FROM picture WHERE generation = :id", id=id
        )
        return {row["n"]: Picture(**row) for row in rows}

    async def delivering(self, job: Generation, *, charge: int) -> Generation | None:
        """Everything that will come is here: charge for that at most and go on; None if the run was fenced out."""
        return _first(await self._database.fetch(_DELIVERING, id=job.id, attempt=job.attempt, charge=charge))

    async def delivered(self, job: Generation, *, now_ms: int, result: Result) -> bool:
        """The platform has the message: settle."""
        rows = await self._database.fetch(
            _DELIVERED, id=job.id, attempt=job.attempt, now=now_ms, result=result.to_json()
        )
        await self._database.fetch(_FORGET, id=job.id)
        return bool(rows)

    async def refund(self, job: Generation, reason: Reason) -> Generation | None:
        """Give every credit back; the person is still to be told. None if the run was fenced out."""
        return _first(await self._database.fetch(_REFUND, id=job.id, attempt=job.attempt, reason=reason))

    async def told(self, job: Generation, *, now_ms: int) -> bool:
        """The person knows: settle, and forget where they are."""
        rows = await self._database.fetch(_TOLD, id=job.id, attempt=job.attempt, now=now_ms)
        await self._database.fetch(_FORGET, id=job.id)
        return bool(rows)

    async def forget_links(self) -> None:
        """Wipe the signed links of settled generations: of those whose process died between settling and this."""
        await self._database.fetch(_FORGET_ALL)


def _scope(account: Account, space: Space | None, limits: Limits) -> dict[str, Any]:
    return {
        "account": account,
        "space": space,
        "since": limits.since_ms,
        "own_since": limits.own_since_ms,
        "pot": None if limits.pot is None else limits.pot.credits,
        "pot_since": None if limits.pot is None else limits.pot.since_ms,
        "space_limit": limits.space if space is not None else None,
        "total_limit": limits.total,
    }


def lineage(parent: Parent | None) -> dict[str, Any]:
    """What something was made from, as values of a statement."""
    return {"parent": parent and parent.id, "step": parent and parent.step}


def parent_of(row: Row) -> Parent | None:
    """What something was made from, out of a row."""
    return Parent.of_step(row["parent"], row["action"]) if row["parent"] else None


def _first(rows: list[Row]) -> Generation | None:
    return from_row(rows[0]) if rows else None


def from_row(row: Row) -> Generation:
    """A row of the table as a value."""
    return Generation(
        id=row["id"],
        account=row["account"],
        space=row["space"],
        asked=row["asked"],
        charged=row["charged"],
        bonus=row["bonus"],
        state=State(row["state"]),
        attempt=row["attempt"],
        created_ms=row["created"],
        deadline_ms=row["deadline"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        request=ImageRequest.from_json(row["request"]),
        address=json.loads(row["address"]) if row["address"] else {},
        roles=tuple(json.loads(row["roles"])),
        parent=parent_of(row),
        result=Result.from_json(row["result"]) if row["result"] else None,
        settled_ms=row["settled"],
        deleted_ms=row["deleted"],
        shared_ms=row["shared"],
    )
