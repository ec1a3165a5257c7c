"""Quota policy: which of the rules bind a person now, as numbers and window starts. Pure: rules in, `Limits` out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.model import Account, ImageRequest, Limits, Pot, Source, Space
from bot.rules import DEPLOYMENT, Kind, Rule, Subject
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
class Member:
    """A person where they typed; `roles` are the subjects of their Discord roles or Slack user groups."""

    account: Account
    space: Space | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the rules say of a member at `at_ms`. `block` is the rule that keeps them out, if there is one."""

    at_ms: int
    limits: Limits
    block: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The deployment's limits per window, in credits; None binds nobody. Rules go before them."""

    window: Window
    own: int | None
    space: int | None
    total: int | None
    queued: int | None = None
    """The most commands of one person that may be open at once."""

    def wanted(self, member: Member) -> list[tuple[Subject, Kind]]:
        """The rules that have to be known to judge `member`."""
        account = Subject(member.account)
        wanted = [(account, Kind.LIMIT), (account, Kind.RESET), (account, Kind.BLOCK), (DEPLOYMENT, Kind.BUDGET)]
        if member.space is not None:
            space = Subject(member.space)
            wanted += [(space, Kind.LIMIT), (space, Kind.POOL), (space, Kind.CEILING)]
        return [*wanted, *((Subject(role), Kind.LIMIT) for role in member.roles)]

    def judge(self, member: Member, rules: Sequence[Rule], now_ms: int) -> Standing:
        """The numbers that bind `member` at `now_ms`, out of the rules in force and the grants to them."""
        found = {(rule.subject, rule.kind): rule for rule in rules}
        own, source, roles = self._own(member, found)
        reset = found.get((Subject(member.account), Kind.RESET))
        budget = found.get((DEPLOYMENT, Kind.BUDGET))
        limits = Limits(
            own=own,
            space=self._pool(member.space, found),
            total=self.total if budget is None else budget.value,
            since_ms=self.window.since_ms(now_ms),
            returns_ms=self.window.returns_ms(now_ms),
            rolling_ms=self.window.rolling_ms,
            queued=self.queued,
            reset_ms=0 if reset is None else reset.at_ms,
            pot=pot(rules, now_ms),
            source=source,
            roles=roles,
        )
        return Standing(at_ms=now_ms, limits=limits, block=found.get((Subject(member.account), Kind.BLOCK)))

    def ceiling(self, rule: Rule | None) -> int | None:
        """The most that a space's pool can be; `rule` is the operator's for that space, if there is one."""
        return self.space if rule is None else rule.value

    def _own(
        self, member: Member, found: dict[tuple[Subject, Kind], Rule]
    ) -> tuple[int | None, Source, tuple[str, ...]]:
        """Person before role before space before deployment; of several roles the one that gives the most."""
        of_roles = [rule for role in member.roles if (rule := found.get((Subject(role), Kind.LIMIT)))]
        of_roles.sort(key=_generosity, reverse=True)
        roles = tuple(rule.subject for rule in of_roles)
        if person := found.get((Subject(member.account), Kind.LIMIT)):
            return person.value, Source.PERSON, roles
        if of_roles:
            return of_roles[0].value, Source.ROLE, roles
        if member.space is not None and (everybody := found.get((Subject(member.space), Kind.LIMIT))):
            return everybody.value, Source.SPACE, roles
        return self.own, Source.DEPLOYMENT, roles

    def _pool(self, space: Space | None, found: dict[tuple[Subject, Kind], Rule]) -> int | None:
        """What the admins allow, but never more than the operator does."""
        if space is None:
            return None
        ceiling = self.ceiling(found.get((Subject(space), Kind.CEILING)))
        pool = found.get((Subject(space), Kind.POOL))
        return ceiling if pool is None else _less(pool.value, ceiling)


def pot(rules: Iterable[Rule], now_ms: int) -> Pot | None:
    """The live bonus pot: a grant to a live pot adds to it and keeps the later expiry; None if there is none.

    The pot starts with its first grant, so what is given back after a later one still returns to it.
    """
    live: Pot | None = None
    for grant in (rule for rule in rules if rule.kind is Kind.GRANT):
        given = grant.value or 0
        if live is not None and _lives(live, grant.at_ms):
            live = Pot(
                credits=live.credits + given,
                since_ms=live.since_ms,
                expires_ms=_later(live.expires_ms, grant.expires_ms),
            )
        else:
            live = Pot(credits=given, since_ms=grant.at_ms, expires_ms=grant.expires_ms)
    return live if live is not None and _lives(live, now_ms) else None


def _lives(pot: Pot, at_ms: int) -> bool:
    return pot.expires_ms is None or at_ms < pot.expires_ms


def _later(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


def _less(one: int | None, other: int | None) -> int | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)


def _generosity(rule: Rule) -> float:
    return float("inf") if rule.value is None else rule.value
