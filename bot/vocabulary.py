"""The words of `/quota-admin`, the same on Discord, on Slack and on the command line.

::

    set @somebody 50                    credits a window, `unlimited`, or `default` to take the rule back
    grant @somebody 10 expires=30d reason=thanks for testing
    report days=7

Arguments stand in order or as `name=value`; a reason takes all the words that are left.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

MOST_CREDITS: Final = 1_000_000_000
"""Far beyond use, and sums of it still fit the database's 64 bits."""

MOST_DAYS: Final = 366
MOST_PAGES: Final = 10_000
REASON: Final = 200
"""Characters of a reason that are kept."""

_LONGEST_EXPIRY: Final = timedelta(days=3660)
_TOKEN: Final = re.compile(r'(?:"[^"]*"|[“„][^“”„]*[“”]|<[^<>]*>|\S)+')
_QUOTES: Final = str.maketrans("", "", '"“”„')
_NAMED: Final = re.compile(r"([A-Za-z]+)=(.*)", re.DOTALL)
_DURATION: Final = re.compile(r"([0-9]{1,5})([hdw])")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ALIKE: Final = 0.6


class Word(StrEnum):
    """What an admin can say."""

    SHOW = "show"
    SET = "set"
    ROLE = "role"
    DEFAULT = "default"
    POOL = "pool"
    GRANT = "grant"
    RESET = "reset"
    BLOCK = "block"
    UNBLOCK = "unblock"
    LIST = "list"
    REPORT = "report"
    AUDIT = "audit"
    CEILING = "ceiling"
    BUDGET = "budget"
    HELP = "help"


class Argument(StrEnum):
    """What can stand behind a word."""

    PERSON = "person"
    ROLE = "role"
    AMOUNT = "amount"
    """Credits a window: a number, `unlimited` or `default`."""
    CREDITS = "credits"
    EXPIRES = "expires"
    REASON = "reason"
    DAYS = "days"
    PAGE = "page"
    EVERYTHING = "everything"
    """`yes` looks at the whole deployment rather than at one server or workspace."""


@dataclass(frozen=True, slots=True)
class Form:
    """The arguments that a word needs, and those that it takes, in order."""

    needs: tuple[Argument, ...] = ()
    takes: tuple[Argument, ...] = ()


FORMS: Final[Mapping[Word, Form]] = {
    Word.SHOW: Form(needs=(Argument.PERSON,)),
    Word.SET: Form(needs=(Argument.PERSON, Argument.AMOUNT)),
    Word.ROLE: Form(needs=(Argument.ROLE, Argument.AMOUNT)),
    Word.DEFAULT: Form(needs=(Argument.AMOUNT,)),
    Word.POOL: Form(needs=(Argument.AMOUNT,)),
    Word.GRANT: Form(needs=(Argument.PERSON, Argument.CREDITS), takes=(Argument.EXPIRES, Argument.REASON)),
    Word.RESET: Form(needs=(Argument.PERSON,)),
    Word.BLOCK: Form(needs=(Argument.PERSON,), takes=(Argument.REASON,)),
    Word.UNBLOCK: Form(needs=(Argument.PERSON,)),
    Word.LIST: Form(takes=(Argument.PAGE, Argument.EVERYTHING)),
    Word.REPORT: Form(takes=(Argument.DAYS, Argument.EVERYTHING)),
    Word.AUDIT: Form(takes=(Argument.PERSON, Argument.PAGE, Argument.EVERYTHING)),
    Word.CEILING: Form(needs=(Argument.AMOUNT,)),
    Word.BUDGET: Form(needs=(Argument.AMOUNT,)),
    Word.HELP: Form(),
}

