"""Opening a database: tables are made once, and what cannot be used is refused in words for the operator."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from stores import accept, ordered, total_charged

from bot.errors import ConfigurationError, DatabaseFailed, DatabaseNewer
from bot.store import Generations, Notes, open_store
from bot.store.database import migrations, open_sqlite, sqlite_path


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def run(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Run statements past the bot; the rows of the last."""
    rows: list[tuple[object, ...]] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    return rows


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/bot.db", "data/bot.db"),
        ("sqlite:////var/lib/bot.db", "/var/lib/bot.db"),
        ("sqlite:///a b.db", "a b.db"),
    ],
)
def test_the_address_says_where_the_file_is(url: str, path: str) -> None:
    """Three slashes for a path from here, four for one from the root."""
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///", "data/bot.db", "postgresql://bot:hunter2@db/bot", "SQLITE:///x"]
)
def test_another_address_is_refused_without_repeating_it(url: str) -> None:
    """The message names the variable; an address can hold a password, so it is not in there."""
    with pytest.raises(ConfigurationError, match="DATABASE_URL must look like sqlite") as caught:
        sqlite_path(url)
    assert "hunter2" not in str(caught.value)


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    """The first start needs no preparation; the lock file lies beside the database."""
    path = tmp_path / "new" / "folder" / "bot.db"
    async with open_store(url_of(path), images_per_minute=120) as store:
        assert store.lock == path.with_name("bot.db.lock")
    assert path.exists()


async def test_what_was_committed_is_there_after_opening_again(path: Path) -> None:
    """And every migration stays applied once."""
    async with open_sqlite(path) as database:
        assert await accept(Generations(database), ordered(1), price=3)
    async with open_sqlite(path) as database:
        assert await total_charged(database) == 3
        rows = await database.fetch("SELECT version FROM migration ORDER BY version")
    assert [row["version"] for row in rows] == [number for number, _ in migrations()]


