"""Taking a command in: reserve and charge in one statement, inside the platform's patience."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

from bot.errors import DatabaseFailed
from bot.model import (
    Accepted,
    Blocked,
    Closing,
    DatabaseDown,
    DatabaseSlow,
    Duplicate,
    GenerationId,
    Order,
    Outcome,
    Reason,
)
from bot.policy import Member
from bot.ports import Clock
from bot.quotas import Quotas
from bot.store import Generations
from bot.studio import Studio

log = structlog.get_logger()

PATIENCE_S: Final = 1.5
"""How long whoever types waits for the database: a platform gives the whole answer 3 s."""
_RETRY_S: Final = 5.0


class Intake:
    """Accepts commands. Nothing in here waits for the network, and nobody waits longer than `patience_s`."""

    def __init__(
        self,
        *,
        generations: Generations,
        quotas: Quotas,
        studio: Studio,
        clock: Clock,
        deadline_s: int,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._generations = generations
        self._quotas = quotas
        self._studio = studio
        self._clock = clock
        self._deadline_ms = deadline_s * 1000
        self._patience_s = patience_s
        self._deciding: set[asyncio.Task[Outcome]] = set()
        self._late: set[asyncio.Task[None]] = set()
        self._closing = False

    async def accept(self, order: Order, *, waited_s: float = 0.0) -> Outcome:
        """Charge for `order` if every limit has room; the caller answers the person, then has it run.

        `waited_s` of the person's patience are used up already.
        """
        if self._closing:
            return Closing()
        # A task of its own: neither the bound nor a cancelled caller may cut it between commit and knowing of it.
        deciding = asyncio.create_task(self._decide(order))
        self._deciding.add(deciding)
        deciding.add_done_callback(self._deciding.discard)
        try:
            done, _ = await asyncio.wait({deciding}, timeout=max(self._patience_s - waited_s, 0.0))
        except asyncio.CancelledError:
            self._undo_when_done(order, deciding)
            raise
        if done:
            try:
                return deciding.result()
            except DatabaseFailed:
                log.exception("not taken", generation=order.id, account=order.account, why="DatabaseDown")
                return DatabaseDown()
        self._undo_when_done(order, deciding)
        return DatabaseSlow()

    def give_back(self, id: GenerationId, reason: Reason) -> None:
        """Have a charged command that will not run refunded, as soon as the database lets us; returns at once."""
        self._hold(self._give_back(id, reason))

    async def close(self) -> None:
        """Take no more commands, and see through those under way and the late ones: either may still commit."""
        self._closing = True
        while under_way := self._deciding | self._late:
            await asyncio.wait(under_way)

    async def _decide(self, order: Order) -> Outcome:
        member = Member(account=order.account, space=order.space, roles=order.roles)
        standing = await self._quotas.standing(member)
        # The moment of the policy is that of the row: what was decided in one window must not be booked in the next.
        limits, now_ms = standing.limits, standing.at_ms
        if standing.block is not None:
            if isinstance(await self._quotas.explain(order, limits), Duplicate):
                return Duplicate()
            log.info("not taken", generation=order.id, account=order.account, why="Blocked")
            return Blocked(reason=standing.block.reason)
        price = self._quotas.price(order.request)
        while not await self._generations.accept(
            order, limits=limits, price=price, now_ms=now_ms, deadline_ms=now_ms + self._deadline_ms
        ):
            refusal = await self._quotas.explain(order, limits)
            if refusal is not None:
                log.info("not taken", generation=order.id, account=order.account, why=type(refusal).__name__)
                return refusal
        try:
            balance = await self._quotas.balance(member, limits)
        except Exception:
            # Charged already, and the caller is about to say that nothing was drawn.
            await self._give_back(order.id, Reason.INTERNAL)
            raise
        log.info("accepted", generation=order.id, account=order.account, price=price, left=balance.left)
        return Accepted(id=order.id, price=price, balance=balance)

    async def _give_back(self, id: GenerationId, reason: Reason) -> None:
        """Refund what was committed; given up where the bot closes: the next start finds the row."""
        while True:
            try:
                return await self._studio.abandon(id, reason)
            except DatabaseFailed:
                log.warning("cannot be given back yet", generation=id, exc_info=True)
            except Exception:
                # A row that cannot be read: no other try would end differently.
                log.exception("not given back", generation=id)
                return None
            if self._closing:
                return None
            await self._clock.sleep(_RETRY_S)

    def _undo_when_done(self, order: Order, deciding: asyncio.Task[Outcome]) -> None:
        self._hold(self._undo(order, deciding))

    def _hold(self, late: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(late)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _undo(self, order: Order, deciding: asyncio.Task[Outcome]) -> None:
        try:
            outcome = await deciding
            if isinstance(outcome, Accepted):
                log.warning("accepted too late", generation=order.id)
                await self._give_back(order.id, Reason.DATABASE_SLOW)
        except Exception:
            # The commit may or may not have landed: if it has, the row is open and the next start finds it.
            log.exception("late accept failed", generation=order.id)
