"""How a process is doing, seen from outside: what Linux tells of it under /proc."""

import asyncio
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.process import BotProcess

_STATUS_S: Final = 10.0
_LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One reading. `connections` are the open handles of the database's file, `tasks` those of asyncio."""

    memory_mib: float
    files: int
    threads: int
    connections: int
    tasks: int


def memory_mib(pid: int, *, peak: bool = False) -> float:
    """Resident memory now, or the most there ever was."""
    return _number(pid, "VmHWM" if peak else "VmRSS") / 1024


async def read_vitals(bot: BotProcess, *, database: Path) -> Vitals:
    """A reading of a bot that logs JSON; it tells its tasks when it is sent SIGUSR1. TimeoutError if it does not."""
    tasks = await _tasks(bot)
    files = [str(entry.readlink()) for entry in _entries(Path(f"/proc/{bot.pid}/fd"))]
    return Vitals(
        memory_mib=memory_mib(bot.pid),
        files=len(files),
        threads=_number(bot.pid, "Threads"),
        connections=files.count(str(database)),
        tasks=tasks,
    )


async def _tasks(bot: BotProcess) -> int:
    before = len(_statuses(bot.log))
    bot.request_stop(signal.SIGUSR1)
    async with asyncio.timeout(_STATUS_S):
        while len(found := _statuses(bot.log)) == before:  # noqa: ASYNC110 - a log rings no bell
            await asyncio.sleep(_LOOK_S)
    return int(json.loads(found[-1])["tasks"])


def _statuses(log: Path) -> list[str]:
    with log.open(encoding="utf-8") as lines:
        return [line for line in lines if '"event": "status"' in line and line.endswith("\n")]


def _entries(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if entry.is_symlink()]


def _number(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
