"""What was drawn, as its people look back at it: page by page, deleted, shared."""

from typing import Final

from bot.model import Account, Generation, GenerationId
from bot.store.database import Database
from bot.store.generations import from_row

# What was erased, or taken back with its message, is nobody's to look at.
_PAGE: Final = """
SELECT * FROM generation
 WHERE account = :account AND state = 'delivered' AND result IS NOT NULL AND deleted IS NULL
 ORDER BY created DESC, id LIMIT :limit OFFSET :offset
"""

_LATELY: Final = """
SELECT * FROM generation
 WHERE account = :account AND state = 'delivered' AND result IS NOT NULL
 ORDER BY created DESC LIMIT :limit
"""

_RECENT: Final = """
SELECT * FROM generation
 WHERE created >= :since AND state = 'delivered' AND result IS NOT NULL
 ORDER BY created DESC LIMIT :limit
"""

_DELETED: Final = """
UPDATE generation SET deleted = :now WHERE id = :id AND settled IS NOT NULL AND deleted IS NULL RETURNING id
"""

_SHARE: Final = """
UPDATE generation SET shared = :now
 WHERE id = :id AND state = 'delivered' AND deleted IS NULL AND shared IS NULL RETURNING id
"""

_UNSHARE: Final = "UPDATE generation SET shared = NULL WHERE id = :id RETURNING id"


class History:
    """Reads and marks of generations that were accepted before. Times in milliseconds UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, account: Account, *, page: int, size: int) -> tuple[list[Generation], bool]:
        """Page `page` (from 1) of what somebody has had drawn, newest first, and whether another one follows."""
        rows = await self._database.fetch(_PAGE, account=account, limit=size + 1, offset=(page - 1) * size)
        return [from_row(row) for row in rows[:size]], len(rows) > size

    async def prompts(self, account: Account, *, limit: int) -> list[str]:
        """The prompts of somebody's last `limit` pictures, newest first, each once."""
        rows = await self._database.fetch(_LATELY, account=account, limit=limit)
        return list(dict.fromkeys(from_row(row).request.prompt for row in rows))

    async def recent(self, *, limit: int, since_ms: int) -> list[Generation]:
        """What was drawn last, of anybody's, the newest first; of what was asked for since then alone."""
        return [from_row(row) for row in await self._database.fetch(_RECENT, limit=limit, since=since_ms)]

    async def deleted(self, id: GenerationId, *, now_ms: int) -> bool:
        """Its message is gone; False if that was noted before."""
        return bool(await self._database.fetch(_DELETED, id=id, now=now_ms))

    async def share(self, id: GenerationId, *, now_ms: int) -> bool:
        """Claim the one time that a private picture is shown to others; False if somebody has."""
        return bool(await self._database.fetch(_SHARE, id=id, now=now_ms))

    async def unshare(self, id: GenerationId) -> None:
        """It could not be shown after all: it may be tried again."""
        await self._database.fetch(_UNSHARE, id=id)
