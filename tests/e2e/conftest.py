"""The whole bot between the three stand-ins, in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot import app
from bot.ports import Clock
from bot.settings import Settings
from bot.zimage import Patience
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, SlackStage, Stage

Running = Callable[..., AbstractAsyncContextManager[None]]


@pytest.fixture
async def dashscope() -> AsyncIterator[DashScopeSandbox]:
    async with DashScopeSandbox() as dashscope:
        yield dashscope


@pytest.fixture(params=["discord", "slack"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Each test that asks for it runs once on each platform."""
    if request.param == "discord":
        async with DiscordSandbox() as discord:
            yield DiscordStage(discord)
    else:
        async with SlackSandbox(file_ready_after_s=0) as slack:
            yield SlackStage(slack)


def settings_for(stage: Stage, dashscope: DashScopeSandbox, database: Path, **overrides: object) -> Settings:
    """What an operator would set to run the bot on this stage."""
    environment = {**stage.settings(), **dashscope.settings(), "DATABASE_URL": f"sqlite:///{database}"}
    values = {name.lower(): value for name, value in environment.items()}
    return Settings.model_validate({**values, "images_per_minute": 6000, **overrides})


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def running(
    stage: Stage, dashscope: DashScopeSandbox, database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Running:
    """`async with running(quota_credits=1):` runs the bot until the block ends."""
    # Nothing of the machine that the tests run on may reach the bot.
    monkeypatch.chdir(tmp_path)

    return lambda **overrides: run_bot(settings_for(stage, dashscope, database, **overrides), stage)


@asynccontextmanager
async def run_bot(
    settings: Settings, stage: Stage, *, clock: Clock | None = None, patience: Patience | None = None
) -> AsyncIterator[None]:
    """The bot, in the test's own event loop, until the block ends."""
    stop = asyncio.Event()
    task = asyncio.create_task(app.run(settings, stop=stop, clock=clock, patience=patience))
    ready = asyncio.create_task(stage.ready())
    await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        ready.cancel()
        task.result()
    try:
        yield
    finally:
        stop.set()
        await task
