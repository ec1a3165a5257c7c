"""The words of admins: what a line says, and what is wrong with it, whatever somebody types."""

import time
from datetime import datetime
from typing import Final, get_args
from zoneinfo import ZoneInfo

import pytest
from fakes import START_MS
from hypothesis import given
from hypothesis import strategies as st
from nasty import NASTY
from stores import HOUR_MS

from bot.vocabulary import (
    FORMS,
    MOST_CREDITS,
    Amount,
    Argument,
    BadArgument,
    ExpiryPast,
    Missing,
    Mistake,
    Said,
    TooMuch,
    UnknownName,
    UnknownWord,
    Word,
    amount,
    checked,
    expiry_ms,
    number,
    say,
    yes,
)

DAY_MS: Final = 24 * HOUR_MS
UTC: Final = ZoneInfo("UTC")
BERLIN: Final = ZoneInfo("Europe/Berlin")


def said(word: Word, **arguments: str) -> Said:
    """What a line comes to."""
    return Said(word=word, arguments={Argument(name): value for name, value in arguments.items()})


def ms(text: str) -> int:
    """A moment written with its offset."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", said(Word.HELP)),
        ("  \n\t ", said(Word.HELP)),
        ("help", said(Word.HELP)),
        ("list", said(Word.LIST)),
        ("LIST", said(Word.LIST)),
        ("Show <@U1>", said(Word.SHOW, person="<@U1>")),
        ("  show\t<@U1>\n", said(Word.SHOW, person="<@U1>")),
        ("set <@U1> 50", said(Word.SET, person="<@U1>", amount="50")),
        ("set <@U1|bob the builder> 50", said(Word.SET, person="<@U1|bob the builder>", amount="50")),
        ("set <@U1> default", said(Word.SET, person="<@U1>", amount="default")),
        (
            "role <!subteam^S1|@our artists> unlimited",
            said(Word.ROLE, role="<!subteam^S1|@our artists>", amount="unlimited"),
        ),
        ("default 5", said(Word.DEFAULT, amount="5")),
        ("pool 500", said(Word.POOL, amount="500")),
        ("ceiling 500", said(Word.CEILING, amount="500")),
        ("budget default", said(Word.BUDGET, amount="default")),
        ("reset <@U1>", said(Word.RESET, person="<@U1>")),
        ("unblock <@U1>", said(Word.UNBLOCK, person="<@U1>")),
        ("list 2", said(Word.LIST, page="2")),
        ("list 2 yes", said(Word.LIST, page="2", everything="yes")),
        ("list everything=yes", said(Word.LIST, everything="yes")),
        ("report", said(Word.REPORT)),
        ("report 7", said(Word.REPORT, days="7")),
        ("report days=7", said(Word.REPORT, days="7")),
        ("audit", said(Word.AUDIT)),
        ("audit <@U1> 3", said(Word.AUDIT, person="<@U1>", page="3")),
        ("audit page=3", said(Word.AUDIT, page="3")),
        # By name, anywhere: before, between and behind.
        ("set person=<@U1> amount=50", said(Word.SET, person="<@U1>", amount="50")),
        ("set amount=50 <@U1>", said(Word.SET, person="<@U1>", amount="50")),
        ("set <@U1> amount=50", said(Word.SET, person="<@U1>", amount="50")),
        ("set 50 person=<@U1>", said(Word.SET, person="<@U1>", amount="50")),
        ("grant expires=30d <@U1> 10", said(Word.GRANT, person="<@U1>", credits="10", expires="30d")),
        ("grant <@U1> expires=30d 10", said(Word.GRANT, person="<@U1>", credits="10", expires="30d")),
        ("grant <@U1> 10 expires=30d", said(Word.GRANT, person="<@U1>", credits="10", expires="30d")),
        ("grant <@U1> 10 Expires=30d", said(Word.GRANT, person="<@U1>", credits="10", expires="30d")),
        ("list page=1 page=2", said(Word.LIST, page="2")),
        # What is named after nothing of the word's own is text.
        ("show a=b", said(Word.SHOW, person="a=b")),
        ("show days=7", said(Word.SHOW, person="days=7")),
        ("show person=a=b", said(Word.SHOW, person="a=b")),
        # A reason takes what is left.
        ("block <@U1>", said(Word.BLOCK, person="<@U1>")),
        ("block <@U1> spam", said(Word.BLOCK, person="<@U1>", reason="spam")),
        ("block <@U1> spam in   every channel", said(Word.BLOCK, person="<@U1>", reason="spam in every channel")),
        ("block <@U1> reason=spam in every channel", said(Word.BLOCK, person="<@U1>", reason="spam in every channel")),
        ("block reason=spam <@U1>", said(Word.BLOCK, person="<@U1>", reason="spam")),
        ("block <@U1> page=3 of spam", said(Word.BLOCK, person="<@U1>", reason="page=3 of spam")),
        ("grant <@U1> 10 thanks a lot", said(Word.GRANT, person="<@U1>", credits="10", reason="thanks a lot")),
        ("grant <@U1> 10 30d", said(Word.GRANT, person="<@U1>", credits="10", expires="30d")),
        (
            "grant <@U1> 10 2027-01-31 thanks",
            said(Word.GRANT, person="<@U1>", credits="10", expires="2027-01-31", reason="thanks"),
        ),
        ("grant <@U1> 10 see=this", said(Word.GRANT, person="<@U1>", credits="10", reason="see=this")),
        ("grant <@U1> 10 expire=3d", UnknownName(word=Word.GRANT, name="expire", suggestion=Argument.EXPIRES)),
        ("report day=7", UnknownName(word=Word.REPORT, name="day", suggestion=Argument.DAYS)),
        (
            "grant <@U1> 10 expires=30d reason=thanks for testing",
            said(Word.GRANT, person="<@U1>", credits="10", expires="30d", reason="thanks for testing"),
        ),
        (
            "grant <@U1> 10 reason=thanks for testing expires=30d",
            said(Word.GRANT, person="<@U1>", credits="10", expires="30d", reason="thanks for testing"),
        ),
        # Quotes hold words together, those that telephones make of them too.
        ('set "bob the builder" 50', said(Word.SET, person="bob the builder", amount="50")),
        ("set “bob the builder” 50", said(Word.SET, person="bob the builder", amount="50")),
        ("set „bob the builder“ 50", said(Word.SET, person="bob the builder", amount="50")),
        ('set person="bob the builder" 50', said(Word.SET, person="bob the builder", amount="50")),
        ("grant <@U1> 10 reason=“well done” ", said(Word.GRANT, person="<@U1>", credits="10", reason="well done")),
        ('block reason="spam, all day" <@U1>', said(Word.BLOCK, person="<@U1>", reason="spam, all day")),
        ('block <@U1> reason="expires=never"', said(Word.BLOCK, person="<@U1>", reason="expires=never")),
        ('set "bob 50', said(Word.SET, person="bob", amount="50")),
        ("set <@U1 50", said(Word.SET, person="<@U1", amount="50")),
    ],
)
def test_a_line_says(line: str, expected: Said) -> None:
    """Arguments in order or by name; nothing is understood as anything else than it was typed as."""
    assert say(line) == expected


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("show", Missing(word=Word.SHOW, argument=Argument.PERSON)),
        ('show ""', Missing(word=Word.SHOW, argument=Argument.PERSON)),
        ('show " "', Missing(word=Word.SHOW, argument=Argument.PERSON)),
        ("show person=", Missing(word=Word.SHOW, argument=Argument.PERSON)),
        ("set", Missing(word=Word.SET, argument=Argument.PERSON)),
        ("set <@U1>", Missing(word=Word.SET, argument=Argument.AMOUNT)),
        ("set amount=5", Missing(word=Word.SET, argument=Argument.PERSON)),
        ("role <@&1>", Missing(word=Word.ROLE, argument=Argument.AMOUNT)),
        ("default", Missing(word=Word.DEFAULT, argument=Argument.AMOUNT)),
        ("grant <@U1>", Missing(word=Word.GRANT, argument=Argument.CREDITS)),
        ("grant <@U1> expires=30d", Missing(word=Word.GRANT, argument=Argument.CREDITS)),
        ("block", Missing(word=Word.BLOCK, argument=Argument.PERSON)),
        ("show <@U1> 5", TooMuch(word=Word.SHOW, text="5")),
        ("set <@U1> 5 credits a day", TooMuch(word=Word.SET, text="credits a day")),
        ("set bob the builder 50", TooMuch(word=Word.SET, text="builder 50")),
        ("reset <@U1> days=7", TooMuch(word=Word.RESET, text="days=7")),
        ("list person=<@U1> 2 yes", TooMuch(word=Word.LIST, text="yes")),
        ("help me", TooMuch(word=Word.HELP, text="me")),
        ("shwo <@U1>", UnknownWord(word="shwo", suggestion=Word.SHOW)),
        ("gran <@U1> 5", UnknownWord(word="gran", suggestion=Word.GRANT)),
        ("Unblok <@U1>", UnknownWord(word="Unblok", suggestion=Word.UNBLOCK)),
        ("reports", UnknownWord(word="reports", suggestion=Word.REPORT)),
        ("/quota", UnknownWord(word="/quota", suggestion=None)),
        ("狐狸", UnknownWord(word="狐狸", suggestion=None)),
        ("<@U1> 50", UnknownWord(word="<@U1>", suggestion=None)),
        ('""', UnknownWord(word="", suggestion=None)),
    ],
)
def test_a_mistake_is_named(line: str, mistake: Mistake) -> None:
    """What is missing, what is too much, and the nearest word to one that is none."""
    assert say(line) == mistake


@pytest.mark.parametrize("word", Word)
def test_every_word_can_be_said_by_names_alone(word: Word) -> None:
    """As Discord's typed options and a careful admin say it; and its form is the one that is asked for."""
    form = FORMS[word]
    names = [*form.needs, *form.takes]
    assert len(names) == len(set(names))
    line = " ".join([word, *(f"{name}=x" for name in reversed(names))])
    assert say(line) == Said(word=word, arguments=dict.fromkeys(names, "x"))
    assert say(" ".join([word, *("x" for _ in form.needs)])) == Said(
        word=word, arguments=dict.fromkeys(form.needs, "x")
    )
    for needed in form.needs:
        others = dict.fromkeys((name for name in names if name is not needed), "x")
        missing = Missing(word=word, argument=needed)
        assert checked(Said(word=word, arguments=others)) == missing
        assert checked(Said(word=word, arguments={**others, needed: "\u3000 "})) == missing


