"""What the database says, straight from its file."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    """The rows of one statement, committed at once."""
    connection = sqlite3.connect(database)
    try:
        with connection:
            return connection.execute(sql).fetchall()
    finally:
        connection.close()


def charged(database: Path) -> int:
    """The sum of what people pay."""
    return int(str(rows(database, "SELECT COALESCE(SUM(charged), 0) FROM generation")[0][0]))


def open_rows(database: Path) -> int:
    """How many generations have not come to their end."""
    return len(rows(database, "SELECT id FROM generation WHERE settled IS NULL"))


def reasons(database: Path) -> list[object]:
    """Why what was refunded was refunded."""
    return [row[0] for row in rows(database, "SELECT reason FROM generation WHERE state = 'refunded'")]


async def until(holds: Callable[[], object], *, within_s: float = 10) -> None:
    """Return once `holds()`: what another process or connection writes announces itself to nobody."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - nothing to wait for but the file
            await asyncio.sleep(0.01)