OPERATORS: Final = frozenset({Word.CEILING, Word.BUDGET})
"""What only the operator can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A word with its arguments as they were typed."""

    word: Word
    arguments: Mapping[Argument, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownWord:
    """`word` is none of ours; `suggestion` is the nearest that is."""

    word: str
    suggestion: Word | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """`word` needs `argument`."""

    word: Word
    argument: Argument


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMuch:
    """`word` takes no `text`."""

    word: Word
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadArgument:
    """`argument` cannot be `value`."""

    argument: Argument
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownName:
    """`word` takes no `name=`; `suggestion` is what was probably meant."""

    word: Word
    name: str
    suggestion: Argument


@dataclass(frozen=True, slots=True)
class ExpiryPast:
    """The bonus would be gone before it is there."""


Mistake = UnknownWord | UnknownName | Missing | TooMuch | BadArgument | ExpiryPast


@dataclass(frozen=True, slots=True)
class Amount:
    """Credits a window, None for unlimited; `applies` False goes back to the default."""

    credits: int | None
    applies: bool = True


def say(line: str) -> Said | Mistake:
    """Read a line such as `grant <@U1> 10 expires=30d`; never raises."""
    return say_words(tokens(line))


def tokens(line: str) -> list[str]:
    """The parts of a line without their quotes: what is quoted stays together, and so does a link of the platform's."""
    return [token.translate(_QUOTES) for token in _TOKEN.findall(line)]


def say_words(words: Sequence[str]) -> Said | Mistake:
    """The same, of a line that is split already."""
    first, *rest = words or [Word.HELP.value]
    try:
        word = Word(first.lower())
    except ValueError:
        near = _nearest(first.lower(), list(Word))
        return UnknownWord(word=first, suggestion=Word(near) if near else None)
    arguments: dict[Argument, str] = {}
    loose: list[str] = []
    for token in rest:
        match _named(word, token):
            case UnknownName() as mistake:
                return mistake
            case (argument, value):
                arguments[argument] = value
            case None:
                loose.append(token)
    return _in_order(word, arguments, loose)


def _named(word: Word, token: str) -> tuple[Argument, str] | UnknownName | None:
    """`name=value`, where the name is one that `word` knows; None for any other token."""
    match = _NAMED.fullmatch(token)
    if match is None:
        return None
    # Telephones begin words with a capital.
    known, name = (*FORMS[word].needs, *FORMS[word].takes), match[1].lower()
    if name in known:
        return Argument(name), match[2]
    # Nearly one: as part of a reason, an expiry that was mistyped would be none, and nobody would notice.
    near = _nearest(name, list(known))
    return UnknownName(word=word, name=name, suggestion=Argument(near)) if near else None


def _in_order(word: Word, arguments: dict[Argument, str], loose: list[str]) -> Said | Mistake:
    """Give the arguments that were not named what stands there without a name."""
    for argument in (*FORMS[word].needs, *FORMS[word].takes):
        if argument is Argument.REASON:
            # `reason=thank you all` has named only its first word.
            said = [arguments[argument], *loose] if argument in arguments else loose
            loose = []
            if said:
                arguments[argument] = " ".join(said)
        elif argument not in arguments and loose and (argument is not Argument.EXPIRES or _looks_like_expiry(loose[0])):
            arguments[argument] = loose.pop(0)
    if loose:
        return TooMuch(word=word, text=" ".join(loose))
    return checked(Said(word=word, arguments=arguments))


def _nearest(name: str, known: Sequence[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE)), None)


def _looks_like_expiry(text: str) -> bool:
    return _DURATION.fullmatch(text.lower()) is not None or _DATE.fullmatch(text) is not None


def checked(said: Said) -> Said | Mistake:
    """`said`, if nothing is missing that its word needs."""
    for argument in FORMS[said.word].needs:
        if not said.arguments.get(argument, "").strip():
            return Missing(word=said.word, argument=argument)
    return said


def amount(text: str) -> Amount | BadArgument:
    """A number of credits, `unlimited` or `default`."""
    match text.strip().lower():
        case "unlimited":
            return Amount(None)
        case "default":
            return Amount(None, applies=False)
        case digits:
            value = _whole(digits, 0, MOST_CREDITS)
            return BadArgument(argument=Argument.AMOUNT, value=text) if value is None else Amount(value)


def number(argument: Argument, text: str, *, least: int, most: int) -> int | BadArgument:
    """A whole number between the two."""
    value = _whole(text.strip(), least, most)
    return BadArgument(argument=argument, value=text) if value is None else value


def expiry_ms(text: str, *, now_ms: int, zone: ZoneInfo) -> int | BadArgument | ExpiryPast:
    """When a bonus ends: after `12h`, `30d` or `2w`, or with the day `2027-01-31` in the quota's time zone."""
    now = datetime.fromtimestamp(now_ms / 1000, tz=UTC)
    plain = text.strip().lower()
    if match := _DURATION.fullmatch(plain):
        unit = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[match[2]]
        moment = now + int(match[1]) * unit
    else:
        try:
            last = datetime.strptime(plain, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            return BadArgument(argument=Argument.EXPIRES, value=text)
        if not plain.isascii() or last.year > now.year + 10:
            return BadArgument(argument=Argument.EXPIRES, value=text)
        moment = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    if moment <= now:
        return ExpiryPast()
    if moment > now + _LONGEST_EXPIRY:
        return BadArgument(argument=Argument.EXPIRES, value=text)
    return int(moment.timestamp() * 1000)


def yes(text: str) -> bool | BadArgument:
    """`yes` or `no`."""
    match text.strip().lower():
        case "yes" | "true":
            return True
        case "no" | "false" | "":
            return False
        case _:
            return BadArgument(argument=Argument.EVERYTHING, value=text)


def _whole(text: str, least: int, most: int) -> int | None:
    # Digits of other scripts and numbers of thousands of digits are refused before int() sees them.
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
        return int(text)
    return None
