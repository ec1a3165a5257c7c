"""Requests that wait for their person's yes: nothing is charged for them, and nothing lost with them."""

from bot.model import Account, GenerationId, ImageRequest
from bot.store.database import Database


class Drafts:
    """Kept under the id that the generation will have, so that a second yes is the same command."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, id: GenerationId, account: Account, request: ImageRequest, *, now_ms: int) -> None:
        """Keep a request until it is confirmed; the same command sent twice changes nothing."""
        await self._database.fetch(
            "INSERT INTO draft (id, account, request, created) VALUES (:id, :account, :request, :now)"
            " ON CONFLICT (id) DO NOTHING",
            id=id,
            account=account,
            request=request.to_json(),
            now=now_ms,
        )

    async def find(self, id: GenerationId) -> tuple[Account, ImageRequest] | None:
        """Whose draft it is, and of what; None if it was let go."""
        rows = await self._database.fetch("SELECT account, request FROM draft WHERE id = :id", id=id)
        return (rows[0]["account"], ImageRequest.from_json(rows[0]["request"])) if rows else None

    async def drop(self, id: GenerationId) -> bool:
        """Its person said no; False, and nothing is dropped, if they had said yes before."""
        rows = await self._database.fetch(
            "DELETE FROM draft WHERE id = :id AND NOT EXISTS (SELECT 1 FROM generation WHERE id = :id) RETURNING id",
            id=id,
        )
        return bool(rows)

    async def forget(self, *, before_ms: int) -> None:
        """Let go of those that nobody answered."""
        await self._database.fetch("DELETE FROM draft WHERE created < :before", before=before_ms)
