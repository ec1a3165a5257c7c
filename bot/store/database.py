"""The driver: one connection, one statement a transaction, numbered migrations."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final, Protocol

import aiosqlite

from bot.errors import ConfigurationError, DatabaseFailed, DatabaseNewer
from bot.store.modes import make_private

Row = Mapping[str, Any]

_SQLITE: Final = re.compile(r"sqlite:///(?P<path>.+)")
_MIGRATION: Final = re.compile(r"(\d{4})_\w+\.sql")
_BUSY_TIMEOUT_S: Final = 5.0
_BUSY_PAUSE_S: Final = 0.05


class Database(Protocol):
    """Runs statements with `:name` parameters."""

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        """Run ONE statement as one transaction and return its rows: committed once this returns.

        Raises `DatabaseFailed` where that was not possible.
        """


class SqliteDatabase:
    """SQLite through one aiosqlite connection in autocommit: a statement is its own transaction and its own lock.

    Tasks share the connection, so a transaction of several statements would be everybody's: there is none.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        try:
            rows = await self._connection.execute_fetchall(sql, params)
        except sqlite3.Error as error:
            raise DatabaseFailed(f"{type(error).__name__}: {error}") from error
        return [dict(row) for row in rows]


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///relative/path` or `sqlite:////absolute/path` address."""
    match = _SQLITE.fullmatch(url)
    if match is None:
        raise ConfigurationError("DATABASE_URL must look like sqlite:///data/bot.db")
    if match["path"] == ":memory:":
        raise ConfigurationError("DATABASE_URL must name a file: what is kept in memory is lost with the process")
    return Path(match["path"]).expanduser()


@asynccontextmanager
async def open_sqlite(path: Path, *, inspected: bool = True) -> AsyncIterator[SqliteDatabase]:
    """Open `path`, making it where it is missing, and bring its tables up to date.

    `inspected` reads every page first, about a second for a million rows: damage is found now rather than by a command.
    """
    try:
        await asyncio.to_thread(make_private, path)
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"The database {path} cannot be opened: {error}") from error
    try:
        try:
            await _prepare(connection, inspected=inspected)
        except sqlite3.Error as error:
            raise ConfigurationError(_unusable(path, error)) from error
        yield SqliteDatabase(connection)
    finally:
        await connection.close()


@asynccontextmanager
async def open_reader(path: Path) -> AsyncIterator[SqliteDatabase]:
    """A second connection to a database that is open already, which cannot write."""
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    connection.row_factory = aiosqlite.Row
    try:
        await connection.execute_fetchall("PRAGMA query_only = ON")
        yield SqliteDatabase(connection)
    finally:
        await connection.close()


def migrations() -> list[tuple[int, str]]:
    """Every migration this version knows, as (number, SQL), lowest first."""
    folder = resources.files("bot.store") / "migrations"
    found = ((_MIGRATION.fullmatch(file.name), file) for file in folder.iterdir())
    return sorted((int(match[1]), file.read_text(encoding="utf-8")) for match, file in found if match)


def _unusable(path: Path, error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            todo = "Another program keeps it locked: end that, and start the bot again."
        case sqlite3.SQLITE_FULL:
            todo = "Make room on the disk, and start the bot again."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            todo = "It is damaged, or something else: restore a backup, or name another file in DATABASE_URL."
        case _:
            todo = "Nothing was changed in it."
    return f"{path} is no usable database: {error}. {todo}"


async def _prepare(connection: aiosqlite.Connection, *, inspected: bool) -> None:
    connection.row_factory = aiosqlite.Row
    await _write_ahead(connection)
    for row in await connection.execute_fetchall("PRAGMA quick_check(1)") if inspected else ():
        if row[0] != "ok":
            raise sqlite3.DatabaseError(f"database disk image is malformed ({row[0]})")
    # What was read for that fills the cache with pages that commands would have to put out again.
    await connection.execute_fetchall("PRAGMA shrink_memory")
    # WAL with FULL: what was committed survives the power, not only the process.
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    await _migrate(connection)


async def _write_ahead(connection: aiosqlite.Connection) -> None:
    # The one statement that does not wait for the busy timeout: two processes on a new file meet here.
    loop = asyncio.get_running_loop()
    patience_ends = loop.time() + _BUSY_TIMEOUT_S
    while True:
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > patience_ends:
                raise
            await asyncio.sleep(_BUSY_PAUSE_S)
        else:
            return


async def _migrate(connection: aiosqlite.Connection) -> None:
    known = migrations()
    # Nothing else runs yet, so this one transaction of many statements is nobody else's.
    await connection.execute_fetchall("BEGIN IMMEDIATE")
    try:
        await connection.execute_fetchall("CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY)")
        applied = {row[0] for row in await connection.execute_fetchall("SELECT version FROM migration")}
        _refuse_newer(applied, known[-1][0])
        for version, script in known:
            if version not in applied:
                for statement in re.sub(r"--.*", "", script).split(";"):
                    if statement.strip():
                        await connection.execute_fetchall(statement)
                await connection.execute_fetchall("INSERT INTO migration VALUES (?)", (version,))
        # A write that changes nothing: a file that can only be read has to be noticed now, not by the first command.
        await connection.execute_fetchall("UPDATE migration SET version = version")
        await connection.execute_fetchall("COMMIT")
    except BaseException:
        await connection.execute_fetchall("ROLLBACK")
        raise


def _refuse_newer(applied: set[int], known: int) -> None:
    if applied and max(applied) > known:
        raise DatabaseNewer(
            f"The database was made by a newer version of the bot (migration {max(applied)}; this one knows {known}). "
            "Run that version, or restore a backup made before it."
        )
