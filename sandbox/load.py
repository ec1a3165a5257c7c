"""`python -m sandbox.load`: a crowd types in one burst into a real bot, and the figures that came of it."""

import argparse
import asyncio
import functools
import itertools
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from sandbox.arguments import at_least, seconds
from sandbox.crowd import Crowd, Shout
from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.drawing import draw
from sandbox.discord import DiscordSandbox
from sandbox.process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, SlackStage
from sandbox.vitals import memory_mib

ACK_S: Final = 3.0
ACK_P99_S: Final = 1.0
FEWEST_CALLS: Final = 0.98
HEAVY: Final = "heavy"
FEWEST_PER_MINUTE: Final = 120
"""The stand-in also counts calls a second, in whole numbers: below this, one would be too few and refuse the pace."""
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What is typed: `commands` in all within `within_s`, `heavy` of them first and by one person."""

    commands: int
    people: int
    heavy: int
    per_minute: int
    within_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of it. `round_s` is how long one picture for everybody takes; shares are of 1."""

    taken: int
    delivered: int
    ack_p50_s: float
    ack_p99_s: float
    ack_worst_s: float
    calls_share: float
    refused_calls: int
    memory_idle_mib: float
    memory_peak_mib: float
    round_s: float
    light_first_s: float
    light_last_s: float
    heavy_last_s: float

    def promises(self, burst: Burst) -> dict[str, bool]:
        """Every promise, and whether it was kept."""
        return {
            "every command is taken and delivered": self.taken == self.delivered == burst.commands,
            f"every ack within {ACK_S:g} s": self.ack_worst_s < ACK_S,
            f"99 of 100 acks within {ACK_P99_S:g} s": self.ack_p99_s < ACK_P99_S,
            f"at least {FEWEST_CALLS:.0%} of the limit is used": FEWEST_CALLS <= self.calls_share <= 1.0,
            "no 429 of our own making": self.refused_calls == 0,
            # Whoever types last has the burst itself in front, and the service's own time behind.
            "a light person's first picture within a round": self.light_first_s < 1.25 * self.round_s + 5,
        }

    def faults(self, burst: Burst) -> list[str]:
        """Which promises were not kept."""
        return [promise for promise, is_kept in self.promises(burst).items() if not is_kept]

    def verdict(self, burst: Burst) -> str:
        """The same in a sentence."""
        broken, promises = self.faults(burst), self.promises(burst)
        kept = "; ".join(promise for promise in promises if promise not in broken)
        if not broken:
            return f"All {len(promises)} promises were kept: {kept}."
        kept = f" Kept: {kept}." if kept else ""
        return f"Not kept, {len(broken)} of {len(promises)} promises: {'; '.join(broken)}.{kept}"


async def measure(burst: Burst, folder: Path, *, delay_s: float = 1.0) -> Figures:
    """Play `burst` in `folder`; the service takes `delay_s` a picture and enforces both of its limits."""

    @functools.cache
    def painted(width: int, height: int) -> bytes:
        return draw("a red fox", seed=7, width=width, height=height)

    def painter(prompt: str, *, seed: int, width: int, height: int) -> bytes:
        del prompt, seed
        return painted(width, height)

    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordSandbox())
        slack = await stack.enter_async_context(SlackSandbox())
        dashscope = await stack.enter_async_context(
            DashScopeSandbox(
                calls_per_minute=burst.per_minute,
                calls_per_second=burst.per_minute // 60 * 3 // 2,
                delay_s=delay_s,
                painter=painter,
            )
        )
        settings = {
            **DiscordStage(discord).settings(),
            **SlackStage(slack).settings(),
            **dashscope.settings(),
            "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
            "IMAGES_PER_MINUTE": str(burst.per_minute),
            "MAX_QUEUED_PER_USER": str(max(burst.heavy, 10)),
            "QUOTA_CREDITS": "unlimited",
        }
        bot = await BotProcess.start(folder, settings)
        stack.push_async_callback(bot.terminate)
        await discord.wait_until_ready(30)
        await slack.wait_until_ready(30)
        idle_mib = memory_mib(bot.pid)
        crowd = Crowd(discord=discord, slack=slack)
        await asyncio.gather(_type(crowd, burst), _watch(crowd, burst))
        moments = [call.at_s for call in dashscope.calls if call.status == 200]
        return _figures(
            burst,
            crowd.shouts,
            moments=sorted(moments),
            refused=len(dashscope.calls) - len(moments),
            idle_mib=idle_mib,
            peak_mib=memory_mib(bot.pid, peak=True),
        )