def _slips(word: str) -> set[str]:
    """A letter left out, doubled, or changed places with the next."""
    left_out = {word[:i] + word[i + 1 :] for i in range(len(word))}
    doubled = {word[: i + 1] + word[i:] for i in range(len(word))}
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    return (left_out | doubled | swapped) - {*Word}


@pytest.mark.parametrize("word", [word for word in Word if word is not Word.SET])
def test_every_slip_of_the_thumb_finds_its_word(word: Word) -> None:
    """The suggestion is the word that was meant; only `set`, which is part of `reset`, cannot be told for sure."""
    for slip in _slips(word):
        assert say(f"{slip} <@U1>") == UnknownWord(word=slip, suggestion=word), slip


BAD_NUMBERS: Final = (
    "",
    " ",
    "-1",
    "-0",
    "+5",
    "1.5",
    "1,000",
    "1_000",
    "1e3",
    "0x10",
    "5 5",
    "five",
    "NaN",
    "inf",
    "∞",
    "\u0665",
    "\uff15",
    "²",
    "五",
    "½",
    "\u2164",
    "5\u200b",
    "9" * 5000,
    "99999999999999999999",
    "\ud83d",
)


@pytest.mark.parametrize("text", [*BAD_NUMBERS, str(MOST_CREDITS + 1), "none", "null", "unlimited credits"])
def test_what_is_no_amount_is_refused_with_its_text(text: str) -> None:
    """Negative, absurdly large, not a number, and digits of other scripts."""
    assert amount(text) == BadArgument(argument=Argument.AMOUNT, value=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Amount(0)),
        ("1", Amount(1)),
        ("007", Amount(7)),
        (" 50 ", Amount(50)),
        (str(MOST_CREDITS), Amount(MOST_CREDITS)),
        ("unlimited", Amount(None)),
        ("Unlimited", Amount(None)),
        ("default", Amount(None, applies=False)),
        (" DEFAULT\n", Amount(None, applies=False)),
    ],
)
def test_an_amount_is_a_number_or_one_of_two_words(text: str, expected: Amount) -> None:
    """0 is an amount: bonus only. Unlimited is a rule, default takes one back."""
    assert amount(text) == expected


