"""What people may spend and have spent: the rules that bind them, beside the sums of their window."""

from dataclasses import replace

from bot.model import (
    Balance,
    Bound,
    Duplicate,
    ImageRequest,
    Limits,
    Order,
    QuotaSpent,
    TooManyQueued,
    UnderWay,
    Usage,
)
from bot.policy import Member, Policy, Prices, Standing
from bot.ports import Clock
from bot.store import Generations, Rules


class Quotas:
    """Read by every command; nothing in here changes anything."""

    def __init__(self, *, generations: Generations, rules: Rules, policy: Policy, prices: Prices, clock: Clock) -> None:
        self._generations = generations
        self._rules = rules
        self._policy = policy
        self._prices = prices
        self._clock = clock

    def price(self, request: ImageRequest) -> int:
        """Credits that `request` costs."""
        return self._prices.of(request)

    async def standing(self, member: Member) -> Standing:
        """What the rules say of `member` now."""
        rules = await self._rules.standing(self._policy.wanted(member), account=member.account)
        return self._policy.judge(member, rules, self._clock.now_ms())

    async def balance(self, member: Member, limits: Limits | None = None) -> Balance:
        """What `member` may still spend under `limits`, which are those that bind now if None is given."""
        if limits is None:
            limits = (await self.standing(member)).limits
        usage, _ = await self._generations.usage(member.account, member.space, limits)
        return _balance(limits, usage)

    async def explain(self, order: Order, limits: Limits) -> QuotaSpent | TooManyQueued | UnderWay | Duplicate | None:
        """Why an accept returned no row. None if nothing stands in its way any more: credits came back meanwhile."""
        usage, known = await self._generations.usage(order.account, order.space, limits, id=order.id)
        if known:
            return Duplicate()
        if order.parent is not None and await self._generations.under_way(order.parent):
            return UnderWay()
        price = self.price(order.request)
        raw_price = self.price(replace(order.request, extend=False))
        balance = _balance(limits, usage)
        bounds = (
            (Bound.OWN, limits.own, balance.own_left, balance.bonus, balance.returns_ms),
            (Bound.SPACE, limits.space, balance.space_left, 0, _returns_ms(limits, usage.space_oldest_ms)),
            (Bound.TOTAL, limits.total, balance.total_left, 0, _returns_ms(limits, usage.total_oldest_ms)),
        )
        for bound, limit, left, bonus, returns_ms in bounds:
            if limit is not None and left is not None and left + bonus < price:
                # Of every limit: one that has no room for it either would refuse what is offered here.
                raw_fits = balance.left is None or raw_price <= balance.left
                return QuotaSpent(
                    bound=bound,
                    price=price,
                    limit=limit,
                    left=left,
                    bonus=bonus,
                    returns_ms=returns_ms,
                    raw_fits=raw_fits,
                )
        # Last, for whoever has no credits left is not helped by waiting for their pictures.
        if limits.queued is not None and usage.queued >= limits.queued:
            return TooManyQueued(limit=limits.queued)
        return None


def _balance(limits: Limits, usage: Usage) -> Balance:
    pot = limits.pot
    return Balance(
        limit=limits.own,
        used=usage.own,
        returns_ms=_returns_ms(limits, usage.own_oldest_ms),
        bonus=0 if pot is None else max(pot.credits - usage.bonus, 0),
        bonus_expires_ms=None if pot is None else pot.expires_ms,
        queued=usage.queued,
        space_limit=limits.space,
        space_left=None if limits.space is None else max(limits.space - usage.space, 0),
        total_left=None if limits.total is None else max(limits.total - usage.total, 0),
    )


def _returns_ms(limits: Limits, oldest_ms: int | None) -> int | None:
    """When the next credit comes back: all at the end of a calendar window, or one charge after the other."""
    if limits.rolling_ms is None:
        return limits.returns_ms
    return None if oldest_ms is None else oldest_ms + limits.rolling_ms
