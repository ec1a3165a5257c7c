"""`zimage-bot quota …` as a process: what its operator types, reads and scripts against."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from stores import accept, ordered

from bot.clock import SystemClock
from bot.store import open_store


@dataclass(frozen=True, slots=True)
class Terminal:
    """A shell in the bot's folder."""

    folder: Path

    async def quota(self, *words: str) -> tuple[int | None, str, str]:
        """The exit code, and what was printed to both outputs."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "quota", *words),
            cwd=self.folder,
            env={**os.environ, "DATABASE_URL": "sqlite:///bot.db"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complaints = await process.communicate()
        return process.returncode, said.decode(), complaints.decode()


@pytest.fixture
async def terminal(tmp_path: Path) -> Terminal:
    """Somebody has drawn in `discord:1` just now."""
    async with open_store(f"sqlite:///{tmp_path / 'bot.db'}", images_per_minute=60) as store:
        await accept(store.generations, ordered(1), now_ms=SystemClock().now_ms())
    return Terminal(tmp_path)


async def test_what_is_done_is_said_and_kept(terminal: Terminal) -> None:
    """Exit code 0, and the next command knows of it."""
    code, said, complaints = await terminal.quota("--space", "discord:1", "grant", "456", "50", "reason=a friend's")
    assert (code, complaints) == (0, "")
    assert "50 bonus credits" in said
    assert "a friend's" in (await terminal.quota("--space", "discord:1", "audit"))[1]


async def test_what_is_not_done_is_said_with_another_exit_code(terminal: Terminal) -> None:
    """So that a script notices; the number below nothing is no option."""
    code, said, _ = await terminal.quota("--space", "discord:1", "set", "456", "-5")
    assert code == 1
    assert "Nothing was changed" in said


async def test_a_reports_files_are_kept_where_it_says(terminal: Terminal) -> None:
    """In the folder that was named, which need not be there."""
    code, said, _ = await terminal.quota("--out", "reports", "--space", "discord:1", "report", "everything=yes")
    kept = sorted(path.relative_to(terminal.folder) for path in (terminal.folder / "reports").iterdir())
    assert code == 0
    assert {path.suffix for path in kept} == {".png", ".csv"}
    assert all(str(path) in said.splitlines() for path in kept)


async def test_a_folder_that_cannot_be_made_is_named(terminal: Terminal) -> None:
    """The report is printed all the same."""
    code, said, complaints = await terminal.quota(
        "--out", "bot.db/reports", "--space", "discord:1", "report", "everything=yes"
    )
    assert code == 1
    assert said
    assert "cannot be kept in bot.db/reports" in complaints


async def test_another_folder_has_no_database(tmp_path: Path) -> None:
    """None is made there: its rules would bind nobody."""
    code, said, complaints = await Terminal(tmp_path).quota("show", "456")
    assert (code, said) == (1, "")
    assert "There is no database" in complaints
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


@pytest.mark.parametrize("words", [("--space", "anywhere", "list"), ("list", "--frob")])
async def test_a_mistyped_option_is_named(terminal: Terminal, words: tuple[str, ...]) -> None:
    """As every command line does it: exit code 2."""
    code, said, complaints = await terminal.quota(*words)
    assert (code, said) == (2, "")
    assert words[1] in complaints
