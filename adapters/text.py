"""Which sentence belongs to which outcome. Pure and free of markup; the words are in `locales/`."""

import secrets
from typing import Final, assert_never

from adapters.captions import clip
from adapters.locales import catalogue
from adapters.sentences import Code, Sentence, Span
from bot.house import HouseRefusal, PicturesOff, RestrictedOnly, WordRefused
from bot.model import (
    Accepted,
    Balance,
    Blocked,
    Closing,
    DatabaseDown,
    DatabaseSlow,
    Delivery,
    Generation,
    ImageRequest,
    Outlook,
    QuotaSpent,
    Reason,
    TooManyQueued,
    UnderWay,
)
from bot.plain import plain
from bot.prompt import (
    MAX_COUNT,
    BadValue,
    EmptyPrompt,
    HelpWanted,
    Invalid,
    PromptTooLong,
    SizeAndRatio,
    TooManyPictures,
    UnknownFlag,
)
from bot.rules import Rule

_QUOTED: Final = 100
"""Of what a person mistyped, to be shown back: a message takes only so much."""


def drawing(accepted: Accepted, outlook: Outlook, *, by_dm: bool, locale: str | None) -> Sentence:
    """The command is taken; what it costs and what is left, how long it takes, and where it goes if not here."""
    words = catalogue(locale)
    sentence = words.drawing_for_you_alone if by_dm else words.drawing
    taken = sentence(price=accepted.price, balance=accepted.balance)
    expected = words.outlook(outlook)
    return (*taken, f" {expected}") if expected else taken


def confirm(request: ImageRequest, *, price: int, balance: Balance, locale: str | None) -> Sentence:
    """Every prompt that braces made, what they cost together, and whether they are to be drawn."""
    words = catalogue(locale)
    listed = "\n".join(f"{n}. {plain(prompt)}" for n, prompt in enumerate(request.prompts, start=1))
    question = words.confirm(pictures=request.count, price=words.credits(price), left=words.credits_left(balance))
    return (f"{question}\n", Code(listed))


def invite(command: str | None, *, locale: str | None) -> Sentence:
    """Where the picture went, and the command that lets the bot post here, if there is one."""
    return catalogue(locale).invite(command=command)


def balance(balance: Balance, *, block: Rule | None, locale: str | None) -> Sentence:
    """A person's own quota, and whether an admin keeps them out of it."""
    words = catalogue(locale)
    if block is None:
        return words.balance(balance)
    return words.balance_blocked(balance, reason=plain(block.reason or "") or None)


def help_page(*, command: str, locale: str | None) -> Sentence:
    """How to ask for a picture."""
    return catalogue(locale).help(command=command)


def reference() -> str:
    """A mark by which a person's report is found in the log."""
    return secrets.token_hex(4)


def failed(reference: str, *, locale: str | None) -> Sentence:
    """A defect of ours, under a reference that the log knows."""
    return catalogue(locale).failed(reference=reference)


def refusal(  # noqa: PLR0911 - one for each outcome
    outcome: QuotaSpent | Blocked | TooManyQueued | UnderWay | DatabaseSlow | DatabaseDown | Closing,
    *,
    locale: str | None,
) -> Sentence:
    """Why a good command was not taken."""
    words = catalogue(locale)
    match outcome:
        case QuotaSpent():
            return words.quota_spent(
                bound=outcome.bound,
                price=outcome.price,
                limit=outcome.limit,
                left=outcome.left,
                bonus=outcome.bonus,
                returns_ms=outcome.returns_ms,
                raw_fits=outcome.raw_fits,
            )
        case Blocked(reason=reason):
            return words.blocked(reason=plain(reason or "") or None)
        case TooManyQueued(limit=limit):
            return words.too_many_queued(limit=limit)
        case UnderWay():
            return words.under_way()
        case DatabaseSlow():
            return words.database_slow()
        case DatabaseDown():
            return words.database_down()
        case Closing():
            return words.closing()
        case _:
            assert_never(outcome)


def house(refusal: HouseRefusal, *, locale: str | None) -> Sentence:
    """Why a place's own rules do not let a good command be drawn."""
    words = catalogue(locale)
    match refusal:
        case PicturesOff(channel=channel):
            return words.pictures_off(channel=channel)
        case RestrictedOnly():
            return words.restricted_only()
        case WordRefused(word=word):
            return words.word_refused(word=plain(word))
        case _:
            assert_never(refusal)


def logged(delivery: Delivery, person: Span, *, locale: str | None) -> Sentence:
    """What a place's log says of a picture; of a private one no more than that there was one."""
    words, private = catalogue(locale), delivery.generation.request.private
    return words.logged_private(person=person) if private else words.logged(person=person)


def invalid(  # noqa: PLR0911 - one for each kind
    invalid: Invalid, *, command: str, locale: str | None
) -> Sentence:
    """What is wrong with a command's text; `command` goes before a line that is ready to copy."""
    words = catalogue(locale)
    match invalid:
        case EmptyPrompt():
            return words.prompt_empty()
        case PromptTooLong(length=length):
            return words.prompt_too_long(length=length)
        case UnknownFlag(flag=flag, suggestion=suggestion, corrected=corrected):
            line = None if corrected is None else f"{command} {plain(corrected)}"
            return words.unknown_flag(flag=clip(plain(flag), _QUOTED), suggestion=suggestion, corrected=line)
        case BadValue(flag=flag, value=value):
            return words.bad_value(flag=flag, value=None if value is None else clip(plain(value), _QUOTED))
        case SizeAndRatio():
            return words.size_and_ratio()
        case TooManyPictures(count=count):
            return words.too_many_pictures(count=count, most=MAX_COUNT)
        case HelpWanted():
            return words.help(command=command)
        case _:
            assert_never(invalid)


def ended(generation: Generation, reason: Reason, *, locale: str | None) -> Sentence:
    """Why there is no picture, and that the credits are back."""
    return catalogue(locale).ended(reason, credits=generation.asked)