async def _type(crowd: Crowd, burst: Burst) -> None:
    light = itertools.cycle(range(burst.people - 1))
    pause_s = burst.within_s / burst.commands
    for number in range(burst.commands):
        heavy = number < burst.heavy
        person = 0 if heavy else next(light)
        # The heavy person sits on Discord; of the others every second one on Slack.
        await crowd.type(HEAVY if heavy else f"p{person}", on_slack=not heavy and person % 2 == 1)
        await asyncio.sleep(pause_s)


async def _watch(crowd: Crowd, burst: Burst) -> None:
    async with asyncio.timeout(burst.within_s + 60 + burst.commands / burst.per_minute * 60 * 1.5):
        while crowd.look() or len(crowd.shouts) < burst.commands:  # noqa: ASYNC110 - waiting on each would cost more
            await asyncio.sleep(_LOOK_S)


def _figures(
    burst: Burst, shouts: list[Shout], *, moments: list[float], refused: int, idle_mib: float, peak_mib: float
) -> Figures:
    acks = sorted(shout.acked_after_s for shout in shouts if shout.acked_after_s is not None)
    heavy = [shout.took_s for shout in shouts if shout.who == HEAVY and shout.took_s is not None]
    firsts: dict[str, float] = {}
    lasts: dict[str, float] = {}
    for shout in shouts:
        if shout.who != HEAVY and shout.took_s is not None:
            firsts.setdefault(shout.who, shout.took_s)
            lasts[shout.who] = shout.took_s
    per_minute = (len(moments) - 1) / (moments[-1] - moments[0]) * 60
    return Figures(
        taken=sum(shout.taken for shout in shouts),
        delivered=sum(shout.ended_at is not None for shout in shouts),
        ack_p50_s=statistics.median(acks),
        ack_p99_s=acks[int(len(acks) * 0.99)],
        ack_worst_s=acks[-1],
        calls_share=per_minute / burst.per_minute,
        refused_calls=refused,
        memory_idle_mib=idle_mib,
        memory_peak_mib=peak_mib,
        round_s=burst.people / burst.per_minute * 60,
        light_first_s=max(firsts.values()),
        light_last_s=max(lasts.values()),
        heavy_last_s=max(heavy),
    )


def _print(burst: Burst, figures: Figures) -> None:
    table = Table(
        "what", "measured", title=f"{burst.commands} commands of {burst.people} people in {burst.within_s:g} s"
    )
    rows = {
        "taken, delivered": f"{figures.taken}, {figures.delivered}",
        "ack p50, p99, worst": f"{figures.ack_p50_s:.3f} s, {figures.ack_p99_s:.3f} s, {figures.ack_worst_s:.3f} s",
        "calls a minute": f"{figures.calls_share:.1%} of IMAGES_PER_MINUTE={burst.per_minute}",
        "calls refused (429)": str(figures.refused_calls),
        "memory, idle and peak": f"{figures.memory_idle_mib:.0f} MiB, {figures.memory_peak_mib:.0f} MiB"
        f" ({figures.memory_peak_mib / figures.memory_idle_mib:.2f} times)",
        "one picture for everybody takes": f"{figures.round_s:.1f} s",
        "a light person's first picture, at worst": f"{figures.light_first_s:.1f} s",
        "a light person's last picture, at worst": f"{figures.light_last_s:.1f} s",
        f"the last picture of the one with {burst.heavy}": f"{figures.heavy_last_s:.1f} s",
    }
    for what, measured in rows.items():
        table.add_row(what, measured)
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> None:
    """Exit with 0 only if every promise was kept."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.load",
        description="Let a crowd type in one burst into a real bot between stand-ins of the three services; print how "
        "soon it answered, how it kept to the service's pace, and whether one who asks for much held up the others.",
    )
    parser.add_argument("--commands", type=at_least(2), default=1000, help="commands typed in all (%(default)s)")
    parser.add_argument("--people", type=at_least(2), default=200, help="who type them, in turns (%(default)s)")
    parser.add_argument(
        "--heavy", type=at_least(1), default=50, help="commands of one of them, typed before all others (%(default)s)"
    )
    parser.add_argument("--within", type=seconds, default=1.0, help="seconds in which all is typed (%(default)s)")
    parser.add_argument(
        "--per-minute",
        type=at_least(FEWEST_PER_MINUTE),
        default=600,
        help="pictures a minute that the service allows, and the bot is told of (%(default)s)",
    )
    asked = parser.parse_args(argv)
    if asked.heavy >= asked.commands:
        parser.error(f"--heavy {asked.heavy} leaves nothing of {asked.commands} commands for the others to type")
    burst = Burst(
        commands=asked.commands,
        people=asked.people,
        heavy=asked.heavy,
        per_minute=asked.per_minute,
        within_s=asked.within,
    )
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(burst, Path(folder)))
    _print(burst, figures)
    print(figures.verdict(burst))
    sys.exit(1 if figures.faults(burst) else 0)


if __name__ == "__main__":
    main()
