"""A real database on a temporary path, opened as the bot opens it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Generations
from bot.store.database import SqliteDatabase, open_sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    async with open_sqlite(path) as database:
        yield database


@pytest.fixture
def generations(database: SqliteDatabase) -> Generations:
    return Generations(database)
