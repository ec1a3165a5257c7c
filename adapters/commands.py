"""The commands, once for both platforms: what a person typed in, what they are answered out."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

import structlog

from adapters import text
from adapters.sentences import Sentence
from bot.errors import DatabaseFailed
from bot.house import Customs, HouseRules
from bot.intake import PATIENCE_S, Intake
from bot.model import (
    MAX_SEED,
    Accepted,
    Account,
    Blocked,
    Closing,
    DatabaseDown,
    DatabaseSlow,
    Duplicate,
    GenerationId,
    ImageRequest,
    Order,
    QuotaSpent,
    Reason,
    Space,
    TooManyQueued,
)
from bot.policy import Member
from bot.ports import Runner
from bot.prompt import parse
from bot.quotas import Quotas

log = structlog.get_logger()

IMAGINE: Final = "/imagine"
"""What people type, as it stands before a line that is ready to copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who typed, where it counts, and in which language they read."""

    account: Account
    space: Space | None
    locale: str | None
    roles: tuple[str, ...] = ()

    @property
    def member(self) -> Member:
        """The person as quotas know them."""
        return Member(account=self.account, space=self.space, roles=self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An `/imagine` as a platform hands it over; `typed` holds options given as fields, by the flag's name.

    `private_by_dm` says that this platform can keep a picture private only by sending it as a direct message.
    """

    id: GenerationId
    person: Person
    line: str
    command: str
    private_by_dm: bool
    address: Mapping[str, Any]
    typed: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    """The platform's id of the channel where it was typed, or of the one that the thread hangs on."""
    age_restricted: bool = False
    """The platform says that only adults come here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Say so in public or to the person alone, then have `id` of `account` run."""

    id: GenerationId
    account: Account
    private: bool
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Tell the person alone; nothing follows."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Silence:
    """The same command was answered before."""


Reply = Drawing | Say | Silence


class Commands:
    """What both adapters' handlers call."""

    def __init__(self, *, intake: Intake, quotas: Quotas, runner: Runner, house: HouseRules, extend: bool) -> None:
        self._intake = intake
        self._quotas = quotas
        self._runner = runner
        self._house = house
        self._extend = extend

    async def imagine(self, asked: Asked) -> Reply:
        """Read, accept and charge; the caller answers with the reply, then calls `start` or `abandon`."""
        locale = asked.person.locale
        began_s = asyncio.get_running_loop().time()
        request = await self._request(asked)
        if isinstance(request, Say):
            return request
        order = Order(
            id=asked.id,
            account=asked.person.account,
            space=asked.person.space,
            request=request,
            address=dict(asked.address),
            roles=asked.person.roles,
        )
        waited_s = asyncio.get_running_loop().time() - began_s
        outcome = await self._intake.accept(order, waited_s=waited_s)
        match outcome:
            case Accepted():
                sentence = text.drawing(outcome, by_dm=request.private and asked.private_by_dm, locale=locale)
                return Drawing(id=outcome.id, account=order.account, private=request.private, sentence=sentence)
            case QuotaSpent() | Blocked() | TooManyQueued() | DatabaseSlow() | DatabaseDown() | Closing():
                return Say(sentence=text.refusal(outcome, locale=locale))
            case Duplicate():
                return Silence()
            case _:
                assert_never(outcome)

    async def _request(self, asked: Asked) -> ImageRequest | Say:
        """What is to be drawn, by the customs of where it was typed, or why it is not: nothing is charged yet."""
        locale = asked.person.locale
        if asked.line.strip().lower() == "help" and not asked.typed:
            return Say(sentence=text.help_page(command=asked.command, locale=locale))
        customs = await self.customs(asked.person, asked.channel)
        if isinstance(customs, Say):
            return customs
        request = parse(
            asked.line,
            typed=asked.typed,
            extend=self._extend,
            seed=lambda: secrets.randbelow(MAX_SEED + 1),
            defaults=customs.defaults,
        )
        if not isinstance(request, ImageRequest):
            return Say(sentence=text.invalid(request, command=asked.command, locale=locale))
        refusal = customs.refusal(request.prompt, age_restricted=asked.age_restricted)
        if refusal is None:
            return request
        log.info("not taken", generation=asked.id, account=asked.person.account, why=type(refusal).__name__)
        return Say(sentence=text.house(refusal, locale=locale))

    async def customs(self, person: Person, channel: str | None) -> Customs | Say:
        """What binds a command of `person` in `channel`, or what to tell them where the database does not say."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._house.customs(person.account, person.space, channel)
        except TimeoutError:
            log.warning("customs not read", account=person.account, why="DatabaseSlow")
            return Say(sentence=text.refusal(DatabaseSlow(), locale=person.locale))
        except DatabaseFailed:
            log.exception("customs not read", account=person.account, why="DatabaseDown")
            return Say(sentence=text.refusal(DatabaseDown(), locale=person.locale))

    def start(self, id: GenerationId, account: Account) -> None:
        """The person has their answer: have it drawn."""
        self._runner.start(id, account)

    def abandon(self, id: GenerationId) -> None:
        """The person cannot be answered: have the credits given back, and do not call the service."""
        self._intake.give_back(id, Reason.UNREACHABLE)

    async def quota(self, person: Person) -> Say:
        """What the person may still spend."""
        try:
            # The read changes nothing, so it may be cut; it would wait behind whatever waits for a lock.
            async with asyncio.timeout(PATIENCE_S):
                standing = await self._quotas.standing(person.member)
                balance = await self._quotas.balance(person.member, standing.limits)
        except TimeoutError:
            log.warning("quota not read", account=person.account, why="DatabaseSlow")
            return Say(sentence=text.refusal(DatabaseSlow(), locale=person.locale))
        except DatabaseFailed:
            log.exception("quota not read", account=person.account, why="DatabaseDown")
            return Say(sentence=text.refusal(DatabaseDown(), locale=person.locale))
        return Say(sentence=text.balance(balance, block=standing.block, locale=person.locale))