@pytest.mark.parametrize("argument", [Argument.CREDITS, Argument.DAYS, Argument.PAGE])
@pytest.mark.parametrize("text", [*BAD_NUMBERS, "0", "00", "367", "10000", "unlimited", "default"])
def test_a_number_outside_its_bounds_is_refused_with_its_text(argument: Argument, text: str) -> None:
    """A report of no days or of ten thousand is none."""
    assert number(argument, text, least=1, most=366) == BadArgument(argument=argument, value=text)


@given(least=st.integers(0, 50), span=st.integers(0, 500), value=st.integers(-10, 1000))
def test_a_number_is_read_exactly_within_its_bounds(least: int, span: int, value: int) -> None:
    """Both bounds belong to it."""
    read = number(Argument.DAYS, f" {value} ", least=least, most=least + span)
    if least <= value <= least + span:
        assert read == value
    else:
        assert isinstance(read, BadArgument)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in ("yes", "YES", " yes ", "true")),
        *((text, False) for text in ("no", "No", "false", "", "  ")),
        *((text, BadArgument(argument=Argument.EVERYTHING, value=text)) for text in ("y", "1", "oui", "yes please")),
    ],
)
def test_yes_is_yes_and_no_is_no(text: str, expected: bool | BadArgument) -> None:  # noqa: FBT001 - an expectation
    """Anything else is asked about rather than guessed."""
    assert yes(text) == expected


