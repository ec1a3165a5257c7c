"""The generation core: takes an accepted row to its one end, delivered or refunded-and-told."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from itertools import count
from typing import Final, TypeVar

import structlog

from bot.backoff import Backoff
from bot.departures import Departures
from bot.errors import DatabaseFailed, Fault, TemporaryFault
from bot.forecast import Forecast
from bot.house import HouseRules
from bot.model import (
    Delivery,
    DrawnPicture,
    Generation,
    GenerationId,
    Picture,
    Reason,
    Receipt,
    Result,
    State,
    platform_of,
)
from bot.policy import Member
from bot.ports import Clock, Courier, ImageModel
from bot.progress import Progress
from bot.quotas import Quotas
from bot.store import Generations, Throttle

log = structlog.get_logger()

T = TypeVar("T")

_SETTLE_AGAIN_S: Final = 5.0
_TELLING_TRIES: Final = 20
_LONGEST_PAUSE_S: Final = 60.0
"""However long a platform asks to wait before a person is told: they should know within the hour."""


class _Fenced(Exception):
    """A transition found no row: this run is late and must not act any more."""


class Studio:
    """Runs generations. `run` is safe to call twice, late, or after a crash at any line."""

    def __init__(
        self,
        *,
        generations: Generations,
        throttle: Throttle,
        quotas: Quotas,
        house: HouseRules,
        model: ImageModel,
        couriers: Mapping[str, Courier],
        forecast: Forecast,
        progress: Progress,
        clock: Clock,
        backoff: Backoff,
        hands: int = 24,
    ) -> None:
        """`hands` is how many generations of a platform may hold their pictures in memory at once."""
        self._generations = generations
        self._throttle = throttle
        self._quotas = quotas
        self._house = house
        self._model = model
        self._couriers = couriers
        self._forecast = forecast
        self._progress = progress
        self._clock = clock
        self._backoff = backoff
        self._departures = Departures(throttle=throttle, clock=clock)
        self._began_ms: dict[GenerationId, int] = {}
        self._called_off = set[GenerationId]()
        # Per platform: what waits for one that is down must not keep the other one's pictures waiting.
        self._hands = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(hands))

    async def room(self, platform: str) -> None:
        """Return once a hand of `platform` is free and nobody waits for it: to draw more before would be in vain."""
        async with self._hands[platform]:
            pass

    async def run(self, id: GenerationId, *, departed: Callable[[], None] = lambda: None) -> None:
        """Claim the row and bring it to its end. Raises only `DatabaseFailed`; the row then stays open.

        `departed` is called, once or more, when no first call of it waits for its turn any more.
        """
        if platform_of(id) not in self._couriers:
            # Its token was taken out of the settings. Nobody can be told, so the row waits until it is back.
            log.warning("platform is not set up", generation=id)
            return
        job = await self._generations.claim(id)
        if job is None:
            return
        try:
            if job.state is not State.REFUNDED:
                job = await self._produce(job, departed)
            departed()
            # Whoever called it off is answered by their press; a restart knows of none, and tells.
            if job.state is State.REFUNDED and id not in self._called_off:
                await self._tell(job)
        except _Fenced:
            log.info("fenced out", generation=id, attempt=job.attempt)
        finally:
            self._began_ms.pop(id, None)
            await self._progress.over(id)

    async def abandon(self, id: GenerationId, reason: Reason) -> None:
        """Refund a row whose person has been told already, or cannot be."""
        job = await self._generations.claim(id)
        if job is None:
            return
        if job.state is State.REFUNDED or await self._generations.refund(job, reason):
            await self._generations.told(job, now_ms=self._clock.now_ms())
            log.info("abandoned", generation=id, reason=reason)

    async def cancel(self, id: GenerationId) -> Generation | None:
        """Call off what has not begun, every credit back; the caller tells the person and then calls `settle`.

        None if it has begun, or is at its end. No word about it is on its way once this returns.
        """
        pressed_before = id in self._called_off
        self._called_off.add(id)
        cancelled = None
        try:
            cancelled = await self._generations.cancel(id)
        finally:
            # The press that called it off is still to be answered, whatever becomes of a second one.
            if cancelled is None and not pressed_before:
                self._called_off.discard(id)
        if cancelled is not None:
            log.info("cancelled", generation=id, credits=cancelled.asked)
            await self._progress.over(id)
        return cancelled

    async def settle(self, id: GenerationId) -> None:
        """The person knows that `id` was refunded: nothing is open any more once this returns."""
        # An open row counts as waiting, and keeps its button from being pressed again.
        await self._insisting(id, partial(self.abandon, id, Reason.CANCELLED))
        self._called_off.discard(id)

    async def untold(self, id: GenerationId) -> None:
        """Whoever called `id` off could not be answered: tell them as of any other refund."""
        self._called_off.discard(id)
        # A run that still waits for its call is fenced out by this one.
        await self._insisting(id, partial(self.run, id))

    async def _produce(self, job: Generation, departed: Callable[[], None]) -> Generation:
        """Draw and deliver, or refund; the row as it is afterwards."""
        try:
            # What is drawn and was being posted may stand already: it is posted again rather than taken back.
            if self._left_s(job) <= 0 and job.state is not State.DELIVERING:
                return await self._refund(job, Reason.DEADLINE_PASSED)
            drawn, faults = await self._draw_all(job, departed)
            # Waiting to be drawn weighs nothing; from here on the pictures are in memory until they are posted.
            async with self._hands[job.platform]:
                pictures, lost = await self._fetch_all(job, drawn)
                if not pictures:
                    return await self._refund(job, (faults + lost)[0].reason)
                delivery, receipt = await self._deliver(job, pictures)
                await self._log(delivery)
        except Fault as fault:
            log.warning("delivery failed", generation=job.id, fault=type(fault).__name__, detail=str(fault))
            return await self._refund(job, fault.reason)
        except (_Fenced, DatabaseFailed):
            raise
        except Exception:
            # A defect of ours must neither strand the row nor take the other generations down.
            log.exception("generation failed", generation=job.id)
            return await self._refund(job, Reason.INTERNAL)
        # Outside: the picture stands there, so a database that fails now must not have it taken back.
        return await self._settle(delivery, receipt)

    async def _draw_all(self, job: Generation, departed: Callable[[], None]) -> tuple[list[Picture], list[Fault]]:
        """Every picture that is wanted, as a link; a kept one is paid for and not drawn again."""
        kept = await self._generations.pictures(job.id)
        # Once delivering, what failed has been given back: only what is paid for is still wanted.
        wanted = () if job.state is State.DELIVERING else range(job.request.count)
        waiting = {n for n in wanted if n not in kept}

        def leaves(n: int) -> None:
            waiting.discard(n)
            if not waiting:
                departed()

        if not waiting:
            departed()
        drawn, faults = await _gather(
            self._one(job, n, partial(self._draw_once, job, n, leaves)) for n in sorted(waiting)
        )
        return sorted([*kept.values(), *drawn], key=lambda picture: picture.n), faults

    async def _fetch_all(self, job: Generation, drawn: list[Picture]) -> tuple[list[DrawnPicture], list[Fault]]:
        return await _gather(self._one(job, one.n, partial(self._fetch_once, job, one)) for one in drawn)

    async def _one(self, job: Generation, n: int, step: Callable[[], Awaitable[T]]) -> T | Fault:
        """What `step` makes of picture `n`, or why that will never come."""
        try:
            return await self._trying(job, step)
        except Fault as fault:
            log.warning(
                "picture failed",
                generation=job.id,
                n=n,
                fault=type(fault).__name__,
                code=fault.code,
                status=fault.status,
                request_id=fault.request_id,
                detail=str(fault),
            )
            return fault

    async def _draw_once(self, job: Generation, n: int, leaves: Callable[[int], None]) -> Picture:
        await self._departures.wait(deadline_ms=job.deadline_ms)
        leaves(n)
        if not await self._generations.begin(job):
            raise _Fenced
        self._progress.drawing(job)
        self._began_ms.setdefault(job.id, self._clock.now_ms())
        try:
            drawing = await self._model.draw(job.request, n=n)
        except TemporaryFault as fault:
            if fault.retry_after_s:
                # The limit is the account's: what one call is told holds for every process.
                await self._throttle.hold(until_ms=self._clock.now_ms() + int(fault.retry_after_s * 1000))
            raise
        if not await self._generations.keep_picture(job, n, drawing):
            raise _Fenced
        log.info("drawn", generation=job.id, n=n, request_id=drawing.request_id)
        return Picture(n=n, url=drawing.url, revised=drawing.revised, request_id=drawing.request_id)

    async def _fetch_once(self, job: Generation, drawn: Picture) -> DrawnPicture:
        png = await self._model.fetch(drawn.url, size=job.request.size)
        return DrawnPicture(n=drawn.n, png=png, seed=job.request.seed_of(drawn.n), revised=drawn.revised)

    async def _deliver(self, job: Generation, pictures: list[DrawnPicture]) -> tuple[Delivery, Receipt]:
        failed = job.request.count - len(pictures)
        charge = job.asked * len(pictures) // job.request.count
        job = await self._generations.delivering(job, charge=charge) or _fenced()
        balance = await self._quotas.balance(Member(account=job.account, space=job.space, roles=job.roles))
        # As it is the custom now: whoever draws in a place that hides its pictures has them hidden.
        customs = await self._house.customs(job.account, job.space, None)
        delivery = Delivery(
            generation=job,
            pictures=tuple(pictures),
            failed=failed,
            took_ms=self._clock.now_ms() - job.created_ms,
            balance=balance,
            parent=None if job.parent is None else await self._generations.find(job.parent.id),
            spoiler=customs.spoiler,
            log_channel=customs.log_channel,
        )
        await self._progress.over(job.id)
        return delivery, await self._trying(job, lambda: self._couriers[job.platform].deliver(delivery))

    async def _log(self, delivery: Delivery) -> None:
        """Show the place's log what was delivered; where that fails the person has their picture all the same."""
        if delivery.log_channel is None:
            return
        job = delivery.generation
        try:
            await self._couriers[job.platform].log(delivery)
        except Exception:
            log.warning("not in the log channel", generation=job.id, channel=delivery.log_channel, exc_info=True)

    async def _settle(self, delivery: Delivery, receipt: Receipt) -> Generation:
        job, failed, took_ms = delivery.generation, delivery.failed, delivery.took_ms
        result = Result(
            pictures=len(delivery.pictures),
            failed=failed,
            took_ms=took_ms,
            drew_ms=self._drew_ms(job),
            receipt=receipt,
        )
        # This alone again: another run would post again, and not every platform lets it look what stands there.
        if not await self._insisting(
            job.id, lambda: self._generations.delivered(job, now_ms=self._clock.now_ms(), result=result)
        ):
            raise _Fenced
        if result.drew_ms is not None:
            self._forecast.note(drew_ms=result.drew_ms, calls=job.request.count)
        log.info("delivered", generation=job.id, charged=job.charged, took_ms=took_ms, failed=failed)
        return job

    def _drew_ms(self, job: Generation) -> int | None:
        """How long the service and the platform took; None where an earlier process had it drawn."""
        began_ms = self._began_ms.get(job.id)
        return None if began_ms is None else self._clock.now_ms() - began_ms

    async def _insisting(self, id: GenerationId, step: Callable[[], Awaitable[T]]) -> T:
        """Do `step` until the database lets us: nobody else would before the next start."""
        while True:
            try:
                return await step()
            except DatabaseFailed as error:
                log.warning("not settled yet", generation=id, detail=str(error), retry_s=_SETTLE_AGAIN_S)
                await self._clock.sleep(_SETTLE_AGAIN_S)

    async def _refund(self, job: Generation, reason: Reason) -> Generation:
        refunded = await self._generations.refund(job, reason) or _fenced()
        log.info("refunded", generation=job.id, credits=job.charged, reason=reason)
        return refunded

    async def _tell(self, job: Generation) -> None:
        """Tell the person; where that is impossible the log says so, and the credits are back all the same."""
        reason = job.reason or Reason.INTERNAL
        await self._progress.over(job.id)
        for failures in count(1):
            try:
                await self._couriers[job.platform].tell(job, reason)
                break
            except Exception as error:
                fault = error if isinstance(error, TemporaryFault) else None
                if fault is None or fault.final or failures == _TELLING_TRIES:
                    log.warning("could not be told", generation=job.id, reason=reason, exc_info=True)
                    break
                wait_s = self._backoff.wait_s(failures, asked_s=fault.retry_after_s)
                await self._clock.sleep(min(wait_s, _LONGEST_PAUSE_S))
        await self._generations.told(job, now_ms=self._clock.now_ms())

    async def _trying(self, job: Generation, step: Callable[[], Awaitable[T]]) -> T:
        """Do `step`, again after temporary faults, until it works, is futile, or the row's deadline is near."""
        seen: Counter[type[TemporaryFault]] = Counter()
        while True:
            try:
                return await step()
            except TemporaryFault as fault:
                # Each kind has tries of its own: a long queue must not use up those of a broken answer.
                seen[type(fault)] += 1
                failures = seen.total()
                wait_s = self._backoff.wait_s(failures, asked_s=max(fault.retry_after_s or 0.0, fault.pause_s))
                spent = fault.tries is not None and seen[type(fault)] >= fault.tries
                if fault.final or spent or wait_s >= self._left_s(job):
                    raise
                log.info(
                    "trying again",
                    generation=job.id,
                    fault=type(fault).__name__,
                    code=fault.code,
                    status=fault.status,
                    failures=failures,
                    wait_s=round(wait_s, 2),
                )
                await self._clock.sleep(wait_s)

    def _left_s(self, job: Generation) -> float:
        return (job.deadline_ms - self._clock.now_ms()) / 1000


async def _gather(steps: Iterable[Awaitable[T | Fault]]) -> tuple[list[T], list[Fault]]:
    """All at once: what they made, in their order, and the faults. The first other exception ends them all."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        results = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return [r for r in results if not isinstance(r, Fault)], [r for r in results if isinstance(r, Fault)]


def _fenced() -> Generation:
    raise _Fenced
