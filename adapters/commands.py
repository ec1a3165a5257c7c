"""The commands, once for both platforms: what a person typed in, what they are answered out."""

import asyncio
import secrets
from collections.abc import Awaitable
from functools import partial
from typing import Final, TypeVar, assert_never

import structlog

from adapters import text
from adapters.gestures import Asked, Gesture, Person
from adapters.responses import Confirm, Drawing, Reply, Say, Silence
from adapters.sentences import Sentence
from bot.errors import DatabaseFailed
from bot.forecast import Forecast
from bot.house import Customs, HouseRefusal, HouseRules
from bot.intake import PATIENCE_S, Intake
from bot.model import (
    MAX_SEED,
    Accepted,
    Account,
    Balance,
    Blocked,
    Closing,
    DatabaseDown,
    DatabaseSlow,
    Duplicate,
    GenerationId,
    ImageRequest,
    Order,
    Outlook,
    Parent,
    QuotaSpent,
    Reason,
    TooManyQueued,
    UnderWay,
    platform_of,
)
from bot.ports import Clock, Runner
from bot.prompt import BadValue, parse
from bot.quotas import Quotas
from bot.rules import Rule
from bot.store import Draft, Drafts

log = structlog.get_logger()

T = TypeVar("T")

IMAGINE: Final = "/imagine"
"""What people type, as it stands before a line that is ready to copy."""


async def patiently(
    reading: Awaitable[T], *, what: str, account: Account, waited_s: float = 0.0
) -> T | DatabaseSlow | DatabaseDown:
    """A read, or a write about nothing that costs; cut where it takes too long: it would wait behind any lock."""
    try:
        async with asyncio.timeout(max(PATIENCE_S - waited_s, 0.0)):
            return await reading
    except TimeoutError:
        log.warning("not read", what=what, account=account, why="DatabaseSlow")
        return DatabaseSlow()
    except DatabaseFailed:
        log.exception("not read", what=what, account=account, why="DatabaseDown")
        return DatabaseDown()


