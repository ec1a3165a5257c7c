"""Every outcome has a sentence, and every sentence keeps to the rules of the house."""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import get_args

import pytest
from deliveries import BALANCE, generation

from adapters import text
from adapters.console import plain
from adapters.locales import LANGUAGES, catalogue
from adapters.locales.words import Words
from adapters.sentences import Code, Moment, Sentence
from bot import errors
from bot.model import (
    Accepted,
    Balance,
    Blocked,
    Bound,
    Closing,
    DatabaseDown,
    DatabaseSlow,
    GenerationId,
    Outcome,
    Outlook,
    QuotaSpent,
    Reason,
    TooManyQueued,
    UnderWay,
)
from bot.prompt import (
    FLAGS,
    BadValue,
    EmptyPrompt,
    HelpWanted,
    Invalid,
    PromptTooLong,
    SizeAndRatio,
    TooManyPictures,
    UnknownFlag,
)

UNLIMITED = Balance(limit=None, used=3, returns_ms=None)
ROLLING = Balance(limit=20, used=20, returns_ms=None)

INVALIDS: list[Invalid] = [
    EmptyPrompt(),
    PromptTooLong(length=801),
    UnknownFlag(flag="sede", suggestion="seed", corrected="a red fox --seed 7"),
    UnknownFlag(flag="zzz", suggestion=None, corrected=None),
    *(BadValue(flag=flag, value=value) for flag in FLAGS for value in ("nonsense", None)),
    SizeAndRatio(),
    TooManyPictures(count=6),
    HelpWanted(),
]
REFUSALS: list[QuotaSpent | Blocked | TooManyQueued | UnderWay | DatabaseSlow | DatabaseDown | Closing] = [
    *(
        QuotaSpent(bound=bound, price=2, limit=20, left=1, bonus=bonus, returns_ms=returns_ms, raw_fits=raw_fits)
        for bound in Bound
        for bonus in (0, 1)
        for returns_ms in (1_900_000_000_000, None)
        for raw_fits in (True, False)
    ),
    Blocked(reason=None),
    Blocked(reason="spam"),
    TooManyQueued(limit=1),
    TooManyQueued(limit=10),
    UnderWay(),
    DatabaseSlow(),
    DatabaseDown(),
    Closing(),
]
EXCEPTIONS = [name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)]


def read(sentence: Sentence) -> str:
    """What a person reads, with a point in time as the platform might show it."""
    spans = (span.text if isinstance(span, Code) else span for span in sentence)
    return plain(tuple("in 3 hours" if isinstance(span, Moment) else span for span in spans))


NO_WAIT = Outlook(ahead=0, ready_ms=None)
OUTLOOKS = [
    NO_WAIT,
    Outlook(ahead=0, ready_ms=8_000),
    Outlook(ahead=1, ready_ms=None),
    Outlook(ahead=7, ready_ms=200_000),
]


def every_sentence(locale: str | None) -> Iterator[Sentence]:
    """All that can be said."""
    accepted = Accepted(id=GenerationId("discord:1"), price=1, balance=BALANCE)
    for balance in (BALANCE, UNLIMITED, ROLLING):
        yield text.balance(balance, block=None, locale=locale)
    for by_dm in (True, False):
        for outlook in OUTLOOKS:
            yield text.drawing(accepted, outlook, by_dm=by_dm, locale=locale)
    several = generation(count=2).request
    several = replace(several, prompts=("a red fox", "a blue fox"))
    yield text.confirm(several, price=4, balance=BALANCE, locale=locale)
    yield text.invite("/invite @imagine", locale=locale)
    yield text.failed("0123abcd", locale=locale)
    for invalid in INVALIDS:
        yield text.invalid(invalid, command="/imagine", locale=locale)
    for refusal in REFUSALS:
        yield text.refusal(refusal, locale=locale)
    for reason in Reason:
        yield text.ended(generation(), reason, locale=locale)


def test_the_tables_leave_nothing_out() -> None:
    """A new kind of ending cannot be forgotten here."""
    assert {type(invalid) for invalid in INVALIDS} == set(get_args(Invalid))
    said_otherwise = {"Accepted", "Duplicate"}
    assert {type(outcome).__name__ for outcome in REFUSALS} == {
        outcome.__name__ for outcome in get_args(Outcome)
    } - said_otherwise


@pytest.mark.parametrize("locale", [*LANGUAGES, "en", None, "en-GB", "tlh"])
def test_every_outcome_has_a_well_formed_sentence(locale: str | None) -> None:
    """Not empty, no exclamation mark, no exception's name, no stray blanks: in every catalogue."""
    for sentence in every_sentence(locale):
        said = read(sentence)
        assert said == said.strip()
        assert said
        assert "!" not in said
        assert not [name for name in (*EXCEPTIONS, "Traceback", "Error", "None", "object at") if name in said]
        plain = "".join(span for span in sentence if isinstance(span, str))
        assert "  " not in plain


@pytest.mark.parametrize("invalid", [i for i in INVALIDS if not isinstance(i, HelpWanted)], ids=repr)
def test_a_command_that_cannot_be_read_costs_nothing_and_says_so(invalid: Invalid) -> None:
    """What it means for the quota stands in the refusal itself."""
    said = read(text.invalid(invalid, command="/imagine", locale="en"))
    assert "nothing was charged" in said.lower()


