"""Kills at moments that nobody chose, while people type: what was promised is kept."""

import asyncio
import random
from pathlib import Path

from e2e.ledger import charged, open_rows, rows, until
from e2e.test_process import settings_for, started

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import InputRefusedError
from sandbox.stage import Stage, Typed

KILLS = 6
COMMANDS = 3
LIMIT = 12


async def test_kills_at_random_moments_lose_nothing_and_charge_nobody_twice(
    stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """Whoever read that their picture is being drawn gets it, once charged, and no limit is exceeded."""
    settings = settings_for(stage, dashscope) | {"QUOTA_CREDITS": str(LIMIT), "IMAGES_PER_MINUTE": "6000"}
    database = tmp_path / "data" / "bot.db"
    moments = random.Random(7)  # noqa: S311 - chooses moments, guards nothing
    answered: list[Typed] = []
    for _ in range(KILLS):
        async with started(tmp_path, settings) as bot:
            await stage.ready()
            typing = asyncio.gather(*(_type(stage) for _ in range(COMMANDS)))
            await asyncio.sleep(moments.uniform(0.0, 0.25))
            await bot.kill()
            answered += [typed for typed in await typing if typed is not None]
        await stage.gone()
    async with started(tmp_path, settings) as bot:
        await stage.ready()
        await until(lambda: not open_rows(database), within_s=30)
        endings = [await typed.ending() for typed in answered]
        assert await bot.terminate() == 0
    drawn = [ending for ending in endings if ending.pictures]
    spent = [ending for ending in endings if "Nothing was charged" in ending.text]
    assert len(drawn) + len(spent) == len(endings)
    states = rows(database, "SELECT state, charged FROM generation")
    assert states
    assert set(states) <= {("delivered", 1)}
    assert len(drawn) <= len(states) == charged(database) <= LIMIT
    assert stage.results() >= len(states)


async def _type(stage: Stage) -> Typed | None:
    """Type a command; None if nobody was there to answer it."""
    try:
        typed = await stage.imagine("a red fox --raw")
        await asyncio.wait_for(typed.answer(), 1)
    except (InputRefusedError, TimeoutError):
        return None
    return typed