class Commands:
    """What both adapters' handlers call."""

    def __init__(
        self,
        *,
        intake: Intake,
        quotas: Quotas,
        drafts: Drafts,
        forecast: Forecast,
        house: HouseRules,
        runner: Runner,
        clock: Clock,
        extend: bool,
    ) -> None:
        self._intake = intake
        self._quotas = quotas
        self._drafts = drafts
        self._forecast = forecast
        self._runner = runner
        self._clock = clock
        self._house = house
        self._extend = extend

    @property
    def extend(self) -> bool:
        """Whether the model enriches a prompt where nobody says otherwise."""
        return self._extend

    async def imagine(self, asked: Asked, *, parent: Parent | None = None) -> Reply:
        """Read, accept and charge; the caller answers with the reply, then calls `start` or `abandon`.

        Several prompts at once are charged when the person says yes (`confirm`).
        """
        locale = asked.person.locale
        if asked.line.strip().lower() == "help" and not asked.typed:
            return Say(sentence=text.help_page(command=asked.command, locale=locale))
        customs = await self.customs(asked)
        if isinstance(customs, Say):
            return customs
        request = parse(asked.line, typed=asked.typed, extend=self._extend, seed=new_seed, defaults=customs.defaults)
        if not isinstance(request, ImageRequest):
            return Say(
                sentence=text.invalid(request, command=asked.command, locale=locale),
                about=request.flag if isinstance(request, BadValue) else None,
            )
        refusal = await self.refusal(asked, request, customs)
        if refusal is not None:
            return Say(sentence=text.house(refusal, locale=locale))
        if request.prompts:
            return await self._confirm(asked, Draft(account=asked.person.account, request=request, parent=parent))
        return await self._take(asked, request, parent=parent)

    async def draw(self, gesture: Gesture, request: ImageRequest, *, parent: Parent | None = None) -> Reply:
        """Accept and charge what needs no more reading; the place's rules bind it like any command."""
        customs = await self.customs(gesture)
        if isinstance(customs, Say):
            return customs
        refusal = await self.refusal(gesture, request, customs)
        if refusal is not None:
            return Say(sentence=text.house(refusal, locale=gesture.person.locale))
        return await self._take(gesture, request, parent=parent)

    async def refusal(self, gesture: Gesture, request: ImageRequest, customs: Customs) -> HouseRefusal | None:
        """Why a place's `customs` do not let `request` be drawn there, or shown; None if they do."""
        adults = customs.restricted and await _is_age_restricted(gesture)
        for prompt in request.prompts or (request.prompt,):
            refusal = customs.refusal(prompt, age_restricted=adults)
            if refusal is not None:
                why = type(refusal).__name__
                log.info("not taken", generation=gesture.id, account=gesture.person.account, why=why)
                return refusal
        return None

    async def _take(self, gesture: Gesture, request: ImageRequest, *, parent: Parent | None) -> Reply:
        locale = gesture.person.locale
        order = Order(
            id=gesture.id,
            account=gesture.person.account,
            space=gesture.person.space,
            request=request,
            address=dict(gesture.address),
            roles=gesture.person.roles,
            parent=parent,
        )
        outcome = await self._intake.accept(order, waited_s=gesture.waited_s)
        match outcome:
            case Accepted():
                return Drawing(
                    id=outcome.id,
                    account=order.account,
                    private=request.private,
                    sentence=partial(
                        self._drawing,
                        outcome,
                        order.account,
                        by_dm=request.private and gesture.private_by_dm,
                        locale=locale,
                    ),
                )
            case QuotaSpent() | Blocked() | TooManyQueued() | UnderWay() | DatabaseSlow() | DatabaseDown() | Closing():
                return Say(sentence=text.refusal(outcome, locale=locale))
            case Duplicate():
                return Silence()
            case _:
                assert_never(outcome)

    async def _drawing(self, accepted: Accepted, account: Account, *, by_dm: bool, locale: str | None) -> Sentence:
        return text.drawing(accepted, await self.outlook(accepted.id, account), by_dm=by_dm, locale=locale)

    async def outlook(self, id: GenerationId, account: Account) -> Outlook:
        """Where a command stands, or would if it were started now."""
        return await self._forecast.of(self._runner.ahead(platform_of(id), account, id=id))

    async def customs(self, gesture: Gesture) -> Customs | Say:
        """What binds a command where it was given, or what to tell its person where the database does not say."""
        person = gesture.person
        read = await patiently(
            self._house.customs(person.account, person.space, gesture.channel),
            what="customs",
            account=person.account,
            waited_s=gesture.waited_s,
        )
        if isinstance(read, DatabaseSlow | DatabaseDown):
            return Say(sentence=text.refusal(read, locale=person.locale))
        return read

    def start(self, id: GenerationId, account: Account) -> None:
        """The person has their answer: have it drawn."""
        self._runner.start(id, account)

    def abandon(self, id: GenerationId) -> None:
        """The person cannot be answered: have the credits given back, and do not call the service."""
        self._intake.give_back(id, Reason.UNREACHABLE)

    async def quota(self, person: Person) -> Say:
        """What the person may still spend."""
        read = await patiently(self._quota(person), what="quota", account=person.account)
        if isinstance(read, DatabaseSlow | DatabaseDown):
            return Say(sentence=text.refusal(read, locale=person.locale))
        balance, block = read
        return Say(sentence=text.balance(balance, block=block, locale=person.locale))

    async def _quota(self, person: Person) -> tuple[Balance, Rule | None]:
        standing = await self._quotas.standing(person.member)
        return await self._quotas.balance(person.member, standing.limits), standing.block

    async def _confirm(self, asked: Asked, draft: Draft) -> Confirm | Say:
        person, request = asked.person, draft.request
        balance = await patiently(
            self._draft(asked, draft), what="draft", account=person.account, waited_s=asked.waited_s
        )
        if isinstance(balance, DatabaseSlow | DatabaseDown):
            return Say(sentence=text.refusal(balance, locale=person.locale))
        sentence = text.confirm(request, price=self._quotas.price(request), balance=balance, locale=person.locale)
        return Confirm(id=asked.id, sentence=sentence)

    async def _draft(self, asked: Asked, draft: Draft) -> Balance:
        await self._drafts.keep(asked.id, draft, now_ms=self._clock.now_ms())
        return await self._quotas.balance(asked.person.member)


async def _is_age_restricted(gesture: Gesture) -> bool:
    said = gesture.age_restricted
    return said if isinstance(said, bool) else await said()


def new_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(MAX_SEED + 1)
