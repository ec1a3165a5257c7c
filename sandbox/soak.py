"""`python -m sandbox.soak`: thousands of commands with faults among them, and what the bot holds in the end.

Commands come in rounds. Between two rounds nothing is on its way, so whatever the bot then holds more than after an
earlier round has leaked.
"""

import argparse
import asyncio
import functools
import io
import logging
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from rich.console import Console
from rich.table import Table

from sandbox.arguments import at_least, share
from sandbox.crowd import Crowd
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.mishaps import Mishaps
from sandbox.process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, SlackStage
from sandbox.vitals import Vitals, read_vitals

PER_MINUTE: Final = 6000
PEOPLE: Final = 100
ROUND_S: Final = 180.0
_UNDER_WAY: Final = 40
_LOOK_S: Final = 0.05
# How far the middle of the later rounds may lie above that of the earlier ones: libraries keep connections open for
# as many calls as were under way at once, and a leak is one that goes on.
_SLACK_FILES: Final = 12
_SLACK_THREADS: Final = 4
_SLACK_TASKS: Final = 8
_MEMORY_GROWTH: Final = 1.10
_LONGEST_ROUND: Final = 500
_ROUNDS: Final = 10
_NAMES: Final = {
    "memory_mib": "memory, MiB",
    "files": "open files",
    "threads": "threads",
    "tasks": "tasks",
    "connections": "database connections",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """How much: `commands` in all, in rounds of `a_round`, with faults for the share `faults` of them."""

    commands: int
    a_round: int
    faults: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How it went: a reading after every round, how the rows ended, and the faults there were."""

    readings: list[Vitals]
    states: dict[str, int]
    wrong: int
    untold: int
    seen: int
    mishaps: dict[str, int]
    took_s: float

    def faults(self) -> list[str]:
        """What is not flat, and what is not right. The later half is held against the earlier one."""
        found = []
        if self.wrong:
            found.append(f"{self.wrong} commands are charged and not delivered, or the other way round")
        if self.untold:
            found.append(f"{self.untold} commands never came to their end")
        if self.seen != self.states.get("delivered", 0):
            found.append(f"{self.seen} people saw a picture, {self.states.get('delivered', 0)} paid for one")
        half = max(len(self.readings) // 2, 1)
        early, late = self.readings[min(1, half - 1) : half], self.readings[half:]
        memory = [statistics.median(v.memory_mib for v in readings) for readings in (early, late)]
        if memory[1] > memory[0] * _MEMORY_GROWTH:
            found.append(f"memory grew from {memory[0]:.1f} to {memory[1]:.1f} MiB")
        for name, slack in (("files", _SLACK_FILES), ("threads", _SLACK_THREADS), ("tasks", _SLACK_TASKS)):
            before, after = (statistics.median(getattr(v, name) for v in readings) for readings in (early, late))
            if after > before + slack:
                found.append(f"{_NAMES[name]} grew from {before:g} to {after:g}")
        if self.readings[-1].connections > self.readings[0].connections:
            found.append("database connections grew")
        return found

    def verdict(self) -> str:
        """The end of it in a sentence or two."""
        states = {"delivered": 0, "refunded": 0, **self.states}
        ends = ", ".join(f"{times} {state}" for state, times in states.items())
        ended = f"{ends}, among {sum(self.mishaps.values())} faults, in {self.took_s / 60:.1f} minutes."
        found = self.faults()
        return (
            f"{ended} Not well: {'; '.join(found)}." if found else f"{ended} Nothing grew, nobody was charged wrongly."
        )


def plain(prompt: str, *, seed: int, width: int, height: int) -> bytes:
    """A picture of one colour: a long run is about the bot, not about painting."""
    del prompt, seed
    return _plain(width, height)


@functools.cache
def _plain(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (70, 90, 130)).save(out, "PNG")
    return out.getvalue()


async def run(soak: Soak, folder: Path) -> Course:
    """Play `soak` in `folder`, with a line a minute."""
    dice = random.Random(soak.seed)  # noqa: S311 - spreads faults, guards nothing
    started, database = time.monotonic(), folder / "bot.db"
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordSandbox())
        slack = await stack.enter_async_context(SlackSandbox(file_ready_after_s=0))
        dashscope = await stack.enter_async_context(DashScopeSandbox(calls_per_minute=PER_MINUTE, painter=plain))
        settings = {
            **DiscordStage(discord).settings(),
            **SlackStage(slack).settings(),
            **dashscope.settings(),
            "DATABASE_URL": f"sqlite:///{database}",
            "IMAGES_PER_MINUTE": str(PER_MINUTE),
            "MAX_QUEUED_PER_USER": "1000",
            "QUOTA_CREDITS": "unlimited",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
        }
        bot = await BotProcess.start(folder, settings)
        stack.push_async_callback(bot.terminate)
        await discord.wait_until_ready(30)
        await slack.wait_until_ready(30)
        crowd = Crowd(discord=discord, slack=slack)
        mishaps = Mishaps(dashscope=dashscope, discord=discord, slack=slack, dice=dice)
        readings: list[Vitals] = []
        said_at, seen = started, 0
        for typed in range(0, soak.commands, soak.a_round):
            number = min(soak.a_round, soak.commands - typed)
            seen += await _round(crowd, mishaps, number=number, faults=soak.faults, dice=dice, database=database)
            crowd.forget()
            dashscope.forget()
            readings.append(await read_vitals(bot, database=database))
            if time.monotonic() - said_at >= 60 or typed + number == soak.commands:
                said_at = time.monotonic()
                _say(said_at - started, typed + number, readings[-1], mishaps)
        states, wrong, untold = _ended(database)
        return Course(
            readings=readings,
            states=states,
            wrong=wrong,
            untold=untold,
            seen=seen,
            mishaps=mishaps.counts,
            took_s=time.monotonic() - started,
        )


async def _round(
    crowd: Crowd, mishaps: Mishaps, *, number: int, faults: float, dice: random.Random, database: Path
) -> int:
    """Type `number` commands as fast as they are answered, and see them to their end; how many pictures came."""
    async with asyncio.timeout(ROUND_S):
        for _ in range(number):
            if dice.random() < faults:
                mishaps.one()
            person = dice.randrange(PEOPLE)
            await crowd.type(f"p{person}", on_slack=person % 2 == 1)
            # A few dozen under way, whatever the machine can do: the acks set the pace.
            while crowd.look() > _UNDER_WAY:  # noqa: ASYNC110 - waiting on each would cost more
                await asyncio.sleep(_LOOK_S)
        while _open_rows(database) or crowd.unanswered():  # noqa: ASYNC110 - the same
            await asyncio.sleep(_LOOK_S)
        crowd.look()
    return sum(shout.ended_at is not None for shout in crowd.shouts)


def _rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def _open_rows(database: Path) -> int:
    return len(_rows(database, "SELECT id FROM generation WHERE settled IS NULL LIMIT 1"))


def _ended(database: Path) -> tuple[dict[str, int], int, int]:
    """How the rows ended, how many are charged wrongly, and how many have not ended."""
    rows = _rows(database, "SELECT state, charged, asked, settled IS NOT NULL FROM generation")
    owed = [(charged, asked if state == "delivered" else 0) for state, charged, asked, _ in rows]
    wrong = sum(charged != right for charged, right in owed)
    return dict(Counter(str(row[0]) for row in rows)), wrong, sum(not row[3] for row in rows)


def _say(elapsed_s: float, typed: int, vitals: Vitals, mishaps: Mishaps) -> None:
    print(
        f"{elapsed_s / 60:5.1f} min  {typed:6} commands  {sum(mishaps.counts.values()):4} faults  "
        f"{vitals.memory_mib:6.1f} MiB  {vitals.files:3} open files  {vitals.threads:2} threads  "
        f"{vitals.tasks:3} tasks  {vitals.connections} database connections",
        flush=True,
    )


def _print(soak: Soak, course: Course) -> None:
    table = Table("between rounds", "first", "middle", "last", "most", title=f"{soak.commands} commands")
    readings = course.readings
    for name, shown_as in _NAMES.items():
        values: list[float] = [getattr(reading, name) for reading in readings]
        shown = (values[0], values[len(values) // 2], values[-1], max(values))
        table.add_row(shown_as, *(f"{value:.1f}" if name == "memory_mib" else str(value) for value in shown))
    console = Console()
    console.print(table)
    kinds = Table("fault", "times")
    for kind, times in course.mishaps.items():
        kinds.add_row(kind, str(times))
    console.print(kinds)


def main(argv: Sequence[str] | None = None) -> None:
    """Exit with 0 only if everything is flat and rightly charged."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.soak",
        description="Type thousands of commands, with faults among them, into a real bot between stand-ins of the "
        "three services. They come in rounds: what the bot holds between two of them, and held less of before, leaks.",
    )
    parser.add_argument("--commands", type=at_least(2), default=20_000, help="commands typed in all (%(default)s)")
    parser.add_argument(
        "--round",
        type=at_least(1),
        help=f"commands between two readings ({_LONGEST_ROUND}, or a tenth of all where that is less)",
    )
    parser.add_argument("--faults", type=share, default=0.02, help="share of commands that meet one (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, other faults and people (%(default)s)")
    asked = parser.parse_args(argv)
    a_round = asked.round or max(min(_LONGEST_ROUND, asked.commands // _ROUNDS), 1)
    if a_round >= asked.commands:
        parser.error(f"--round {a_round} of {asked.commands} commands leaves no second reading to compare")
    # Connections cut on order are no errors of the stand-ins.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    soak = Soak(commands=asked.commands, a_round=a_round, faults=asked.faults, seed=asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        course = asyncio.run(run(soak, Path(folder)))
    _print(soak, course)
    print(course.verdict())
    sys.exit(1 if course.faults() else 0)


if __name__ == "__main__":
    main()
