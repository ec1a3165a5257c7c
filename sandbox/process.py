"""The bot as a process of its own, run as an operator would."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from sandbox.stage import Stage

_START_S: Final = 30
_STOP_S: Final = 30

# The bot's settings come from whoever starts it, not from the shell they sit in. And a proxy would be asked for
# loopback addresses too: slack_sdk knows no exceptions.
_NOT_HANDED_ON: Final = (
    *("dashscope_", "image", "discord_", "slack_", "database_", "quota_", "credits_", "prompt_", "max_"),
    *("generation_", "shutdown_", "log_", "http_proxy", "https_proxy", "all_proxy"),
)


class BotFailedError(Exception):
    """The bot's process ended, or never became ready; the message says where its log lies."""


class BotProcess:
    """`python -m bot run` in `folder`, with `settings` in its environment; its log is `bot.log` there."""

    def __init__(self, process: asyncio.subprocess.Process, *, log: Path) -> None:
        self._process = process
        self.log = log

    @classmethod
    async def start(cls, folder: Path, settings: Mapping[str, str]) -> Self:
        """Start it, in a folder of its own so that no `.env` of the reader's is read."""
        inherited = {name: value for name, value in os.environ.items() if not name.lower().startswith(_NOT_HANDED_ON)}
        path = folder / "bot.log"
        log = await asyncio.to_thread(path.open, "ab")
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                cwd=folder,
                env={**inherited, **settings},
                stdout=log,
                stderr=log,
            )
        finally:
            log.close()
        return cls(process, log=path)

    @property
    def pid(self) -> int:
        """Its process id, for whoever measures it."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself, or was ended."""
        return self._process.returncode is not None

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait()

    async def ready(self, *stages: Stage) -> None:
        """Return once it takes commands on every stage; `BotFailedError` if it ends or takes too long."""
        ended = asyncio.create_task(self.wait())
        try:
            for ready in [asyncio.create_task(stage.ready()) for stage in stages]:
                await asyncio.wait({ready, ended}, timeout=_START_S, return_when=asyncio.FIRST_COMPLETED)
                if ended.done() or not ready.done():
                    ready.cancel()
                    raise BotFailedError(f"the bot did not become ready; see {self.log}")
                ready.result()
        finally:
            ended.cancel()

    def request_stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to stop, as a service manager (SIGTERM) or with Ctrl-C (SIGINT)."""
        if not self.ended:
            self._process.send_signal(number)

    async def terminate(self) -> int:
        """Ask it to stop (SIGTERM) and wait for it; its exit code."""
        self.request_stop()
        try:
            return await asyncio.wait_for(self._process.wait(), _STOP_S)
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """End it as a power cut would (SIGKILL)."""
        if not self.ended:
            self._process.kill()
        return await self._process.wait()
