"""The quota rules a second time, slow and obvious: every charge is remembered, and each question counts them all."""

import functools
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.admin import AboveCeiling
from bot.model import (
    Accepted,
    Account,
    Balance,
    Blocked,
    Bound,
    Duplicate,
    GenerationId,
    Order,
    Outcome,
    QuotaSpent,
    Source,
    Space,
    TooManyQueued,
)
from bot.policy import Member
from bot.rules import DEPLOYMENT, Change, Kind, Subject

ZONE = ZoneInfo("Europe/Berlin")
DAY_MS = 86_400_000
MINUTE_MS = 60_000


def day_of(at_ms: int) -> date:
    """The date on a calendar in Berlin."""
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).astimezone(ZONE).date()


@functools.cache
def next_day_ms(day: date) -> int:
    """When `day` is over: the first minute that is of another one."""
    at_ms = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
    while day_of(at_ms) == day:
        at_ms += MINUTE_MS
    return at_ms


@dataclass(kw_only=True)
class Purse:
    """Bonus credits of one person."""

    left: int
    expires_ms: int | None

    def lives(self, now_ms: int) -> bool:
        return self.expires_ms is None or now_ms < self.expires_ms


@dataclass(kw_only=True)
class Charge:
    """One command that was taken, and where its credits came from."""

    order: Order
    created_ms: int
    price: int
    own: int
    bonus: int
    purse: Purse | None
    roles: tuple[str, ...]
    """Those that had a limit of their own when it was taken: the answer knows of no others."""
    forgiven: bool = False
    """The person's window started anew after it."""
    open: bool = True

    @property
    def charged(self) -> int:
        return self.own + self.bonus

    def give_back(self, amount: int) -> None:
        """The bonus first, into the pot that it came from."""
        bonus = min(amount, self.bonus)
        if self.purse is not None:
            self.purse.left += bonus
        self.bonus -= bonus
        self.own -= amount - bonus


