"""The only place that speaks SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.store.database import open_reader, open_sqlite, sqlite_path
from bot.store.drafts import Draft, Drafts
from bot.store.generations import Generations
from bot.store.history import History
from bot.store.house import HouseBook
from bot.store.modes import FILE_MODE
from bot.store.notes import Notes
from bot.store.personal import PersonalRecords
from bot.store.reports import Reports
from bot.store.rules import RuleBook, Rules
from bot.store.throttle import Throttle

__all__ = [
    "FILE_MODE",
    "Draft",
    "Drafts",
    "Generations",
    "History",
    "HouseBook",
    "Notes",
    "PersonalRecords",
    "Reports",
    "RuleBook",
    "Rules",
    "Store",
    "Throttle",
    "open_store",
    "sqlite_path",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything that is kept, over one open database; `lock` is the file that its one runner holds.

    `rule_book` and `reports` read over a connection of their own, so that a long look never holds up a command.
    """

    generations: Generations
    history: History
    drafts: Drafts
    rules: Rules
    rule_book: RuleBook
    reports: Reports
    house: HouseBook
    throttle: Throttle
    notes: Notes
    personal: PersonalRecords
    lock: Path


@asynccontextmanager
async def open_store(url: str, *, images_per_minute: int, inspected: bool = True) -> AsyncIterator[Store]:
    """Open the database at `url` (`sqlite:///data/bot.db`); `ConfigurationError` says why it cannot be."""
    path = sqlite_path(url)
    async with open_sqlite(path, inspected=inspected) as database, open_reader(path) as reader:
        yield Store(
            generations=Generations(database),
            history=History(database),
            drafts=Drafts(database),
            rules=Rules(database),
            rule_book=RuleBook(reader),
            reports=Reports(reader),
            house=HouseBook(database),
            throttle=Throttle(database, name="dashscope", per_minute=images_per_minute),
            notes=Notes(database),
            personal=PersonalRecords(database, reader, by_account={"preference": "at", "draft": "created"}),
            lock=path.with_name(f"{path.name}.lock"),
        )
