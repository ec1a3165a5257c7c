"""One bot between stand-ins of its own: killed, started again, and seen through to the end of what it owes."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Self

from sandbox.chaos.evidence import Finding, Wrong, judge
from sandbox.chaos.grounds import Ground
from sandbox.chaos.ledger import Command, Ledger
from sandbox.chaos.plan import Kill
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import InputRefusedError
from sandbox.process import BotProcess
from sandbox.stage import Stage, Typed

LIMIT: Final = 4
"""Credits a person has; a picture costs one."""

PEOPLE: Final = 4
_TYPED_BY_EACH: Final = (1, 3, 1)
"""Pictures that each person under load asks for, one command after the other: the last has no room."""

_MANY: Final = 100_000
_MOMENT_S: Final = 20.0
_SETTLE_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.01
_PATIENCE_S: Final = 1.0


class Lane:
    """A bot that runs between `open` and its end, but for the kills."""

    def __init__(self, *, ground: Ground, stage: Stage, dashscope: DashScopeSandbox, folder: Path) -> None:
        self._ground = ground
        self._stage = stage
        self._dashscope = dashscope
        self._folder = folder
        self._serial = itertools.count(1)
        self._bot: BotProcess | None = None
        self.ledger = Ledger(database=folder / "bot.db", dashscope=dashscope)

    @classmethod
    @asynccontextmanager
    async def open(cls, ground: Ground, folder: Path) -> AsyncIterator[Self]:
        """Fresh stand-ins, an empty database in `folder`, and a bot that takes commands."""
        async with AsyncExitStack() as stack:
            dashscope = await stack.enter_async_context(DashScopeSandbox(calls_per_minute=_MANY))
            stage = await stack.enter_async_context(ground.open())
            lane = cls(ground=ground, stage=stage, dashscope=dashscope, folder=folder)
            stack.push_async_callback(lane._kill)
            await lane._start()
            yield lane

    async def kill_at(self, kill: Kill) -> list[Finding]:
        """Type one command, kill the bot at that moment of it, start it again; what was wrong in the end."""
        moment, struck = kill.moment, asyncio.Event()

        async def strike() -> None:
            await self._kill()
            struck.set()

        faults = self._dashscope.faults if moment.of_dashscope else self._stage.faults
        faults.inject(moment.call, drop=moment.drop, skip=kill.skip, hook=strike)
        with ExitStack() as held:
            if moment.later_s:
                held.enter_context(self._dashscope.hold())
            words = "gore" if moment.refused else "a red fox"
            typed = await self._type(words, kill.pictures, who=f"p{next(self._serial)}", private=moment.private)
            if moment.later_s:
                await typed.answer()
                self._stage.advance(moment.later_s)
        missed = not await _within(_MOMENT_S, struck.wait())
        faults.clear()
        await self._kill()
        self._stage.advance(moment.away_s)
        await self._start()
        found = await self.settle()
        # A kill that did not happen must not pass for one that did no harm.
        return [*found, Finding(wrong=Wrong.LOST, about="the moment never came")] if missed else found

    async def kill_under_load(self, after_s: float) -> None:
        """Kill the bot while people have been typing for `after_s`, and start it again at once."""
        visit, dead = next(self._serial), asyncio.Event()
        async with asyncio.TaskGroup() as people:
            for n in range(PEOPLE):
                people.create_task(self._keep_typing(f"p{visit}-{n}", dead))
            await asyncio.sleep(after_s)
            await self._kill()
            dead.set()
        await self._start()

    async def settle(self) -> list[Finding]:
        """Wait for the end of everything accepted, for half a minute; what was wrong with it."""
        await _within(_SETTLE_S, self.settled())
        found = self.judge()
        self.ledger.forget()
        return found

    def judge(self) -> list[Finding]:
        """What is wrong as things stand."""
        found = [finding for one in self.ledger.evidence() for finding in judge(one, self._ground.window)]
        overdrawn = self.ledger.overdrawn(LIMIT)
        return found + [Finding(wrong=Wrong.WRONGLY_CHARGED, about=f"{who} pays over {LIMIT}") for who in overdrawn]

    async def settled(self) -> None:
        """Return once everything accepted has come to its end."""
        while self.ledger.open:  # noqa: ASYNC110 - nothing to wait for but the file
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _start(self) -> None:
        await self._stage.gone()
        environment = {
            **self._stage.settings(),
            **self._dashscope.settings(),
            "DATABASE_URL": "sqlite:///bot.db",
            "IMAGES_PER_MINUTE": "6000",
            "QUOTA_CREDITS": str(LIMIT),
        }
        self._bot = await BotProcess.start(self._folder, environment)
        self.ledger.note_start()
        await self._bot.ready(self._stage)

    async def _kill(self) -> None:
        """End the bot, if it runs."""
        bot, self._bot = self._bot, None
        if bot is not None:
            await bot.kill()

    async def _keep_typing(self, who: str, dead: asyncio.Event) -> None:
        """Type the next command once the last one is answered. Nobody stops half-way: what was sent is noted."""
        for pictures in _TYPED_BY_EACH:
            try:
                typed = await self._type("a red fox", pictures, who=who)
            except InputRefusedError:
                # The client knows that nobody is there.
                return
            waiting = [asyncio.create_task(_within(_PATIENCE_S, it)) for it in (typed.answer(), dead.wait())]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            if dead.is_set() or typed.answered is None:
                return

    async def _type(self, words: str, pictures: int, *, who: str, private: bool = False) -> Typed:
        prompt = f"{words} {next(self._serial)}"
        flags = f"--raw --size 512x512 --n {pictures}{' --private' if private else ''}"
        typed = await self._stage.imagine(f"{prompt} {flags}", who=who)
        self.ledger.commands.append(Command(typed=typed, prompt=prompt, pictures=pictures))
        return typed


async def _within(seconds: float, happening: Awaitable[object]) -> bool:
    """Whether it happened in time."""
    try:
        await asyncio.wait_for(happening, seconds)
    except TimeoutError:
        return False
    return True
