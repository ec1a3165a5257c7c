"""The admin use cases: who may, what changes, what is to be seen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

import structlog

from bot.errors import DatabaseFailed
from bot.model import Account, Balance, Duplicate, Space
from bot.plain import plain
from bot.policy import Member, Policy, Standing
from bot.ports import Clock
from bot.quotas import Quotas
from bot.reports import Report
from bot.rules import Change, Kind, Page, Rule, Subject
from bot.store import Reports, RuleBook, Rules
from bot.windows import Window

log = structlog.get_logger()

PAGE_SIZE: Final = 8
MOST_ENTRIES: Final = 50_000
"""Rows of a report's CSV: some 5 MB, which every platform takes."""

_HOUR_MS: Final = 3_600_000
_MOST_REFUSALS: Final = 20

COMMAND_LINE: Final = "command line"
"""Who acts there: whoever can reach the database file is its operator."""


class Authority(IntEnum):
    """What somebody may do."""

    MEMBER = 0
    ADMIN = 1
    OPERATOR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who gives an admin command. `id` as in OWNERS (`discord:1`, `slack:T1:U1`), `account` where they gave it.

    `manages`: the platform says that they run this server or workspace. `keys` are what DISCORD_ADMIN_ROLES and
    SLACK_ADMINS may name: the ids of their roles, or their own. `aliases` are other ids of theirs: in an organisation,
    the one by workspace.
    """

    id: str
    account: Account
    space: Space | None
    manages: bool = False
    aliases: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A member's quota, and the rules that make it."""

    member: Member
    standing: Standing
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The rule counts from now on. `before` is the one it replaced; `balance` is the person's, if that is known."""

    change: Change
    before: Rule | None
    balance: Balance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboveCeiling:
    """Nothing was changed: the operator lets this space have `ceiling` credits at most."""

    ceiling: int


class Admin:
    """What admins of a space and the operator do. Every change is one row, which is its audit as well."""

    def __init__(
        self,
        *,
        rules: Rules,
        rule_book: RuleBook,
        reports: Reports,
        quotas: Quotas,
        policy: Policy,
        clock: Clock,
        owners: frozenset[str] = frozenset(),
        deputies: frozenset[str] = frozenset(),
    ) -> None:
        self._rules = rules
        self._rule_book = rule_book
        self._reports = reports
        self._quotas = quotas
        self._policy = policy
        self._clock = clock
        self._owners = owners
        self._deputies = deputies

    @property
    def window(self) -> Window:
        """The window that limits are per."""
        return self._policy.window

    def now_ms(self) -> int:
        """The moment by which expiries are judged."""
        return self._clock.now_ms()

    def authority(self, actor: Actor) -> Authority:
        """What `actor` may do where they are."""
        if actor.id == COMMAND_LINE or {actor.id, *actor.aliases} & self._owners:
            return Authority.OPERATOR
        if actor.space is not None and (actor.manages or actor.keys & self._deputies):
            return Authority.ADMIN
        return Authority.MEMBER

    async def note_refusal(self, actor: Actor, *, id: str, words: str) -> None:
        """Somebody tried `words` without being allowed to: that stands in the audit.

        After twenty in an hour it stands in the log alone: nobody may push what was really changed out of sight.
        """
        log.warning("admin command refused", actor=actor.id, space=actor.space)
        since_ms = self._clock.now_ms() - _HOUR_MS
        if await self._rules.refusals(Subject(actor.account), since_ms=since_ms) >= _MOST_REFUSALS:
            return
        attempt = Change(space=actor.space, subject=Subject(actor.account), kind=Kind.REFUSED, reason=words)
        await self._rules.add(_shown(attempt), id=id, by=actor.id, now_ms=self._clock.now_ms())

    async def change(
        self, change: Change, *, actor: Actor, id: str, member: Member | None = None
    ) -> Changed | AboveCeiling | Duplicate:
        """Make the rule; `member` is the person whom it is about, to show what it comes to."""
        if change.kind is Kind.POOL and change.applies:
            ceiling = self._policy.ceiling(await self._in_force(change.subject, Kind.CEILING))
            if ceiling is not None and (change.value is None or change.value > ceiling):
                return AboveCeiling(ceiling=ceiling)
        change = _shown(change)
        before = await self._in_force(change.subject, change.kind)
        if not await self._rules.add(change, id=id, by=actor.id, now_ms=self._clock.now_ms()):
            return Duplicate()
        log.info("rule made", actor=actor.id, subject=change.subject, kind=change.kind, value=change.value)
        balance = None if member is None else await self._balance(member)
        return Changed(change=change, before=before, balance=balance)

    async def _balance(self, member: Member) -> Balance | None:
        try:
            return await self._quotas.balance(member)
        except DatabaseFailed:
            # The rule stands: an answer that sounds as if it did not would have it made twice.
            log.exception("balance unknown", account=member.account)
            return None

    async def show(self, member: Member) -> Shown:
        """A member's quota, and which rule gives it to them."""
        standing = await self._quotas.standing(member)
        balance = await self._quotas.balance(member, standing.limits)
        return Shown(member=member, standing=standing, balance=balance)

    async def in_force(self, space: Space | None, *, page: int, deployment: bool = False) -> Page:
        """Every rule that differs from the default, in `space` (and of the `deployment`) or (None) everywhere."""
        now_ms = self._clock.now_ms()
        return await self._rule_book.in_force(space, now_ms=now_ms, page=page, size=PAGE_SIZE, deployment=deployment)

    async def audit(self, space: Space | None, subject: Subject | None, *, page: int, deployment: bool = False) -> Page:
        """Who changed what, when, from what to what; of one subject or of all."""
        return await self._rule_book.audit(space, subject, page=page, size=PAGE_SIZE, deployment=deployment)

    async def report(self, space: Space | None, *, days: int) -> Report:
        """The last `days` days up to now, of `space` or (None) of the whole deployment."""
        return await self._reports.read(space, list(self._last(days)), most_entries=MOST_ENTRIES)

    async def spaces(self) -> list[Space]:
        """Every server and workspace that is known."""
        return await self._rule_book.spaces()

    async def _in_force(self, subject: Subject, kind: Kind) -> Rule | None:
        rule = await self._rules.newest(subject, kind)
        return rule if rule is not None and rule.applies else None

    def _last(self, days: int) -> Iterator[tuple[date, int, int]]:
        today = self.window.date_of(self._clock.now_ms())
        for ago in range(days - 1, -1, -1):
            day = today - timedelta(days=ago)
            yield day, self.window.midnight_ms(day), self.window.midnight_ms(day + timedelta(days=1))


def _shown(change: Change) -> Change:
    """`change` with its reason as one plain line: other people read it, and no database takes half a character."""
    return replace(change, reason=None if change.reason is None else plain(change.reason) or None)