async def test_a_commit_survives_the_power(path: Path) -> None:
    """Write-ahead log with full synchronisation, and references are checked."""
    async with open_sqlite(path) as database:
        pragmas = {
            name: (await database.fetch(f"PRAGMA {name}"))[0][name]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_several_that_open_a_new_file_at_once_all_may(tmp_path: Path) -> None:
    """The tables are made once, and nobody is told that the database is locked."""

    async def note(path: Path, number: int) -> None:
        async with open_sqlite(path) as database:
            await Notes(database).write(f"{number}", "was here")

    for attempt in range(10):
        path = tmp_path / f"{attempt}.db"
        await asyncio.gather(*(note(path, number) for number in range(6)))
        assert run(path, "SELECT COUNT(*) FROM note") == [(6,)]
        assert run(path, "SELECT COUNT(*) FROM migration") == [(len(migrations()),)]


async def test_the_switch_to_the_log_waits_for_whoever_writes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite refuses it at once, whatever its patience: the bot asks again when the other one is done."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def until_done(_seconds: float) -> None:
            other.execute("COMMIT")

        monkeypatch.setattr("bot.store.database.asyncio.sleep", until_done)
        async with open_sqlite(path) as database:
            assert not other.in_transaction
            assert await total_charged(database) == 0


async def test_several_that_upgrade_a_file_at_once_all_may(tmp_path: Path) -> None:
    """Whoever comes second waits, and then finds nothing left to do."""

    async def only_open(path: Path) -> None:
        async with open_sqlite(path):
            pass

    for attempt in range(10):
        path = tmp_path / f"{attempt}.db"
        run(path, "PRAGMA journal_mode = WAL", "CREATE TABLE migration (version BIGINT PRIMARY KEY)")
        await asyncio.gather(*(only_open(path) for _ in range(6)))
        assert run(path, "SELECT version FROM migration") == [(number,) for number, _ in migrations()]


async def test_an_upgrade_keeps_every_rule(path: Path) -> None:
    """The table is made anew for settings: what admins decided before, and its audit, is in it as it was."""
    reading = "SELECT id, space, subject, kind, applies, value, expires, actor, at, reason FROM rule ORDER BY id"
    scripts = "".join(script for _, script in migrations()[:3])
    run(path, *(s for s in re.sub(r"--.*", "", scripts).split(";") if s.strip()))
    run(
        path,
        "CREATE TABLE migration (version BIGINT PRIMARY KEY)",
        "INSERT INTO migration VALUES (1), (2), (3)",
        "INSERT INTO rule (id, space, subject, kind, applies, value, expires, actor, at, reason) VALUES"
        " ('a', 'discord:1', 'discord:1:2', 'limit', 1, 50, NULL, 'discord:1:7', 5, 'a reason'),"
        " ('b', 'discord:1', 'discord:1:2', 'limit', 0, NULL, NULL, 'discord:1:7', 6, NULL),"
        " ('c', NULL, 'deployment', 'budget', 1, NULL, NULL, 'cli', 6, NULL),"
        " ('d', 'discord:1', 'discord:1:2', 'grant', 1, 9, 99, 'discord:1:7', 7, NULL)",
    )
    before = run(path, reading)
    assert len(before) == 4
    async with open_sqlite(path):
        pass
    assert run(path, reading) == before
    assert run(path, "SELECT DISTINCT text FROM rule") == [(None,)]
    indexes = run(path, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'rule' AND sql IS NOT NULL")
    assert {name for (name,) in indexes} == {"rule_newest", "rule_space", "rule_at"}


def test_migrations_are_numbered_without_gap() -> None:
    """Each number once, from one on: their order is the order of their making."""
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


async def test_a_newer_database_is_refused_and_left_alone(path: Path) -> None:
    """An older bot does not run on tables that it does not know."""
    async with open_sqlite(path):
        pass
    newest = migrations()[-1][0]
    run(path, "INSERT INTO migration SELECT MAX(version) + 1 FROM migration")
    with pytest.raises(DatabaseNewer, match=f"migration {newest + 1}; this one knows {newest}"):
        async with open_sqlite(path):
            pytest.fail("a newer database was opened")
    assert run(path, "SELECT MAX(version) FROM migration") == [(newest + 1,)]


async def test_a_failed_migration_leaves_nothing_behind(path: Path) -> None:
    """All tables or none: mended, the same file opens."""
    run(path, "CREATE TABLE throttle (made_by TEXT)")
    with pytest.raises(ConfigurationError, match="throttle already exists"):
        async with open_sqlite(path):
            pytest.fail("a foreign database was opened")
    assert run(path, "SELECT name FROM sqlite_master WHERE type = 'table'") == [("throttle",)]
    run(path, "DROP TABLE throttle")
    async with open_sqlite(path) as database:
        assert await total_charged(database) == 0


def _text(path: Path) -> None:
    path.write_text("This is a letter, not a database. " * 100)


def _torn(path: Path) -> None:
    run(path, "CREATE TABLE t (x)", "INSERT INTO t VALUES (zeroblob(100000))")
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)


def _damaged_page(path: Path) -> None:
    """The header and the schema are whole: only whoever reads a certain index would notice."""
    migrated = "".join(script for _, script in migrations())
    run(path, *(s for s in re.sub(r"--.*", "", migrated).split(";") if s.strip()))
    run(path, "CREATE TABLE migration (version BIGINT PRIMARY KEY)", "INSERT INTO migration VALUES (1)")
    # Enough history for the indexes to have pages of their own.
    run(path, "INSERT INTO note VALUES ('history', zeroblob(50000))")
    data = bytearray(path.read_bytes())
    [(page,)] = run(path, "SELECT rootpage FROM sqlite_master WHERE name = 'generation_open'")
    start = (int(str(page)) - 1) * 4096
    data[start : start + 4096] = b"\xff" * 4096
    path.write_bytes(data)


def _in_the_way(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("spoil", [_text, _torn, _damaged_page, _in_the_way])
async def test_what_is_no_database_is_refused_by_name(path: Path, spoil: Callable[[Path], None]) -> None:
    """The operator reads which file it is, not a traceback."""
    spoil(path)
    with pytest.raises(ConfigurationError) as caught:
        async with open_sqlite(path):
            pytest.fail("something was opened that is no database")
    assert str(path) in str(caught.value)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be opened") as caught:
        async with open_sqlite(tmp_path / "data" / "bot.db"):
            pytest.fail("a database was opened inside a file")
    assert str(tmp_path / "data" / "bot.db") in str(caught.value)


async def test_a_database_that_somebody_else_keeps_locked_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its patience the bot says which file is locked."""
    monkeypatch.setattr("bot.store.database._BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConfigurationError, match="locked") as caught:
            async with open_sqlite(path):
                pytest.fail("a locked database was opened")
    assert str(path) in str(caught.value)


async def test_an_error_in_use_is_the_statements_and_not_the_openings(path: Path) -> None:
    """Opening explains its own failures only; what fails later is no mistake of the operator's settings."""
    with pytest.raises(DatabaseFailed, match="no such table"):
        async with open_sqlite(path) as database:
            await database.fetch("SELECT * FROM nonsense")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        async with open_sqlite(path):
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")


async def test_a_statement_that_fails_leaves_no_transaction_open(path: Path) -> None:
    """The next one works, from another connection too."""
    async with open_sqlite(path) as a, open_sqlite(path) as b:
        with pytest.raises(DatabaseFailed, match="FOREIGN KEY"):
            await a.fetch("INSERT INTO picture (generation, n, url) VALUES ('unknown', 0, 'u')")
        await Notes(b).write("name", "from b")
        await Notes(a).write("name", "from a")
        assert await Notes(b).read("name") == "from a"


async def test_notes_keep_the_last_word(path: Path) -> None:
    """Small facts outlive the process; an unknown name has none."""
    async with open_sqlite(path) as database:
        notes = Notes(database)
        assert await notes.read("commands") is None
        await notes.write("commands", "one")
        await notes.write("commands", "two")
        await notes.write("other", "")
    async with open_sqlite(path) as database:
        assert await Notes(database).read("commands") == "two"
        assert await Notes(database).read("other") == ""