@pytest.mark.parametrize(
    ("text", "after_ms"),
    [
        ("1h", HOUR_MS),
        ("12h", 12 * HOUR_MS),
        ("30d", 30 * DAY_MS),
        (" 2W ", 14 * DAY_MS),
        ("3660d", 3660 * DAY_MS),
        ("87840h", 3660 * DAY_MS),
    ],
)
@pytest.mark.parametrize("zone", [UTC, BERLIN])
def test_a_bonus_can_end_after_hours_days_or_weeks(text: str, after_ms: int, zone: ZoneInfo) -> None:
    """Counted from now, a day as 24 hours, wherever the clocks change meanwhile."""
    for now_ms in (START_MS, ms("2026-03-28T12:00+01:00"), ms("2026-10-25T02:30+02:00")):
        assert expiry_ms(text, now_ms=now_ms, zone=zone) == now_ms + after_ms


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("UTC", "2026-12-31", "2027-01-01T00:00+00:00"),
        ("UTC", "2028-02-29", "2028-03-01T00:00+00:00"),
        ("Europe/Berlin", "2026-07-31", "2026-08-01T00:00+02:00"),
        ("Europe/Berlin", " 2026-12-31 ", "2027-01-01T00:00+01:00"),
        # The days on which Berlin's clocks change, and the days before: 23, 25 and 24 hours.
        ("Europe/Berlin", "2027-03-27", "2027-03-28T00:00+01:00"),
        ("Europe/Berlin", "2027-03-28", "2027-03-29T00:00+02:00"),
        ("Europe/Berlin", "2026-10-24", "2026-10-25T00:00+02:00"),
        ("Europe/Berlin", "2026-10-25", "2026-10-26T00:00+01:00"),
        ("America/New_York", "2026-11-01", "2026-11-02T00:00-05:00"),
        ("Pacific/Kiritimati", "2026-07-16", "2026-07-17T00:00+14:00"),
        # Cairo's day without a midnight, and Havana's with two.
        ("Africa/Cairo", "2027-04-29", "2027-04-30T01:00+03:00"),
        ("America/Havana", "2026-10-31", "2026-11-01T00:00-04:00"),
    ],
)
def test_a_bonus_can_end_with_a_day_of_the_quotas_zone(zone: str, text: str, expected: str) -> None:
    """The whole day still belongs to it."""
    assert expiry_ms(text, now_ms=ms("2026-07-15T12:00+00:00"), zone=ZoneInfo(zone)) == ms(expected)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", "2026-07-15T23:59:59+00:00", "2026-07-16T00:00+00:00"),
        ("UTC", "2026-07-16T00:00:00+00:00", None),
        ("Europe/Berlin", "2026-07-15T21:59:59+00:00", "2026-07-15T22:00+00:00"),
        ("Europe/Berlin", "2026-07-15T22:00:00+00:00", None),
        ("America/New_York", "2026-07-16T03:59:59+00:00", "2026-07-16T04:00+00:00"),
        ("America/New_York", "2026-07-16T04:00:00+00:00", None),
    ],
)
def test_today_is_no_day_of_the_past_until_it_is_over_in_the_quotas_zone(
    zone: str, now: str, expected: str | None
) -> None:
    """A bonus that would be gone before it is there is a mistake."""
    read = expiry_ms("2026-07-15", now_ms=ms(now), zone=ZoneInfo(zone))
    assert read == (ExpiryPast() if expected is None else ms(expected))


