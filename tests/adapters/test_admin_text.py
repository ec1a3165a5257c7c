"""Every answer to an admin is well-formed, whatever the rules say, and shows what people typed as plain text."""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from fakes import ACCOUNT, MEMBER, SPACE, START_MS
from hostile import HOSTILE

from adapters import admin_text, text
from adapters.console import plain as printed
from adapters.discord import render as discord
from adapters.locales import LANGUAGES, catalogue
from adapters.reporting import Money
from adapters.sentences import Code, Mention, Moment, RoleMention, Sentence
from adapters.slack import render as slack
from bot import errors
from bot.admin import COMMAND_LINE, PAGE_SIZE, Changed, Shown
from bot.model import Account, Balance, Blocked, Limits, Source
from bot.plain import plain
from bot.policy import Standing
from bot.reports import Day, Report, Spender
from bot.rules import DEPLOYMENT, Change, Kind, Noted, Page, Rule, Subject, role_of
from bot.vocabulary import (
    FORMS,
    MOST_CREDITS,
    OPERATORS,
    REASON,
    Argument,
    BadArgument,
    ExpiryPast,
    Missing,
    Mistake,
    TooMuch,
    UnknownWord,
    Word,
)

COMMAND = "/quota-admin"
PERSON, ROLE, PLACE = Subject(ACCOUNT), role_of(SPACE, "9"), Subject(SPACE)
SUBJECTS = {
    Kind.LIMIT: [PERSON, ROLE, PLACE],
    Kind.POOL: [PLACE],
    Kind.CEILING: [PLACE],
    Kind.BUDGET: [DEPLOYMENT],
    Kind.GRANT: [PERSON],
    Kind.RESET: [PERSON],
    Kind.BLOCK: [PERSON],
    Kind.REFUSED: [PERSON],
}
BALANCES = [
    Balance(limit=20, used=3, returns_ms=START_MS),
    Balance(limit=20, used=0, returns_ms=START_MS, bonus=1, bonus_expires_ms=START_MS, queued=2),
    Balance(limit=1, used=7, returns_ms=None, bonus=5, space_limit=100, space_left=0, total_left=4),
    Balance(limit=None, used=1234, returns_ms=None),
    Balance(limit=0, used=0, returns_ms=None),
]
WINDOWS = ["day", "week", "month", "24h", "7d"]
EXCEPTIONS = [name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)]


def changes() -> Iterator[Change]:
    """Every kind of change, of every subject that can have it."""
    for kind, subjects in SUBJECTS.items():
        values = [None, 0, 1, MOST_CREDITS] if kind in (Kind.LIMIT, Kind.POOL, Kind.CEILING, Kind.BUDGET) else [None]
        expiries = [None, START_MS] if kind is Kind.GRANT else [None]
        for subject in subjects:
            for value in [1, MOST_CREDITS] if kind is Kind.GRANT else values:
                for expires_ms in expiries:
                    for reason in (None, "", "spam, see channel rules") if kind is not Kind.LIMIT else (None,):
                        space = None if subject == DEPLOYMENT else SPACE
                        made = Change(
                            space=space,
                            subject=subject,
                            kind=kind,
                            value=value,
                            expires_ms=expires_ms,
                            reason=reason,
                        )
                        yield made
                        if kind not in (Kind.GRANT, Kind.RESET, Kind.REFUSED):
                            yield replace(made, applies=False, value=None)


def rule(change: Change, *, by: str = "discord:5") -> Rule:
    """`change` as it stands in the audit."""
    return Rule(
        space=change.space,
        subject=change.subject,
        kind=change.kind,
        applies=change.applies,
        value=change.value,
        expires_ms=change.expires_ms,
        reason=change.reason,
        id="discord:77",
        by=by,
        at_ms=START_MS,
    )


def reasoned(kind: Kind, reason: str) -> Rule:
    """A rule that somebody gave `reason` for."""
    value = 4 if kind is Kind.GRANT else None
    return rule(Change(space=SPACE, subject=PERSON, kind=kind, value=value, reason=reason))


def page(*rules: Rule, number: int = 1, more: bool = False) -> Page:
    return Page(entries=tuple(Noted(rule=rule, before=None) for rule in rules), number=number, more=more)


