"""`/quota-admin`, once for both platforms and the command line: words in, an answer out."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar, assert_never

import structlog

from adapters import admin_text
from adapters.charts import ChartFailed, Charts
from adapters.locales import catalogue
from adapters.locales.words import Words
from adapters.reporting import Money, rows_as_csv
from adapters.responses import Answer, Attachment, Silence
from adapters.sentences import Sentence
from bot.admin import AboveCeiling, Actor, Admin, Authority, Changed
from bot.errors import DatabaseFailed, Fault, OperatorNeeded
from bot.model import Account, Duplicate, Space
from bot.policy import Member
from bot.rules import DEPLOYMENT, NOWHERE, Change, Kind, Subject, is_erased, local_id, person_of, role_of
from bot.vocabulary import (
    MOST_CREDITS,
    MOST_DAYS,
    MOST_PAGES,
    OPERATORS,
    REASON,
    Amount,
    Argument,
    BadArgument,
    ExpiryPast,
    Mistake,
    Said,
    Word,
    amount,
    expiry_ms,
    number,
    yes,
)

log = structlog.get_logger()

T = TypeVar("T", Amount, int, bool)

QUOTA_ADMIN: Final = "/quota-admin"

_DAYS: Final = 30
_LIMITS: Final = {
    Word.SET: Kind.LIMIT,
    Word.ROLE: Kind.LIMIT,
    Word.DEFAULT: Kind.LIMIT,
    Word.POOL: Kind.POOL,
    Word.CEILING: Kind.CEILING,
    Word.BUDGET: Kind.BUDGET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody, by the platform's own id, with the subjects of their roles."""

    id: str
    roles: tuple[str, ...] = ()
    is_bot: bool = False


class Directory(Protocol):
    """Who and what there is where a command was given. Raises a `Fault` where that cannot be looked up now."""

    async def person(self, text: str) -> Found | None:
        """Whom `text` means; None if nobody."""

    async def role(self, text: str) -> str | None:
        """The id of the role or user group that `text` means; None if there is none."""

    async def names(self, accounts: Iterable[Account]) -> Mapping[Account, str]:
        """What people are called, as far as that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAsked:
    """An admin command: `line` is how it was typed, `command` what stands before a line that is ready to copy."""

    id: str
    actor: Actor
    line: str
    command: str
    directory: Directory
    locale: str | None


class _Sorry(Exception):
    """Carries the sentence for an admin out of the reading of their command; never leaves this module."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence


class AdminCommands:
    """What both adapters' handlers and the command line call."""

    def __init__(self, *, admin: Admin, charts: Charts, money: Money | None) -> None:
        self._admin = admin
        self._charts = charts
        self._money = money

    async def run(self, asked: AdminAsked, said: Said | Mistake) -> Answer | Silence:
        """Do what was said, if the person may; the answer says what is so now, or why nothing was changed."""
        authority = self._admin.authority(asked.actor)
        if (refusal := self._refusal(asked, said, authority)) is not None:
            await self._admin.note_refusal(asked.actor, id=asked.id, words=asked.line[:REASON])
            return Answer(sentence=refusal, done=False)
        if not isinstance(said, Said):
            sentence = admin_text.mistake(said, command=asked.command, locale=asked.locale)
            return Answer(sentence=sentence, done=False)
        try:
            return await self._do(asked, said, authority)
        except _Sorry as sorry:
            return Answer(sentence=sorry.sentence, done=False)
        except DatabaseFailed:
            log.exception("admin command in doubt", actor=asked.actor.id, word=said.word)
            return Answer(sentence=catalogue(asked.locale).in_doubt(), done=False)

    def moderates(self, actor: Actor) -> bool:
        """Whether `actor` runs the place that they are in."""
        return self._admin.authority(actor) is not Authority.MEMBER

    def _refusal(self, asked: AdminAsked, said: Said | Mistake, authority: Authority) -> Sentence | None:
        words = catalogue(asked.locale)
        if isinstance(said, Said) and said.word is Word.HELP:
            return None
        if authority is Authority.MEMBER:
            return words.not_allowed()
        if authority is Authority.ADMIN and isinstance(said, Said):
            if said.word in OPERATORS:
                return words.operators_only(word=said.word)
            if yes(said.arguments.get(Argument.EVERYTHING, "")) is True:
                return words.everything_only()
        return None

    async def _do(self, asked: AdminAsked, said: Said, authority: Authority) -> Answer | Silence:
        operator = authority is Authority.OPERATOR
        match said.word:
            case Word.SHOW:
                member = await self._member(asked, said)
                shown = await self._admin.show(member)
                return Answer(sentence=admin_text.shown(shown, window=self._window, locale=asked.locale))
            case Word.SET | Word.ROLE | Word.DEFAULT | Word.POOL | Word.CEILING | Word.BUDGET:
                return await self._limit(asked, said)
            case Word.GRANT | Word.RESET | Word.BLOCK | Word.UNBLOCK:
                return await self._for_person(asked, said)
            case Word.LIST | Word.AUDIT:
                return await self._pages(asked, said, operator=operator)
            case Word.REPORT:
                return await self._report(asked, said)
            case Word.HELP:
                page = admin_text.help_page(command=asked.command, operator=operator, locale=asked.locale)
                return Answer(sentence=page)
            case _:
                assert_never(said.word)

    async def _limit(self, asked: AdminAsked, said: Said) -> Answer | Silence:
        value = self._read(asked, amount(said.arguments[Argument.AMOUNT]))
        member = await self._member(asked, said) if said.word is Word.SET else None
        subject = await self._subject(asked, said, member)
        change = Change(
            space=None if subject == DEPLOYMENT else asked.actor.space,
            subject=subject,
            kind=_LIMITS[said.word],
            applies=value.applies,
            value=value.credits,
        )
        return await self._change(asked, change, member)

    async def _subject(self, asked: AdminAsked, said: Said, member: Member | None) -> Subject:
        if member is not None:
            return Subject(member.account)
        if said.word is Word.BUDGET:
            return DEPLOYMENT
        space = self._space(asked)
        if space == NOWHERE:
            raise _Sorry(catalogue(asked.locale).nowhere())
        return await self._role(asked, space, said) if said.word is Word.ROLE else Subject(space)

    async def _for_person(self, asked: AdminAsked, said: Said) -> Answer | Silence:
        member = await self._member(asked, said)
        change = Change(
            space=asked.actor.space,
            subject=Subject(member.account),
            kind={Word.GRANT: Kind.GRANT, Word.RESET: Kind.RESET}.get(said.word, Kind.BLOCK),
            applies=said.word is not Word.UNBLOCK,
            reason=said.arguments.get(Argument.REASON, "").strip()[:REASON] or None,
        )
        if said.word is Word.GRANT:
            given = number(Argument.CREDITS, said.arguments[Argument.CREDITS], least=1, most=MOST_CREDITS)
            change = replace(change, value=self._read(asked, given), expires_ms=self._expiry(asked, said))
        return await self._change(asked, change, member)

    async def _change(self, asked: AdminAsked, change: Change, member: Member | None) -> Answer | Silence:
        outcome = await self._admin.change(change, actor=asked.actor, id=asked.id, member=member)
        match outcome:
            case Changed():
                sentence = admin_text.changed(outcome, window=self._window, locale=asked.locale)
            case AboveCeiling(ceiling=ceiling):
                raise _Sorry(catalogue(asked.locale).above_ceiling(ceiling=ceiling))
            case Duplicate():
                return Silence()
            case _:
                assert_never(outcome)
        return Answer(sentence=sentence)

    async def _pages(self, asked: AdminAsked, said: Said, *, operator: bool) -> Answer:
        typed = said.arguments.get(Argument.PAGE, "1")
        page = self._read(asked, number(Argument.PAGE, typed, least=1, most=MOST_PAGES))
        space = self._scope(asked, said)
        # The rules of the whole deployment are the operator's to make, and so to look at.
        if said.word is Word.LIST:
            found = await self._admin.in_force(space, page=page, deployment=operator)
            return Answer(sentence=admin_text.rules(found, space=space, window=self._window, locale=asked.locale))
        subject = None
        if said.arguments.get(Argument.PERSON, "").strip():
            subject = Subject((await self._member(asked, said)).account)
        found = await self._admin.audit(space, subject, page=page, deployment=operator and subject is None)
        return Answer(sentence=admin_text.audit(found, space=space, window=self._window, locale=asked.locale))

    async def _report(self, asked: AdminAsked, said: Said) -> Answer:
        typed = said.arguments.get(Argument.DAYS, str(_DAYS))
        days = self._read(asked, number(Argument.DAYS, typed, least=1, most=MOST_DAYS))
        space = self._scope(asked, said)
        report = await self._admin.report(space, days=days)
        words = admin_text.ReportWords(report, money=self._money, locale=asked.locale)
        if not report.entries:
            return Answer(sentence=words.empty())
        names = await self._names(asked, [s.account for s in report.people if not is_erased(s.account)])
        # In a thread: tens of thousands of rows take longer than anybody else should wait.
        rows = await asyncio.to_thread(rows_as_csv, report, self._admin.window.zone)
        stem = f"quota-report-{report.days[-1].date}"
        table = Attachment(filename=f"{stem}.csv", data=rows)
        try:
            drawn = await self._charts.draw(words.chart(names))
        except ChartFailed:
            # The figures are there as text, too: a report is worth having without its picture.
            log.exception("chart failed", days=days)
            return Answer(sentence=words.sentence(picture=False), files=(table,))
        picture = Attachment(filename=f"{stem}.png", data=drawn, alt_text=words.alt_text())
        return Answer(sentence=words.sentence(), files=(picture, table))

    @property
    def _window(self) -> str:
        return self._admin.window.name

    async def _names(self, asked: AdminAsked, accounts: list[Account]) -> Mapping[Account, str]:
        try:
            return await asked.directory.names(accounts)
        except Fault:
            # Ids say the same, if less well: a report is worth having while the platform looks nobody up.
            return {account: local_id(account) for account in accounts}

    def _scope(self, asked: AdminAsked, said: Said) -> Space | None:
        """Where to look; None is everywhere, which `_refusal` leaves to operators."""
        everything = self._read(asked, yes(said.arguments.get(Argument.EVERYTHING, "")))
        return None if everything else self._space(asked)

    def _space(self, asked: AdminAsked) -> Space:
        if asked.actor.space is None:
            raise _Sorry(catalogue(asked.locale).no_space())
        return asked.actor.space

    def _expiry(self, asked: AdminAsked, said: Said) -> int | None:
        typed = said.arguments.get(Argument.EXPIRES, "").strip()
        if not typed:
            return None
        return self._read(asked, expiry_ms(typed, now_ms=self._admin.now_ms(), zone=self._admin.window.zone))

    async def _member(self, asked: AdminAsked, said: Said) -> Member:
        words, typed, space = catalogue(asked.locale), said.arguments[Argument.PERSON].strip(), self._space(asked)
        with _looking_up(words):
            found = await asked.directory.person(typed)
        if found is None:
            raise _Sorry(admin_text.no_such_person(typed, locale=asked.locale))
        if found.is_bot:
            raise _Sorry(words.is_a_bot(person=found.id))
        return Member(account=person_of(space, found.id), space=None if space == NOWHERE else space, roles=found.roles)

    async def _role(self, asked: AdminAsked, space: Space, said: Said) -> Subject:
        words, typed = catalogue(asked.locale), said.arguments[Argument.ROLE].strip()
        with _looking_up(words):
            role = await asked.directory.role(typed)
        if role is None:
            raise _Sorry(admin_text.no_such_role(typed, locale=asked.locale))
        if role == local_id(space):
            # Discord's @everyone, which no member carries as a role.
            raise _Sorry(words.role_is_everybody())
        return role_of(space, role)

    def _read(self, asked: AdminAsked, value: T | BadArgument | ExpiryPast) -> T:
        if isinstance(value, (BadArgument, ExpiryPast)):
            raise _Sorry(admin_text.mistake(value, command=asked.command, locale=asked.locale))
        return value


@contextmanager
def _looking_up(words: Words) -> Iterator[None]:
    """Turn a platform that looks nobody up into the sentence that says so."""
    try:
        yield
    except OperatorNeeded as fault:
        raise _Sorry(words.may_not_look_up()) from fault
    except Fault as fault:
        raise _Sorry(words.cannot_look_up()) from fault
