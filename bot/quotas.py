"""Quota policy: prices, and the numbers that bind a person now."""

from dataclasses import dataclass

from bot.model import Account, Balance, Bound, GenerationId, ImageRequest, Limits, QuotaSpent, Space, Usage
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

    def limits(self, now_ms: int) -> Limits:
        """The numbers and window starts that bind at `now_ms`."""
        return Limits(
            own=self.own,
            space=self.space,
            total=self.total,
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

    async def balance(self, account: Account, space: Space | None) -> Balance:
        """What a person may still spend."""
        limits = self.limits()
        usage, _ = await self._generations.usage(account, space, limits)
        return self._own(limits, usage)

    async def after_accept(self, account: Account, space: Space | None, limits: Limits) -> Balance:
        """The balance inside the window that an accept was just counted in."""
        usage, _ = await self._generations.usage(account, space, limits)
        return self._own(limits, usage)

    async def explain(
        self,
        id: GenerationId,
        account: Account,
        space: Space | None,
        limits: Limits,
        price: int,
    ) -> QuotaSpent | None:
        """Why an accept returned no row: the limit without room, or None for a command that is known already."""
        usage, known = await self._generations.usage(account, space, limits, id=id)
        if known:
            return None
        balances = {
            Bound.OWN: self._own(limits, usage),
            Bound.SPACE: self._balance(limits.space if space is not None else None, usage.space, limits.returns_ms),
            Bound.TOTAL: self._balance(limits.total, usage.total, limits.returns_ms),
        }
        binding = [bound for bound in Bound if balances[bound].limit is not None]
        # The first without room; where a refund has made room since the accept, the first that binds at all.
        spent = min(binding, key=lambda bound: (balances[bound].left or 0) >= price)
        return QuotaSpent(bound=spent, price=price, balance=balances[spent])

    def _own(self, limits: Limits, usage: Usage) -> Balance:
        returns = limits.returns_ms
        if returns is None and usage.oldest_ms is not None and self._policy.window.rolling_ms is not None:
            returns = usage.oldest_ms + self._policy.window.rolling_ms
        return self._balance(limits.own, usage.own, returns)

    def _balance(self, limit: int | None, used: int, returns_ms: int | None) -> Balance:
        left = None if limit is None else max(limit - used, 0)
        return Balance(limit=limit, used=used, left=left, returns_ms=returns_ms)
