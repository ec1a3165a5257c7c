"""A database that fails under a running bot: a polite refusal in chat, no half-written state, the right charges."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest
from e2e.conftest import Running
from e2e.ledger import charged, open_rows, rows, until

from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import Stage, Typed

POLITE = "Nothing was charged; please try again"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[aiosqlite.Connection]:
    """The bot's own connections, for what only they can be told: how large their file may grow."""
    opened: list[aiosqlite.Connection] = []
    connect = aiosqlite.connect

    def remember(*args: object, **kwargs: object) -> aiosqlite.Connection:
        connection = connect(*args, **kwargs)  # type: ignore[arg-type] # handed on as they came
        opened.append(connection)
        return connection

    monkeypatch.setattr("bot.store.database.aiosqlite.connect", remember)
    return opened


async def fill(connections: list[aiosqlite.Connection], *, pages: int | None = None) -> None:
    """Let the disk be full: SQLite then answers SQLITE_FULL, as it does for ENOSPC. None makes room again."""
    for connection in connections:
        # The fewest pages that SQLite lets a file have are those that it has already.
        await connection.execute_fetchall(f"PRAGMA max_page_count = {pages or 1_000_000}")


def overwritten(database: Path, *, page: int, data: bytes) -> bytes:
    """Write over a page in place, as a failing disk does; what stood there."""
    with database.open("r+b") as file:
        file.seek((page - 1) * len(data))
        before = file.read(len(data))
        file.seek((page - 1) * len(data))
        file.write(data)
    return before


async def test_a_full_disk_is_said_and_charges_nobody(
    stage: Stage, running: Running, database: Path, connections: list[aiosqlite.Connection], dashscope: DashScopeSandbox
) -> None:
    """Whoever types is refused; what was being drawn is delivered once there is room; the sum is right."""
    async with running(max_queued_per_user=1000, quota_credits="unlimited"):
        with dashscope.hold():
            first = await stage.imagine("a red fox")
            await first.answer()
            await dashscope.wait_for_calls(1)
            await fill(connections, pages=1)
            # Free space inside the file's last pages takes a few more rows: each is either taken, or refused.
            taken: list[Typed] = [first]
            refusals: list[str] = []
            while not refusals:
                typed = await stage.imagine("a red fox " + "x" * 700, who=f"p{len(taken)}")
                answer = await typed.answer()
                if answer.text.startswith(("Drawing", "imagine is thinking")):
                    taken.append(typed)
                else:
                    refusals.append(answer.text)
            assert len(taken) < 60
            assert POLITE in refusals[0]
            assert "cannot save" in refusals[0]
        await fill(connections)
        endings = [await typed.ending(within_s=30) for typed in taken]
        assert all(ending.pictures for ending in endings)
        assert len((await (await stage.imagine("another fox")).ending()).pictures) == 1
    assert charged(database) == 2 * (len(taken) + 1)
    assert rows(database, "SELECT DISTINCT state, charged FROM generation") == [("delivered", 2)]
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]


async def test_a_locked_database_is_said_and_charges_nobody(
    stage: Stage, running: Running, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds it longer than the bot's patience: nothing is charged, also not by a commit that lands."""
    monkeypatch.setattr("bot.store.database._BUSY_TIMEOUT_S", 2.0)
    async with running():
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = await (await stage.imagine("a red fox")).ending()
            assert POLITE in refused.text
            other.execute("ROLLBACK")
        await asyncio.sleep(0)
        assert len((await (await stage.imagine("a fox again")).ending(within_s=20)).pictures) == 1
        await until(lambda: not open_rows(database))
    assert charged(database) == 2
    assert stage.results() == 1


async def test_a_database_that_breaks_is_said_and_charges_nobody(
    stage: Stage, running: Running, database: Path, connections: list[aiosqlite.Connection]
) -> None:
    """A damaged page is met by the command that needs it: refused, and whatever was there before still stands."""
    async with running():
        assert (await (await stage.imagine("a red fox")).ending()).pictures
        await until(lambda: not open_rows(database))
        connection, _ = connections  # the other one only looks
        [row] = await connection.execute_fetchall("SELECT rootpage FROM sqlite_master WHERE name='generation_account'")
        await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = overwritten(database, page=row[0], data=b"\xff" * 4096)
        await connection.execute_fetchall("PRAGMA shrink_memory")
        refused = await (await stage.imagine("a broken fox")).ending()
        assert POLITE in refused.text
        overwritten(database, page=row[0], data=whole)
        await connection.execute_fetchall("PRAGMA shrink_memory")
        assert (await (await stage.imagine("a mended fox")).ending()).pictures
    assert charged(database) == 4
    assert rows(database, "SELECT DISTINCT state, charged FROM generation") == [("delivered", 2)]
