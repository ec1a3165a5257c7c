"""Telling people who wait where they stand, as rarely as it helps, and never after their picture is there."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bot.errors import DatabaseFailed, Fault
from bot.forecast import Forecast
from bot.model import Generation, GenerationId, Outlook, State
from bot.ports import Clock, Courier
from bot.store import Generations

log = structlog.get_logger()

_LOOK_S: Final = 2.0
_PAUSE_MS: Final = 6_000
"""Between two words about one place in the queue."""
_DRAWING: Final = -1
_AT_ONCE: Final = 20
"""The most that are told in one look, those in front first: a long queue must not use up the platform's patience."""


@dataclass(slots=True)
class _Told:
    ahead: int
    at_ms: int
    telling: asyncio.Task[None]


class Progress:
    """A word to each who waits when their place changes, and one when their picture is being drawn.

    A word that fails is not tried again: the next one says more. Of one generation there is one word under way at a
    time, and `over` waits for it, so that it cannot come after the result.
    """

    def __init__(
        self, *, generations: Generations, forecast: Forecast, couriers: Mapping[str, Courier], clock: Clock
    ) -> None:
        self._generations = generations
        self._forecast = forecast
        self._couriers = couriers
        self._clock = clock
        self._told: dict[GenerationId, _Told] = {}

    async def watch(self, waiting: Callable[[], Mapping[str, Sequence[GenerationId]]]) -> None:
        """Look at each platform's queue, first in line first, until cancelled."""
        try:
            while True:
                # Real time: nobody's command waits for this, so no clock has to be moved for it.
                await asyncio.sleep(_LOOK_S)
                for platform, ids in waiting().items():
                    # What was left by one that is not set up any more has nobody to carry a word.
                    if platform in self._couriers:
                        self.look(ids)
        finally:
            # The connections are closed next.
            for told in self._told.values():
                told.telling.cancel()
            await asyncio.gather(*(told.telling for told in self._told.values()), return_exceptions=True)

    def look(self, ids: Sequence[GenerationId]) -> None:
        """Have those told whose place has changed, of a queue that begins with who is next."""
        now_ms = self._clock.now_ms()
        due = [(ahead, one) for ahead, one in enumerate(ids) if self._is_due(one, ahead, now_ms)]
        for ahead, one in due[:_AT_ONCE]:
            self._say(one, ahead, self._tell_waiting(one, ahead))

    def _is_due(self, id: GenerationId, ahead: int, now_ms: int) -> bool:
        told = self._told.get(id)
        if told is None:
            return True
        return told.telling.done() and told.ahead != ahead and now_ms - told.at_ms >= _PAUSE_MS

    def drawing(self, job: Generation) -> None:
        """Its call leaves now: have that said where the person was told that it waits."""
        told = self._told.get(job.id)
        if told is not None and told.ahead != _DRAWING:
            self._say(job.id, _DRAWING, self._tell_drawing(job, told.telling))

    async def over(self, id: GenerationId) -> None:
        """Nothing is said of it any more; returns once what is on its way has arrived."""
        told = self._told.pop(id, None)
        if told is not None:
            await asyncio.wait({told.telling})

    def _say(self, id: GenerationId, ahead: int, telling: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(telling, name=f"progress of {id}")
        self._told[id] = _Told(ahead=ahead, at_ms=self._clock.now_ms(), telling=task)

    async def _tell_waiting(self, id: GenerationId, ahead: int) -> None:
        try:
            generation = await self._generations.find(id)
        except DatabaseFailed as error:
            log.info("progress not told", generation=id, detail=str(error))
            return
        if generation is not None and generation.state is State.QUEUED:
            await self._tell(generation, await self._forecast.of(ahead))

    async def _tell_drawing(self, job: Generation, before: asyncio.Task[None]) -> None:
        await asyncio.wait({before})
        await self._tell(job, None)

    async def _tell(self, generation: Generation, outlook: Outlook | None) -> None:
        try:
            await self._couriers[generation.platform].progress(generation, outlook)
        except Fault as fault:
            log.info("progress not told", generation=generation.id, detail=str(fault))
        except Exception:
            # A defect of ours in what nobody needs must not cost anybody their picture.
            log.exception("progress not told", generation=generation.id)