@pytest.mark.parametrize("refusal", REFUSALS, ids=repr)
def test_a_command_that_is_not_taken_costs_nothing_and_says_so(refusal: QuotaSpent | DatabaseSlow | Closing) -> None:
    """The same for a good command."""
    assert "Nothing was charged" in read(text.refusal(refusal, locale="en"))


@pytest.mark.parametrize("flag", FLAGS)
def test_a_wrong_value_names_what_the_flag_takes(flag: str) -> None:
    """Nobody has to look it up."""
    said = read(text.invalid(BadValue(flag=flag, value="purple"), command="/imagine", locale="en"))
    assert f"--{flag} cannot be “purple”" in said
    assert "It takes" in said


@pytest.mark.parametrize("reason", Reason)
def test_an_ending_without_a_picture_gives_the_credits_back_in_words(reason: Reason) -> None:
    """Every reason is a sentence of its own, and what was charged is back."""
    said = [read(text.ended(generation(count=count), reason, locale="en")) for count in (1, 2)]
    assert said[0].endswith(" Your 2 credits are back.")
    assert said[1].endswith(" Your 4 credits are back.")
    others = {read(text.ended(generation(), other, locale="en")) for other in Reason if other is not reason}
    assert said[0] not in others


def test_one_credit_is_singular_and_none_is_not_spoken_of() -> None:
    """Where pictures are free, nothing is said to come back."""
    words = Words()
    assert read(words.ended(Reason.SERVICE_BUSY, credits=1)).endswith("Your 1 credit is back.")
    assert "credit" not in read(words.ended(Reason.SERVICE_BUSY, credits=0))


def test_quota_spent_names_whose_and_when_it_returns() -> None:
    """Who ran out, by how much, when there is more, and the cheaper way where there is one."""
    spent = QuotaSpent(
        bound=Bound.SPACE, price=2, limit=20, left=1, bonus=0, returns_ms=1_900_000_000_000, raw_fits=True
    )
    sentence = text.refusal(spent, locale="en")
    assert "everyone here combined has 1 of 20 left" in read(sentence)
    assert "--raw" in read(sentence)
    assert Moment(1_900_000_000_000) in sentence
    assert "--raw" not in read(text.refusal(replace(spent, raw_fits=False), locale="en"))


def test_an_unlimited_person_reads_of_no_limit() -> None:
    """No number stands for infinity."""
    assert "You have no limit of your own" in read(text.balance(UNLIMITED, block=None, locale="en"))
    assert "left" not in read(
        text.drawing(Accepted(id=GenerationId("x"), price=1, balance=UNLIMITED), NO_WAIT, by_dm=False, locale="en")
    )


def test_a_corrected_line_is_ready_to_copy() -> None:
    """With its command, as a span of its own that shows it as typed."""
    unknown = UnknownFlag(flag="sede", suggestion="seed", corrected="a *red* fox --seed 7")
    assert Code("/imagine a *red* fox --seed 7") in text.invalid(unknown, command="/imagine", locale="en")


def test_what_was_mistyped_is_shown_back_in_part_only() -> None:
    """Thousands of characters behind a flag would not fit into the refusal."""
    long = "x" * 6000
    for invalid in (BadValue(flag="size", value=long), UnknownFlag(flag=long, suggestion=None, corrected=None)):
        said = read(text.invalid(invalid, command="/imagine", locale="en"))
        assert "xxx…" in said
        assert len(said) < 600


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        *((tag, tag) for tag in LANGUAGES),
        ("zh_CN", "zh-CN"),
        ("de-DE", "de"),
        ("es-ES", "es"),
        ("es-419", "es"),
        ("es-LA", "es"),
        ("en-GB", None),
        ("zh-TW", None),
    ],
)
def test_a_platforms_tag_finds_its_language(locale: str, language: str | None) -> None:
    """As Discord and Slack write them; Traditional Chinese is not Simplified."""
    assert catalogue(locale) is catalogue(language)


@pytest.mark.parametrize("locale", [None, "", "tlh", "-", "EN"])
def test_an_unknown_locale_is_english(locale: str | None) -> None:
    """A platform may send any tag."""
    assert catalogue(locale) is catalogue("en")


@pytest.mark.parametrize(
    ("locale", "money", "labelled", "quoted"),
    [
        ("en", "1,234.50 USD", "a: b", "“fox”"),
        ("de", "1.234,50 USD", "a: b", "„fox“"),
        ("fr", "1\u202f234,50 USD", "a\xa0: b", "«\xa0fox\xa0»"),
        ("es", "1\u202f234,50 USD", "a: b", "“fox”"),
        ("ja", "1,234.50 USD", "a\uff1ab", "「fox」"),
        ("zh-CN", "1,234.50 USD", "a\uff1ab", "“fox”"),
    ],
)
def test_money_colons_and_quotation_marks_are_the_readers(locale: str, money: str, labelled: str, quoted: str) -> None:
    """Not English ones around words of another language."""
    words = catalogue(locale)
    assert words.money(Decimal("1234.5"), currency="USD") == money
    assert read(words.labelled(("a",), ("b",))) == labelled
    assert words.quoted("fox") == quoted
