"""Playing the second table: the bot between the stand-ins, for one scenario or for many."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from e2e.conftest import run_bot, settings_for
from e2e.experience.acts import Play, perform
from e2e.experience.row import Experience
from e2e.ledger import charged

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.soak import plain
from sandbox.stage import DiscordStage, SlackStage


@asynccontextmanager
async def playing(platform: str, folder: Path, **overrides: object) -> AsyncIterator[Play]:
    """A platform, the service, and the bot between them."""
    async with open_stage(platform) as play, running(replace(play, database=folder / "bot.db"), **overrides) as ready:
        yield ready


@asynccontextmanager
async def open_stage(platform: str) -> AsyncIterator[Play]:
    """A platform and the service, without a bot."""
    async with DashScopeSandbox(painter=plain) as dashscope:
        if platform == "discord":
            async with DiscordSandbox() as discord:
                yield Play(stage=DiscordStage(discord), dashscope=dashscope, database=Path(), number=0)
        else:
            async with SlackSandbox(file_ready_after_s=0) as slack:
                yield Play(stage=SlackStage(slack), dashscope=dashscope, database=Path(), number=0)


@asynccontextmanager
async def running(play: Play, **overrides: object) -> AsyncIterator[Play]:
    """The bot, until the block ends."""
    async with run_bot(settings_for(play.stage, play.dashscope, play.database, **overrides), play.stage):
        yield play


async def played(experience: Experience, play: Play) -> None:
    """Perform every act, and compare what it came to."""
    play.stage.add_person(play.name("admin"), admin=True)
    play.stage.add_person(play.name("me"), locale=experience.locales.get(play.stage.name, "en-US"))
    paid, called = charged(play.database), len(play.dashscope.calls)
    try:
        for act in experience.acts:
            await perform(act, play)
    finally:
        # Others share the service: what a row that failed has held would fail them, too.
        play.dashscope.release()
    assert charged(play.database) - paid == experience.charged
    assert len(play.dashscope.calls) - called == (experience.charged if experience.calls is None else experience.calls)
