"""The only place that speaks SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.store.database import open_sqlite, sqlite_path
from bot.store.generations import Generations
from bot.store.modes import FILE_MODE
from bot.store.notes import Notes
from bot.store.throttle import Throttle

__all__ = ["FILE_MODE", "Generations", "Notes", "Store", "Throttle", "open_store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything that is kept, over one open database; `lock` is the file that its one runner holds."""

    generations: Generations
    throttle: Throttle
    notes: Notes
    lock: Path


@asynccontextmanager
async def open_store(url: str, *, images_per_minute: int) -> AsyncIterator[Store]:
    """Open the database at `url` (`sqlite:///data/bot.db`); `ConfigurationError` says why it cannot be."""
    path = sqlite_path(url)
    async with open_sqlite(path) as database:
        yield Store(
            generations=Generations(database),
            throttle=Throttle(database, name="dashscope", per_minute=images_per_minute),
            notes=Notes(database),
            lock=path.with_name(f"{path.name}.lock"),
        )
