"""The generation core: takes an accepted row to its one end, delivered or refunded-and-told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Final, TypeVar

import structlog

from bot.backoff import Backoff
from bot.errors import DatabaseFailed, Fault, ServiceBusy, TemporaryFault
from bot.model import Delivery, DrawnPicture, Generation, GenerationId, Picture, Reason, State, platform_of
from bot.policy import Member
from bot.ports import Clock, Courier, ImageModel
from bot.quotas import Quotas
from bot.store import Generations, Throttle

log = structlog.get_logger()

T = TypeVar("T")

_TELLING_TRIES: Final = 20
_LONGEST_PAUSE_S: Final = 60.0
"""However long a platform asks to wait before a person is told: the one who waits holds a runner's slot."""


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
        model: ImageModel,
        couriers: Mapping[str, Courier],
        clock: Clock,
        backoff: Backoff,
    ) -> None:
        self._generations = generations
        self._throttle = throttle
        self._quotas = quotas
        self._model = model
        self._couriers = couriers
        self._clock = clock
        self._backoff = backoff

    async def run(self, id: GenerationId) -> None:
        """Claim the row and bring it to its end. Raises only `DatabaseFailed`; the row then stays open."""
        if platform_of(id) not in self._couriers:
            # Its token was taken out of the settings. Nobody can be told, so the row waits until it is back.
            log.warning("platform is not set up", generation=id)
            return
        job = await self._generations.claim(id)
        if job is None:
            return
        try:
            if job.state is not State.REFUNDED:
                job = await self._produce(job)
            if job.state is State.REFUNDED:
                await self._tell(job)
        except _Fenced:
            log.info("fenced out", generation=id, attempt=job.attempt)

    async def abandon(self, id: GenerationId, reason: Reason) -> None:
        """Refund a row whose person has been told already, or cannot be."""
        job = await self._generations.claim(id)
        if job is None:
            return
        if job.state is State.REFUNDED or await self._generations.refund(job, reason):
            await self._generations.told(job, now_ms=self._clock.now_ms())
            log.info("abandoned", generation=id, reason=reason)

    async def _produce(self, job: Generation) -> Generation:
        """Draw and deliver, or refund; the row as it is afterwards."""
        try:
            # What is drawn and was being posted may stand already: it is posted again rather than taken back.
            if self._left_s(job) <= 0 and job.state is not State.DELIVERING:
                return await self._refund(job, Reason.DEADLINE_PASSED)
            pictures, faults = await self._draw_all(job)
            if not pictures:
                return await self._refund(job, faults[0].reason)
            delivery = await self._deliver(job, pictures)
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
        return await self._settle(delivery)

    async def _draw_all(self, job: Generation) -> tuple[list[DrawnPicture], list[Fault]]:
        kept = await self._generations.pictures(job.id)
        # Once delivering, what failed has been given back: only what is paid for is still wanted.
        wanted = sorted(kept) if job.state is State.DELIVERING else range(job.request.count)
        tasks = [asyncio.create_task(self._draw(job, n, kept.get(n))) for n in wanted]
        try:
            results = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        return [r for r in results if isinstance(r, DrawnPicture)], [r for r in results if isinstance(r, Fault)]

    async def _draw(self, job: Generation, n: int, kept: Picture | None) -> DrawnPicture | Fault:
        """One picture in hand, or why it will never come."""
        try:
            # A kept picture is paid for: after a restart it is fetched again, not drawn again.
            picture = kept if kept is not None else await self._trying(job, lambda: self._draw_once(job, n))
            png = await self._trying(job, lambda: self._model.fetch(picture.url, size=job.request.size))
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
        return DrawnPicture(n=n, png=png, seed=job.request.seed_of(n), revised=picture.revised)

    async def _draw_once(self, job: Generation, n: int) -> Picture:
        now_ms = self._clock.now_ms()
        slot_ms = await self._throttle.reserve(now_ms=now_ms)
        if slot_ms >= job.deadline_ms:
            raise ServiceBusy("no call is free before the deadline", final=True)
        await self._clock.sleep(max(slot_ms - now_ms, 0) / 1000)
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

    async def _deliver(self, job: Generation, pictures: list[DrawnPicture]) -> Delivery:
        failed = job.request.count - len(pictures)
        charge = job.asked * len(pictures) // job.request.count
        job = await self._generations.delivering(job, charge=charge) or _fenced()
        balance = await self._quotas.balance(Member(account=job.account, space=job.space, roles=job.roles))
        took_ms = self._clock.now_ms() - job.created_ms
        delivery = Delivery(generation=job, pictures=tuple(pictures), failed=failed, took_ms=took_ms, balance=balance)
        await self._trying(job, lambda: self._couriers[job.platform].deliver(delivery))
        return delivery

    async def _settle(self, delivery: Delivery) -> Generation:
        job, failed, took_ms = delivery.generation, delivery.failed, delivery.took_ms
        result = {"pictures": len(delivery.pictures), "failed": failed, "took_ms": took_ms}
        if not await self._generations.delivered(job, now_ms=self._clock.now_ms(), result=result):
            raise _Fenced
        log.info("delivered", generation=job.id, charged=job.charged, took_ms=took_ms, failed=failed)
        return job

    async def _refund(self, job: Generation, reason: Reason) -> Generation:
        refunded = await self._generations.refund(job, reason) or _fenced()
        log.info("refunded", generation=job.id, credits=job.charged, reason=reason)
        return refunded

    async def _tell(self, job: Generation) -> None:
        """Tell the person; where that is impossible the log says so, and the credits are back all the same."""
        reason = job.reason or Reason.INTERNAL
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


def _fenced() -> Generation:
    raise _Fenced