@pytest.mark.parametrize("text", ["0h", "0d", "00000w", "2001-01-01", "0001-01-01", "1970-01-01"])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/New_York"])
def test_an_expiry_in_the_past_is_one(text: str, zone: str) -> None:
    """However far back."""
    assert expiry_ms(text, now_ms=START_MS, zone=ZoneInfo(zone)) == ExpiryPast()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "d",
        "-1d",
        "+1d",
        "1.5d",
        "30 d",
        "30m",
        "30y",
        "1d12h",
        "tomorrow",
        "never",
        "3661d",
        "99999w",
        "100000h",
        "9" * 5000 + "d",
        "\u0663d",
        "\uff13d",
        "²d",
        "2027-02-29",
        "2027-13-01",
        "2027-00-10",
        "0000-01-01",
        "31.12.2027",
        "12/31/2027",
        "2027-12-31T10:00",
        "2027-12-31Z",
        "\u0662\u0660\u0662\u0667-01-01",
        "2027-1\uff12-1\u0660",
        "2050-01-01",
        "9999-12-31",
        "10000-01-01",
    ],
)
def test_what_is_no_expiry_is_refused_with_its_text(text: str) -> None:
    """Other spellings, dates that no calendar has, other scripts' digits, and times beyond ten years."""
    assert expiry_ms(text, now_ms=START_MS, zone=BERLIN) == BadArgument(argument=Argument.EXPIRES, value=text)


PIECES: Final = st.one_of(
    st.sampled_from([*Word, *(f"{argument}=" for argument in Argument), "shwo", "<@U1>", "<", ">", "5", "-1", "30d"]),
    st.sampled_from(list('"“”„= \n\x00\ud83d')),
    st.text(max_size=4),
)
LINES: Final = st.one_of(
    st.text(),
    NASTY,
    st.lists(PIECES, max_size=15).map(" ".join),
    st.lists(PIECES, max_size=15).map("".join),
    st.builds("{} {}".format, st.sampled_from(Word), st.lists(PIECES, max_size=8).map(" ".join)),
)


@given(LINES)
def test_any_line_is_said_or_a_mistake(line: str) -> None:
    """Nothing raises; what is said has all that its word needs and nothing that it does not take."""
    result = say(line)
    if not isinstance(result, Said):
        assert isinstance(result, get_args(Mistake))
        return
    form = FORMS[result.word]
    assert set(result.arguments) <= {*form.needs, *form.takes}
    assert all(result.arguments[argument].strip() for argument in form.needs)
    assert all(value in line.translate(str.maketrans("", "", '"“”„')) for value in _copied(result))
    assert checked(result) == result


def _copied(result: Said) -> list[str]:
    """The arguments that stand in the line as they are; a reason is put together from several pieces."""
    return [value for argument, value in result.arguments.items() if argument is not Argument.REASON]


@given(
    text=st.one_of(st.text(), NASTY, st.from_regex(r"\d{1,6}[hdw]", fullmatch=True), st.dates().map(str)),
    now_ms=st.integers(0, ms("2100-01-01T00:00+00:00")),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo"]),
)
def test_any_text_is_read_or_refused(text: str, now_ms: int, zone: str) -> None:
    """Nothing raises, and whatever is read lies in the future, at most some ten years on."""
    expiry = expiry_ms(text, now_ms=now_ms, zone=ZoneInfo(zone))
    assert isinstance(expiry, (BadArgument, ExpiryPast)) or now_ms < expiry <= now_ms + 3660 * DAY_MS
    read = amount(text)
    assert isinstance(read, BadArgument) or read.credits is None or 0 <= read.credits <= MOST_CREDITS
    assert isinstance(yes(text), (bool, BadArgument))


@pytest.mark.parametrize(
    "piece", ['"', "“", "„", "<", ">", "“”", '"a ', "< ", "<a>", "a", " ", "=", "show ", "reason="]
)
def test_a_long_line_is_read_at_once(piece: str) -> None:
    """Reading takes time in proportion to the text: the event loop is never held by what somebody pasted."""
    began = time.process_time()
    say(piece * 40_000)
    say(f"block {piece * 40_000}")
    assert time.process_time() - began < 1.0
