"""The service's calls-a-minute limit as one row that every process shares (generic cell rate algorithm)."""

from typing import Final

from bot.store.database import Database

_RESERVE: Final = """
INSERT INTO throttle (name, free) VALUES (:name, :now + :interval)
    ON CONFLICT (name) DO UPDATE
   SET free = CASE WHEN throttle.free > :now THEN throttle.free ELSE :now END + :interval
 WHERE throttle.free < :before
RETURNING free - :interval AS slot
"""

_HOLD: Final = """
INSERT INTO throttle (name, free) VALUES (:name, :until)
    ON CONFLICT (name) DO UPDATE
   SET free = CASE WHEN throttle.free > :until THEN throttle.free ELSE :until END
RETURNING free
"""


class Throttle:
    """Spaces calls evenly: the service punishes bursts, even inside its minute's limit."""

    def __init__(self, database: Database, *, name: str, per_minute: int) -> None:
        self._database = database
        self._name = name
        # One call less per interval count: a window that starts and ends on a call holds per_minute, not one more.
        self.interval_ms = -(-60_000 // max(per_minute - 1, 1))

    async def reserve(self, *, now_ms: int, before_ms: int) -> int | None:
        """The moment (ms UTC) at which the caller's one call may leave; nobody else gets the same.

        None, and nothing is reserved, where the next one would not lie before `before_ms`, which lies ahead itself.
        """
        rows = await self._database.fetch(
            _RESERVE, name=self._name, now=now_ms, interval=self.interval_ms, before=before_ms
        )
        return int(rows[0]["slot"]) if rows else None

    async def free_ms(self) -> int:
        """When the next call may leave; 0 if none ever has."""
        rows = await self._database.fetch("SELECT free FROM throttle WHERE name = :name", name=self._name)
        return int(rows[0]["free"]) if rows else 0

    async def hold(self, *, until_ms: int) -> None:
        """The service said wait: no call that is reserved from now on leaves before `until_ms`."""
        await self._database.fetch(_HOLD, name=self._name, until=until_ms)