@dataclass(kw_only=True)
class Ledger:
    """All charges and all rules of a deployment with the limits `own`, `space`, `total` and `queued`."""

    rolling: bool
    own: int
    space: int
    total: int
    queued: int
    charges: dict[GenerationId, Charge] = field(default_factory=dict)
    rules: dict[tuple[Subject, Kind], Change] = field(default_factory=dict)
    purses: dict[Account, Purse] = field(default_factory=dict)

    def change(self, change: Change, now_ms: int) -> Change | AboveCeiling | None:
        """Make a rule; the one that it replaced."""
        if change.kind is Kind.POOL and change.applies:
            ceiling = self._ceiling(change.subject)
            if ceiling is not None and (change.value is None or change.value > ceiling):
                return AboveCeiling(ceiling=ceiling)
        before = self._rule(change.subject, change.kind)
        self.rules[change.subject, change.kind] = change
        account = Account(change.subject)
        if change.kind is Kind.RESET:
            for charge in self._of(account):
                charge.forgiven = True
        if change.kind is Kind.GRANT:
            assert change.value is not None
            purse = self.purse(account, now_ms)
            if purse is None:
                self.purses[account] = Purse(left=change.value, expires_ms=change.expires_ms)
            else:
                purse.left += change.value
                if purse.expires_ms is not None:
                    later = change.expires_ms is None or change.expires_ms > purse.expires_ms
                    purse.expires_ms = change.expires_ms if later else purse.expires_ms
        return before

    def accept(self, order: Order, *, price: int, plain_price: int, now_ms: int) -> Outcome:
        """Take `order`, or say why not."""
        if order.id in self.charges:
            return Duplicate()
        member = Member(account=order.account, space=order.space, roles=order.roles)
        if block := self._rule(order.account, Kind.BLOCK):
            return Blocked(reason=block.reason)
        balance = self.balance(member, now_ms)
        if spent := self._spent(member, balance, price=price, plain_price=plain_price, now_ms=now_ms):
            return spent
        if balance.queued >= self.queued:
            return TooManyQueued(limit=self.queued)
        own = price if balance.own_left is None else min(price, balance.own_left)
        purse = self.purse(order.account, now_ms)
        if own < price:
            assert purse is not None
            purse.left -= price - own
        roles = tuple(role for role in order.roles if self._rule(role, Kind.LIMIT))
        self.charges[order.id] = Charge(
            order=order, created_ms=now_ms, price=price, own=own, bonus=price - own, purse=purse, roles=roles
        )
        return Accepted(id=order.id, price=price, balance=self.balance(member, now_ms))

    def settle(self, id: GenerationId, *, kept: int) -> None:
        """The command came to its end with `kept` of its pictures."""
        charge = self.charges[id]
        charge.give_back(charge.price - charge.price // charge.order.request.count * kept)
        charge.open = False

    def balance(self, member: Member, now_ms: int) -> Balance:
        """What `member` may spend."""
        purse = self.purse(member.account, now_ms)
        space_limit = self.pool(member.space)
        total_limit = self.budget
        own = self._own_charges(member.account, now_ms)
        return Balance(
            limit=self.limit(member)[0],
            used=sum(charge.own for charge in own),
            returns_ms=self._returns_ms([charge for charge in own if charge.own], now_ms),
            bonus=purse.left if purse else 0,
            bonus_expires_ms=purse.expires_ms if purse else None,
            queued=sum(charge.open for charge in self._of(member.account)),
            space_limit=space_limit,
            space_left=None if space_limit is None else max(space_limit - self.spent(now_ms, member.space), 0),
            total_left=None if total_limit is None else max(total_limit - self.spent(now_ms), 0),
        )

    def limit(self, member: Member) -> tuple[int | None, Source]:
        """The person's own limit, and where it comes from."""
        if person := self._rule(member.account, Kind.LIMIT):
            return person.value, Source.PERSON
        of_roles = [rule.value for role in member.roles if (rule := self._rule(role, Kind.LIMIT))]
        if of_roles:
            generous = [value for value in of_roles if value is not None]
            return (None if None in of_roles else max(generous)), Source.ROLE
        if member.space is not None and (everybody := self._rule(member.space, Kind.LIMIT)):
            return everybody.value, Source.SPACE
        return self.own, Source.DEPLOYMENT

    def pool(self, space: Space | None) -> int | None:
        """What a space may spend: as its admins say, but never more than the operator lets it."""
        if space is None:
            return None
        ceiling = self._ceiling(Subject(space))
        pool = self._rule(space, Kind.POOL)
        if pool is None or pool.value is None:
            return ceiling
        return pool.value if ceiling is None or pool.value < ceiling else ceiling

    @property
    def budget(self) -> int | None:
        """What everybody together may spend."""
        rule = self._rule(DEPLOYMENT, Kind.BUDGET)
        return self.total if rule is None else rule.value

    def blocked(self, account: Account) -> bool:
        return self._rule(account, Kind.BLOCK) is not None

    def purse(self, account: Account, now_ms: int) -> Purse | None:
        """The person's bonus, while it lives."""
        purse = self.purses.get(account)
        return purse if purse is not None and purse.lives(now_ms) else None

    def spent(self, now_ms: int, space: Space | None = None) -> int:
        """What the window has cost a space, or everybody."""
        return sum(charge.charged for charge in self._charges(now_ms, space))

    def moments(self, now_ms: int) -> list[int]:
        """When something changes by itself: a window ends, a charge leaves it, a pot expires, a deadline passes."""
        moments = {next_day_ms(day_of(now_ms))}
        moments |= {charge.created_ms + DAY_MS for charge in self.charges.values()}
        moments |= {purse.expires_ms for purse in self.purses.values() if purse.expires_ms is not None}
        return sorted(at_ms for at_ms in moments if at_ms > now_ms)

    def _spent(
        self, member: Member, balance: Balance, *, price: int, plain_price: int, now_ms: int
    ) -> QuotaSpent | None:
        space, total = self._charges(now_ms, member.space), self._charges(now_ms)
        for bound, limit, left, bonus, returns_ms in (
            (Bound.OWN, balance.limit, balance.own_left, balance.bonus, balance.returns_ms),
            (Bound.SPACE, balance.space_limit, balance.space_left, 0, self._returns_ms(space, now_ms)),
            (Bound.TOTAL, self.budget, balance.total_left, 0, self._returns_ms(total, now_ms)),
        ):
            if limit is not None and left is not None and left + bonus < price:
                return QuotaSpent(
                    bound=bound,
                    price=price,
                    limit=limit,
                    left=left,
                    bonus=bonus,
                    returns_ms=returns_ms,
                    raw_fits=balance.left is None or plain_price <= balance.left,
                )
        return None

    def _rule(self, subject: str, kind: Kind) -> Change | None:
        rule = self.rules.get((Subject(subject), kind))
        return rule if rule is not None and rule.applies else None

    def _ceiling(self, space: Subject) -> int | None:
        rule = self._rule(space, Kind.CEILING)
        return self.space if rule is None else rule.value

    def _of(self, account: Account) -> list[Charge]:
        return [charge for charge in self.charges.values() if charge.order.account == account]

    def _own_charges(self, account: Account, now_ms: int) -> list[Charge]:
        return [charge for charge in self._of(account) if self._counts(charge, now_ms) and not charge.forgiven]

    def _charges(self, now_ms: int, space: Space | None = None) -> list[Charge]:
        """Those of the window, of one space or of all."""
        return [
            charge
            for charge in self.charges.values()
            if self._counts(charge, now_ms) and (space is None or charge.order.space == space)
        ]

    def _counts(self, charge: Charge, now_ms: int) -> bool:
        if self.rolling:
            return now_ms - charge.created_ms < DAY_MS
        return day_of(charge.created_ms) == day_of(now_ms)

    def _returns_ms(self, charges: list[Charge], now_ms: int) -> int | None:
        if not self.rolling:
            return next_day_ms(day_of(now_ms))
        return min((charge.created_ms + DAY_MS for charge in charges if charge.charged), default=None)


def without_queue(balance: Balance) -> Balance:
    """`balance`, whatever is under way."""
    return replace(balance, queued=0)
