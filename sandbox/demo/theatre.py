"""The three stand-ins, and the bot as a process of its own between them."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.process import BotFailedError, BotProcess
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, SlackStage

_REAL: Final = ("DASHSCOPE_API_KEY", "DASHSCOPE_BASE_URL", "DASHSCOPE_MODEL", "IMAGE_HOSTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theatre:
    """What a script plays in. `dashscope` is None where the real service draws."""

    discord: DiscordStage
    slack: SlackStage
    dashscope: DashScopeSandbox | None


@asynccontextmanager
async def theatre(folder: Path, *, real_dashscope: bool, settings: Mapping[str, str]) -> AsyncIterator[Theatre]:
    """Open everything in `folder` (database and log); the real DashScope's settings come from the environment.

    On the way out the bot is asked to stop as an operator would, and has to end well.
    """
    async with AsyncExitStack() as stack:
        discord = DiscordStage(await stack.enter_async_context(DiscordSandbox()))
        slack = SlackStage(await stack.enter_async_context(SlackSandbox()))
        for stage in (discord, slack):
            stage.add_person("admin", admin=True)
        environment = {"DATABASE_URL": f"sqlite:///{folder / 'bot.db'}", **discord.settings(), **slack.settings()}
        dashscope = None
        if not real_dashscope:
            dashscope = await stack.enter_async_context(DashScopeSandbox(delay_s=0.4, extend_delay_s=0.4))
            environment |= dashscope.settings()
        else:
            environment |= {name: os.environ[name] for name in _REAL if name in os.environ}
        bot = await BotProcess.start(folder, environment | dict(settings))
        try:
            await bot.ready(discord, slack)
            yield Theatre(discord=discord, slack=slack, dashscope=dashscope)
        finally:
            code = await bot.terminate()
        if code != 0:
            raise BotFailedError(f"the bot ended with code {code}; see {bot.log}")
