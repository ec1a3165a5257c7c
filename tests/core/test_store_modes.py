"""The database's files belong to the bot's user alone, whatever they were made with."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.store import Notes
from bot.store.database import open_sqlite

FILES = ("bot.db", "bot.db-wal", "bot.db-shm")


@pytest.fixture(autouse=True)
def generous_umask() -> Iterator[None]:
    """The shell would let everybody read and write what is made."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def set_mode(path: Path, to: int) -> None:
    path.chmod(to)


@pytest.fixture
def readable(path: Path) -> Path:
    """A database that was made by somebody less careful."""
    path.touch(0o644)
    return path


async def test_a_new_database_is_closed_to_others(tmp_path: Path) -> None:
    """The file, SQLite's log and index beside it, and the folder that was made for them."""
    path = tmp_path / "data" / "bot.db"
    async with open_sqlite(path) as database:
        await Notes(database).write("name", "value")
        assert {name: mode(path.with_name(name)) for name in FILES} == dict.fromkeys(FILES, 0o600)
    assert mode(path.parent) == 0o700


async def test_a_database_that_others_could_read_is_closed_to_them_and_the_log_says_so(path: Path) -> None:
    """It may have been made by an older version, or copied; the log and index left by a crash are closed as well."""
    async with open_sqlite(path):
        lock = path.with_name("bot.db.lock")
        lock.touch(0o644)
        for name in FILES:
            path.with_name(name).chmod(0o664)
        with capture_logs() as logs:
            async with open_sqlite(path):
                assert {name: mode(path.with_name(name)) for name in FILES} == dict.fromkeys(FILES, 0o600)
        assert mode(lock) == 0o600
    assert [(line["event"], line["was"], line["now"]) for line in logs] == [
        *[("file was open to other users", "0664", "0600")] * 3,
        ("file was open to other users", "0644", "0600"),
    ]


async def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """Others may have their own files in it."""
    set_mode(tmp_path, 0o755)
    async with open_sqlite(tmp_path / "bot.db"):
        pass
    assert mode(tmp_path) == 0o755


async def test_a_file_that_cannot_be_tightened_is_used_and_the_log_says_so(
    readable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a volume without modes, or on another user's file: a bot that stops would help nobody."""

    def refuse(_path: Path, _mode: int) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(Path, "chmod", refuse)
    with capture_logs() as logs:
        async with open_sqlite(readable) as database:
            await Notes(database).write("name", "value")
    assert [(line["event"], line["error"]) for line in logs] == [("file is open to other users", "not yours")]
