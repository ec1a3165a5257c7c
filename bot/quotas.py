"""Quota policy: prices, and the numbers that bind a person now."""

from dataclasses import dataclass, replace

from bot.model import (
    Account,
    Balance,
    Bound,
    Duplicate,
    ImageRequest,
    Limits,
    Order,
    QuotaSpent,
    Space,
    TooManyQueued,
    Usage,
)
from bot.ports import Clock
from bot.store import Generations
from bot.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Credits a picture costs."""

    plain: int
    extended: int

    def of(self, request: ImageRequest) -> int:
        """What the whole request costs."""
        return (self.extended if request.extend else self.plain) * request.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The deployment's limits per window, in credits; None binds nobody."""

    window: Window
    own: int | None
    space: int | None
    total: int | None
    queued: int | None = None

    def limits(self, now_ms: int) -> Limits:
        """The numbers and window starts that bind at `now_ms`."""
        return Limits(
            own=self.own,
            space=self.space,
            total=self.total,
            queued=self.queued,
            since_ms=self.window.since_ms(now_ms),
            returns_ms=self.window.returns_ms(now_ms),
        )


class Quotas:
    """What people may spend, and what they have spent."""

    def __init__(self, *, generations: Generations, policy: Policy, prices: Prices, clock: Clock) -> None:
        self._generations = generations
        self._policy = policy
        self._prices = prices
        self._clock = clock

    def price(self, request: ImageRequest) -> int:
        """Credits that `request` costs."""
        return self._prices.of(request)

    def limits(self) -> Limits:
        """The numbers that bind now."""
        return self._policy.limits(self._clock.now_ms())

    async def balance(self, account: Account, space: Space | None, limits: Limits | None = None) -> Balance:
        """What a person may still spend in the window of `limits`, which is the current one if None is given."""
        limits = limits or self.limits()
        usage, _ = await self._generations.usage(account, space, limits)
        return self._own(limits, usage)

    async def explain(self, order: Order, limits: Limits) -> QuotaSpent | TooManyQueued | Duplicate | None:
        """Why an accept returned no row. None if nothing stands in its way any more: credits came back meanwhile."""
        usage, known = await self._generations.usage(order.account, order.space, limits, id=order.id)
        if known:
            return Duplicate()
        price = self.price(order.request)
        raw_price = self.price(replace(order.request, extend=False))
        sums = (
            (Bound.OWN, limits.own, usage.own),
            (Bound.SPACE, limits.space if order.space is not None else None, usage.space),
            (Bound.TOTAL, limits.total, usage.total),
        )
        binding = [(bound, limit, used) for bound, limit, used in sums if limit is not None]
        for bound, limit, used in binding:
            if used + price > limit:
                balance = self._own(limits, usage) if bound is Bound.OWN else _balance(limit, used, limits.returns_ms)
                # Of every limit: one that has no room for it either would refuse what is offered here.
                raw_fits = all(used + raw_price <= limit for _, limit, used in binding)
                return QuotaSpent(bound=bound, price=price, balance=balance, raw_fits=raw_fits)
        # Last, for whoever has no credits left is not helped by waiting for their pictures.
        if limits.queued is not None and usage.queued >= limits.queued:
            return TooManyQueued(limit=limits.queued)
        return None

    def _own(self, limits: Limits, usage: Usage) -> Balance:
        returns_ms = limits.returns_ms
        if returns_ms is None and usage.oldest_ms is not None and self._policy.window.rolling_ms is not None:
            returns_ms = usage.oldest_ms + self._policy.window.rolling_ms
        return _balance(limits.own, usage.own, returns_ms)


def _balance(limit: int | None, used: int, returns_ms: int | None) -> Balance:
    left = None if limit is None else max(limit - used, 0)
    return Balance(limit=limit, used=used, left=left, returns_ms=returns_ms)
