"""The platforms that the bot is killed on."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from sandbox.chaos.evidence import Window
from sandbox.chaos.moments import DISCORD, DRAWING, READABLE_SLACK, SLACK, Moment
from sandbox.discord import DiscordSandbox
from sandbox.slack import DEFAULT_SCOPES, SlackSandbox
from sandbox.stage import DiscordStage, SlackStage, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A platform, the moments that it has, and what it lets nobody look up; `share` of the random kills are here."""

    name: str
    moments: Sequence[Moment]
    window: Window
    share: int
    open: Callable[[], AbstractAsyncContextManager[Stage]]


@asynccontextmanager
async def _discord() -> AsyncIterator[Stage]:
    async with DiscordSandbox() as discord:
        yield DiscordStage(discord)


@asynccontextmanager
async def _slack(*more_scopes: str) -> AsyncIterator[Stage]:
    async with SlackSandbox(file_ready_after_s=0, scopes={*DEFAULT_SCOPES, *more_scopes}) as slack:
        yield SlackStage(slack)


GROUNDS: Final = [
    Ground(name="Discord", moments=[*DISCORD, *DRAWING], window=Window(), share=2, open=_discord),
    Ground(name="Slack", moments=[*SLACK, *DRAWING], window=Window(shown=True, told=True), share=1, open=_slack),
    Ground(
        name="Slack, may read",
        moments=READABLE_SLACK,
        window=Window(told=True),
        share=1,
        open=lambda: _slack("channels:history", "im:history"),
    ),
]