def pages() -> Iterator[Page]:
    """Each rule on a page of its own, with and without one before it; empty pages; pages before and after others."""
    for change in changes():
        for by in ("discord:5", COMMAND_LINE):
            made = rule(change, by=by)
            for before in (None, replace(made, value=3), replace(made, applies=False)):
                yield Page(entries=(Noted(rule=made, before=before),), number=1, more=False)
    for number in (1, 2):
        for more in (False, True):
            yield page(reasoned(Kind.BLOCK, "spam"), number=number, more=more)
        yield page(number=number)


def standing(*, source: Source = Source.DEPLOYMENT, block: Rule | None = None) -> Standing:
    roles = (ROLE,) if source is Source.ROLE else ()
    bounds = Limits(own=20, space=None, total=None, since_ms=0, returns_ms=None, source=source, roles=roles)
    return Standing(at_ms=START_MS, limits=bounds, block=block)


def shown(balance: Balance, **facts: object) -> Shown:
    return Shown(member=MEMBER, standing=standing(**facts), balance=balance)  # type: ignore[arg-type]


def report(*, people: int = 2, num_people: int = 2, days: int = 2, under_way: int = 0, cut: bool = False) -> Report:
    top = (Spender(account=Account(f"discord:1:{n}"), credits=12 - n, delivered=2 - n % 2) for n in range(people))
    return Report(
        space=SPACE,
        days=tuple(
            Day(date=date(2030, 3, 17 + n), delivered=12, given_back=1, under_way=under_way) for n in range(days)
        ),
        people=tuple(top),
        num_people=num_people,
        entries=(),
        num_entries=60_000 if cut else 0,
    )


def mistakes(typed: str = "nonsense") -> Iterator[Mistake]:
    """Everything that can be wrong with what was typed."""
    yield UnknownWord(word=typed, suggestion=None)
    yield UnknownWord(word=typed, suggestion=Word.GRANT)
    for word, form in FORMS.items():
        yield TooMuch(word=word, text=typed)
        for argument in form.needs:
            yield Missing(word=word, argument=argument)
    for argument in Argument:
        yield BadArgument(argument=argument, value=typed)
    yield ExpiryPast()


def refusals(locale: str | None) -> Iterator[Sentence]:
    """What is said where nothing was changed."""
    words = catalogue(locale)
    for mistake in mistakes():
        yield admin_text.mistake(mistake, command=COMMAND, locale=locale)
    for word in OPERATORS:
        yield words.operators_only(word=word)
    yield words.not_allowed()
    yield admin_text.no_such_person("@nobody", locale=locale)
    yield admin_text.no_such_role("nothing", locale=locale)
    yield words.is_a_bot(person="3")
    yield words.role_is_everybody()
    yield words.cannot_look_up()
    yield words.no_space()
    for ceiling in (0, 1, MOST_CREDITS):
        yield words.above_ceiling(ceiling=ceiling)


def every_sentence(locale: str | None) -> Iterator[Sentence]:
    """All that an admin can be told."""
    yield from refusals(locale)
    words = catalogue(locale)
    yield words.everything_only()
    yield words.report_sent()
    yield admin_text.help_page(operator=True, command=COMMAND, locale=locale)
    yield from shown_sentences(locale)
    yield from changed_sentences(locale)
    for listed in pages():
        for space in (SPACE, None):
            yield admin_text.rules(listed, space=space, window="day", locale=locale)
            yield admin_text.audit(listed, space=space, window="day", locale=locale)
    yield from report_sentences(locale)


def shown_sentences(locale: str | None) -> Iterator[Sentence]:
    block = reasoned(Kind.BLOCK, "spam, see channel rules")
    for window in WINDOWS:
        for balance in BALANCES:
            for source in Source:
                for kept_out in (None, block, replace(block, reason=None)):
                    yield admin_text.shown(shown(balance, source=source, block=kept_out), window=window, locale=locale)


