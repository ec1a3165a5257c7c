"""Where faults are played: the bot, a platform and the image service on one clock that nobody waits for."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import run_bot, settings_for
from e2e.ledger import open_rows, until
from structlog.testing import capture_logs

from bot.zimage import Patience
from sandbox.clock import VirtualClock
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, Ending, Place, SlackStage, Stage, Typed

TOKEN_DEAD_S = 16 * 60
LINE = "a red fox --raw --size 512x512"
_PATIENCE_S = 20


_HOUR_S = 3600


class HurriedClock:
    """The bot's clock: whatever it sleeps for is over at once, for the stand-ins as well, but for hours."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def now_ms(self) -> int:
        return int(self._clock.now_s() * 1000)

    async def sleep(self, seconds: float) -> None:
        if seconds >= _HOUR_S:
            # What the bot does by the hour would turn this clock round and round.
            await asyncio.sleep(seconds)
        self._clock.advance(seconds)
        await asyncio.sleep(0)


@dataclass(kw_only=True)
class Scene:
    """What a scenario acts with. The bot starts with the first command, unless it was started before."""

    stage: Stage
    dashscope: DashScopeSandbox
    clock: VirtualClock
    database: Path
    monkeypatch: pytest.MonkeyPatch
    codes: list[str]
    logs: list[MutableMapping[str, Any]]
    stack: AsyncExitStack
    settings: dict[str, object] = field(default_factory=lambda: {"quota_credits": 1000})
    patience: Patience = field(default_factory=Patience)
    began_s: float | None = None
    saved_s: float = 0.0

    @property
    def discord(self) -> DiscordSandbox:
        assert isinstance(self.stage, DiscordStage)
        return self.stage.discord

    @property
    def slack(self) -> SlackSandbox:
        assert isinstance(self.stage, SlackStage)
        return self.stage.slack

    @property
    def took_s(self) -> float:
        """How long it all took by the clock, with what was saved of waits that no clock is asked for."""
        assert self.began_s is not None
        return self.clock.now_s() - self.began_s + self.saved_s

    def shorten(self, constant: str, *, to_s: float) -> None:
        """Let the wait that a module's constant bounds take `to_s`; it still counts with its length."""
        module, _, name = constant.rpartition(".")
        self.saved_s += getattr(importlib.import_module(module), name) - to_s
        self.monkeypatch.setattr(constant, to_s)

    async def start(self, beside: Stage | None = None, *, in_trouble: bool = False) -> None:
        """Run the bot until the scene is over, `beside` too if that is given.

        Time and log count from its readiness, or from before the start if that is `in_trouble`.
        """
        if self.began_s is not None:
            return
        began_s = self.clock.now_s()
        more = {} if beside is None else {name.lower(): value for name, value in beside.settings().items()}
        settings = settings_for(self.stage, self.dashscope, self.database, **self.settings, **more)
        clock = HurriedClock(self.clock)
        await self.stack.enter_async_context(run_bot(settings, self.stage, clock=clock, patience=self.patience))
        if beside is not None:
            await beside.ready()
        if not in_trouble:
            began_s = self.clock.now_s()
            self.logs.clear()
        self.began_s = began_s

    async def imagine(
        self, line: str = LINE, *, where: Place = Place.CHANNEL, meanwhile: Callable[[], object] | None = None
    ) -> Ending:
        """What a command comes to; `meanwhile` happens once it was answered and before the service answers."""
        typed = await self._type(line, where, meanwhile)
        ending = await typed.ending(within_s=_PATIENCE_S)
        await self._settled()
        return ending

    async def lost(self, *, meanwhile: Callable[[], object] | None = None) -> None:
        """A command at whose end nothing of ours is shown."""
        await self._type(LINE, Place.CHANNEL, meanwhile)
        await until(lambda: self.has_logged("abandoned") or self.has_logged("could not be told"), within_s=_PATIENCE_S)
        await self._settled()

    async def logged(self, event: str) -> None:
        """Return once the log has it."""
        await until(lambda: self.has_logged(event), within_s=_PATIENCE_S)

    def has_logged(self, event: str) -> bool:
        """Whether the log has it."""
        return any(log["event"] == event for log in self.logs)

    async def _type(self, line: str, where: Place, meanwhile: Callable[[], object] | None) -> Typed:
        await self.start()
        if meanwhile is None:
            return await self.stage.imagine(line, where=where)
        with self.dashscope.hold():
            typed = await self.stage.imagine(line, where=where)
            await typed.answer()
            await self.dashscope.wait_for_calls(len(self.dashscope.calls) + 1)
            done = meanwhile()
            if isinstance(done, Awaitable):
                await done
        return typed

    async def _settled(self) -> None:
        await until(lambda: not open_rows(self.database), within_s=_PATIENCE_S)


@asynccontextmanager
async def scene(
    platform: str, *, codes: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    """A fresh one."""
    monkeypatch.chdir(folder)
    clock = VirtualClock()
    async with AsyncExitStack() as stack:
        dashscope = await stack.enter_async_context(DashScopeSandbox(clock=clock, calls_per_minute=6000))
        stage: Stage
        if platform == "discord":
            stage = DiscordStage(await stack.enter_async_context(DiscordSandbox(clock=clock)))
        else:
            stage = SlackStage(await stack.enter_async_context(SlackSandbox(clock=clock, file_ready_after_s=0)))
        logs = stack.enter_context(capture_logs())
        async with AsyncExitStack() as running:
            played = Scene(
                stage=stage,
                dashscope=dashscope,
                clock=clock,
                database=folder / "bot.db",
                monkeypatch=monkeypatch,
                codes=codes,
                logs=logs,
                stack=running,
            )
            yield played
