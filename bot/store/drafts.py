"""Requests that wait for their person's yes: nothing is charged for them, and nothing lost with them."""

from dataclasses import dataclass
from typing import Final

from bot.model import Account, GenerationId, ImageRequest, Parent
from bot.store.database import Database
from bot.store.generations import lineage, parent_of

_FORGOTTEN: Final = 200
"""Rows that go at once: a command waits for no longer lock than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Whose request it is, and what it was edited from, if from anything."""

    account: Account
    request: ImageRequest
    parent: Parent | None = None


class Drafts:
    """Kept under the id that the generation will have, so that a second yes is the same command."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, id: GenerationId, draft: Draft, *, now_ms: int) -> None:
        """Keep a request until it is confirmed; the same command sent twice changes nothing."""
        await self._database.fetch(
            "INSERT INTO draft (id, account, request, parent, action, created)"
            " VALUES (:id, :account, :request, CAST(:parent AS TEXT), CAST(:step AS TEXT), :now)"
            " ON CONFLICT (id) DO NOTHING",
            id=id,
            account=draft.account,
            request=draft.request.to_json(),
            now=now_ms,
            **lineage(draft.parent),
        )

    async def find(self, id: GenerationId) -> Draft | None:
        """What is kept; None if it was let go."""
        rows = await self._database.fetch("SELECT * FROM draft WHERE id = :id", id=id)
        if not rows:
            return None
        [row] = rows
        return Draft(account=row["account"], request=ImageRequest.from_json(row["request"]), parent=parent_of(row))

    async def drop(self, id: GenerationId) -> bool:
        """Its person said no; False, and nothing is dropped, if they had said yes before."""
        rows = await self._database.fetch(
            "DELETE FROM draft WHERE id = :id AND NOT EXISTS (SELECT 1 FROM generation WHERE id = :id) RETURNING id",
            id=id,
        )
        return bool(rows)

    async def forget(self, *, before_ms: int) -> None:
        """Let go of those that nobody answered."""
        while await self._database.fetch(
            "DELETE FROM draft WHERE id IN"
            " (SELECT id FROM draft WHERE created < :before ORDER BY created LIMIT :most) RETURNING id",
            before=before_ms,
            most=_FORGOTTEN,
        ):
            pass