def changed_sentences(locale: str | None) -> Iterator[Sentence]:
    for change in changes():
        if change.kind is Kind.REFUSED:
            continue
        # Only what is about a person has a balance to tell.
        for balance in BALANCES if change.subject == PERSON else [None]:
            for before in (None, rule(change), rule(replace(change, applies=False))):
                made = Changed(change=change, before=before, balance=balance)
                yield admin_text.changed(made, window="day", locale=locale)


def report_sentences(locale: str | None) -> Iterator[Sentence]:
    for money in (None, Money(price=Decimal("0.015"), currency="USD")):
        for of in (
            report(),
            report(people=10, num_people=4_000, cut=True),
            report(people=0, num_people=0, days=1, under_way=3),
        ):
            for everywhere in (of, replace(of, space=None)):
                words = admin_text.ReportWords(everywhere, money=money, locale=locale)
                yield words.sentence()
                yield words.sentence(picture=False)
                yield words.empty()
                yield (words.alt_text(),)


def read(sentence: Sentence) -> str:
    """What a person reads, with names and moments as the platform might show them."""

    def span(span: object) -> str:
        match span:
            case Mention() | RoleMention():
                return "@Ann"
            case Moment():
                return "in 3 hours"
            case Code(text=text):
                return text
            case _:
                return str(span)

    return "".join(map(span, sentence))


@pytest.mark.parametrize("locale", [*LANGUAGES, "en", None, "tlh"])
def test_every_sentence_is_well_formed(locale: str | None) -> None:
    """Not empty, no exclamation mark, no exception's name, no stray blanks: in every catalogue."""
    num_sentences = 0
    for sentence in every_sentence(locale):
        said = read(sentence)
        assert said == said.strip()
        assert said
        assert "!" not in said
        assert not [name for name in (*EXCEPTIONS, "Traceback", "Error", "None", "object at", "Kind.") if name in said]
        for line in read(tuple(span for span in sentence if not isinstance(span, Code))).splitlines():
            assert "  " not in line
            assert " ." not in line
            assert ".." not in line
            assert not line.endswith(("—", "→", ",")), line
        num_sentences += 1
    assert num_sentences > 1_000


def test_what_was_not_done_is_said_to_change_nothing() -> None:
    """Nobody has to look whether half of it was."""
    for sentence in refusals("en"):
        assert "Nothing was changed" in read(sentence)


@pytest.mark.parametrize("word", Word)
def test_a_mistake_shows_how_the_word_goes(word: Word) -> None:
    """With the command in front, ready to be filled in."""
    [code] = [
        span
        for span in admin_text.mistake(TooMuch(word=word, text="x"), command=COMMAND, locale="en")
        if isinstance(span, Code)
    ]
    assert code.text.startswith(f"{COMMAND} {word}")
    assert [argument for argument in FORMS[word].needs if f" {argument}" not in code.text] == []
    assert [argument for argument in FORMS[word].takes if f"[{argument}=…]" not in code.text] == []


def test_the_help_has_every_word_with_what_it_does() -> None:
    """In columns, and short enough for one message on Discord."""
    page = admin_text.help_page(operator=True, command=COMMAND, locale="en")
    said = read(page)
    for word in Word:
        assert f"\n{admin_text.form(word)}  " in said
        assert catalogue("en").admin_words[word] in said
    assert "…`" not in discord.sentence(page).replace("=…", "")
    assert len(discord.sentence(page)) <= 2000


def test_words_and_arguments_fit_discords_descriptions() -> None:
    """Of 1 to 100 characters, or the commands cannot be registered."""
    words = catalogue("en")
    assert set(words.admin_words) == set(Word)
    assert set(words.admin_arguments) == set(Argument)
    for description in (*words.admin_words.values(), *words.admin_arguments.values()):
        assert 1 <= len(description) <= 100


def test_a_change_says_what_is_so_now_and_what_was_before() -> None:
    """Both in the words in which the list has them."""
    change = Change(space=SPACE, subject=PERSON, kind=Kind.LIMIT, value=50)
    made = Changed(change=change, before=rule(replace(change, value=None)), balance=BALANCES[0])
    said = read(admin_text.changed(made, window="week", locale="en"))
    assert said == "@Ann: 50 credits a week (before: unlimited). They can spend 17 credits now."


