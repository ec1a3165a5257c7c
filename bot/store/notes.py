"""Small facts that outlive a process."""

from bot.store.database import Database


class Notes:
    """Names and their texts; the last one written counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, name: str) -> str | None:
        rows = await self._database.fetch("SELECT value FROM note WHERE name = :name", name=name)
        return str(rows[0]["value"]) if rows else None

    async def write(self, name: str, value: str) -> None:
        await self._database.fetch(
            "INSERT INTO note (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name=name,
            value=value,
        )