@pytest.mark.parametrize(
    ("subject", "kind", "said"),
    [
        (PERSON, Kind.LIMIT, (Mention("discord:1:2"),)),
        (ROLE, Kind.LIMIT, (RoleMention("discord:1:role:9"),)),
        (PLACE, Kind.LIMIT, ("Everybody here",)),
        (PLACE, Kind.POOL, ("Everyone here combined",)),
        (PLACE, Kind.CEILING, ("The ceiling for everyone here combined",)),
        (DEPLOYMENT, Kind.BUDGET, ("The whole deployment",)),
    ],
)
def test_a_rule_says_whom_it_is_about(subject: Subject, kind: Kind, said: Sentence) -> None:
    """People and roles by name, and the limit of each apart from that of all together."""
    space = None if subject == DEPLOYMENT else SPACE
    made = Changed(change=Change(space=space, subject=subject, kind=kind, value=5), before=None, balance=None)
    assert admin_text.changed(made, window="day", locale="en")[: len(said)] == said


def test_somewhere_else_is_named_where_everything_is_looked_at() -> None:
    """And only there: within one place it would be noise."""
    listed = page(reasoned(Kind.BLOCK, "spam"))
    for tell in (admin_text.rules, admin_text.audit):
        assert f"[{SPACE}]" in read(tell(listed, space=None, window="day", locale="en"))
        assert SPACE not in read(tell(listed, space=SPACE, window="day", locale="en"))


def telling(typed: str) -> dict[str, Sentence]:
    """All sentences that show what somebody typed."""
    told = {repr(mistake): admin_text.mistake(mistake, command=COMMAND, locale="en") for mistake in mistakes(typed)}
    told["person"] = admin_text.no_such_person(typed, locale="en")
    told["role"] = admin_text.no_such_role(typed, locale="en")
    block = reasoned(Kind.BLOCK, typed)
    told["show"] = admin_text.shown(shown(BALANCES[0], block=block), window="day", locale="en")
    for kind in (Kind.BLOCK, Kind.GRANT, Kind.REFUSED):
        listed = page(reasoned(kind, typed))
        told[f"list {kind}"] = admin_text.rules(listed, space=SPACE, window="day", locale="en")
        told[f"audit {kind}"] = admin_text.audit(listed, space=SPACE, window="day", locale="en")
    told["a blocked person's quota"] = text.balance(BALANCES[0], block=block, locale="en")
    told["a blocked person's picture"] = text.refusal(Blocked(reason=typed), locale="en")
    return told


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_what_people_typed_is_shown_as_plain_text(typed: str) -> None:
    """Reasons and quoted arguments add no line, nothing unseen, and nothing that reorders what stands around them."""
    harmless = list(telling("a fox").values())
    for (name, sentence), other in zip(telling(typed).items(), harmless, strict=True):
        lines = read(sentence).split("\n")
        assert len(lines) == len(read(other).split("\n")), name
        assert [line for line in lines if plain(line) != line] == [], name


def test_what_people_typed_stands_there() -> None:
    """The test above would not notice if nothing were shown."""
    told = telling("a certain reason")
    missing = {name for name, sentence in told.items() if "a certain reason" not in read(sentence)}
    without_words = {repr(mistake) for mistake in mistakes() if isinstance(mistake, (Missing, ExpiryPast))}
    assert missing == without_words


@pytest.mark.parametrize("kind", [Kind.BLOCK, Kind.GRANT, Kind.REFUSED])
@pytest.mark.parametrize("reason", ["", "\u202e", "\n\n", "\u200b \u2066"])
def test_a_reason_of_which_nothing_is_left_is_none(kind: Kind, reason: str) -> None:
    """No dash or colon with nothing behind it."""
    unseen, absent = reasoned(kind, reason), replace(reasoned(kind, reason), reason=None)
    for tell in (admin_text.rules, admin_text.audit):
        assert tell(page(unseen), space=SPACE, window="day", locale="en") == tell(
            page(absent), space=SPACE, window="day", locale="en"
        )
    assert "None" not in read(admin_text.audit(page(unseen), space=SPACE, window="day", locale="en"))


def test_what_was_mistyped_is_shown_back_in_part_only() -> None:
    """Thousands of characters would not fit into the answer."""
    for mistake in mistakes("x" * 6000):
        assert len(read(admin_text.mistake(mistake, command=COMMAND, locale="en"))) < 600
    assert "xxx…" in read(admin_text.no_such_person("x" * 6000, locale="en"))


def longest(kind: Kind, letter: str) -> Page:
    """A page of rules that each take as much room as they can."""
    user = f"discord:{10**18}:{10**18}"
    long = reasoned(kind, letter * REASON)
    if kind is Kind.GRANT:
        long = replace(long, value=MOST_CREDITS, expires_ms=START_MS)
    return page(*[replace(long, subject=Subject(user), by=user)] * PAGE_SIZE, number=9999, more=True)


@pytest.mark.parametrize(
    "listed",
    [*(longest(Kind.GRANT, letter) for letter in "x山&*"), *(longest(Kind.REFUSED, letter) for letter in "x*<&@")],
)
def test_a_page_of_the_longest_lines_fits_a_message(listed: Page) -> None:
    """Its last line, which tells how to go on, is the first to be lost; no member's attempts can bring that about."""
    for tell, next_page in ((admin_text.rules, "list page=10000"), (admin_text.audit, "audit page=10000")):
        for space in (SPACE, None):
            told = tell(listed, space=space, window="month", locale="en")
            assert discord.sentence(told).endswith(next_page)
            assert len(slack.sentence(told)) <= 40_000


def test_a_reason_stands_in_full_where_there_is_room() -> None:
    """The audit is where somebody looks why."""
    listed = page(reasoned(Kind.BLOCK, "x" * REASON), reasoned(Kind.RESET, ""), reasoned(Kind.GRANT, "y" * REASON))
    for tell in (admin_text.rules, admin_text.audit):
        said = read(tell(listed, space=SPACE, window="day", locale="en"))
        assert "x" * REASON in said
        assert "y" * REASON in said


def test_the_reports_figures_are_those_of_its_days() -> None:
    """In the text, for those who do not see the picture, and in the picture."""
    words = admin_text.ReportWords(report(under_way=3), money=Money(price=Decimal("0.1"), currency="EUR"), locale="en")
    said = read(words.sentence())
    totals = "24 credits delivered (2.40 EUR), 2 given back, 6 under way."
    assert totals in said
    assert totals in words.alt_text()
    assert said.splitlines()[-2:] == [
        "• @Ann: 12 credits for 2 commands, 1.20 EUR",
        "• @Ann: 11 credits for 1 command, 1.10 EUR",
    ]
    chart = words.chart({})
    assert chart.dates == ("2030-03-17", "2030-03-18")
    assert list(chart.series.values()) == [(12, 12), (1, 1), (3, 3)]
    assert chart.subtitle == totals


@pytest.mark.parametrize(
    "name", [*HOSTILE.values(), "", "\u202e", "山田太郎"], ids=[*HOSTILE, "none", "unseen", "japanese"]
)
def test_names_in_a_chart_are_plain_text(name: str) -> None:
    """Somebody whose name cannot be seen, or is not known, has their id there."""
    words = admin_text.ReportWords(report(), money=None, locale="en")
    (shown_as, _), (other, _) = words.chart({Account("discord:1:0"): name}).people
    assert shown_as == (plain(name) or "0")
    assert other == "1"


def test_answers_can_be_printed() -> None:
    """A terminal has neither mentions nor escape sequences."""
    for sentence in every_sentence("en"):
        said = printed(sentence)
        assert "<" not in said
        assert "\x1b" not in said
        assert said.strip()


def test_a_report_names_nobody_whose_data_is_erased() -> None:
    """Their credits still count; there is nobody to mention, or to look up."""
    gone = Spender(account=Account("discord:1:erased"), credits=5, delivered=2)
    words = admin_text.ReportWords(replace(report(), people=(gone,)), money=None, locale="en")
    assert "\n• people whose data was erased: 5 credits for 2 commands" in "".join(map(str, words.sentence()))
    assert not any(isinstance(span, Mention) for span in words.sentence())
    assert words.chart({}).people == (("people whose data was erased", 5),)
