"""Which sentence answers which admin command. Pure and free of markup; the words are in `locales/`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from adapters.captions import clip
from adapters.charts import Chart
from adapters.locales import catalogue
from adapters.locales.words import Words
from adapters.reporting import Money
from adapters.sentences import Mention, Sentence
from bot.admin import COMMAND_LINE, Changed, Shown
from bot.model import Account, Space
from bot.plain import plain
from bot.reports import Report
from bot.rules import HOUSE, Kind, Page, Rule, Subject, is_erased, local_id
from bot.vocabulary import (
    FORMS,
    OPERATORS,
    BadArgument,
    ExpiryPast,
    Missing,
    Mistake,
    TooMuch,
    UnknownName,
    UnknownWord,
    Word,
)

_QUOTED: Final = 60
_REASONS: Final = 480
"""Characters that the reasons of one page share: with more, Discord would not show the page's end."""


def form(word: Word) -> str:
    """`grant person credits [expires=…] [reason=…]`."""
    needs = [str(argument) for argument in FORMS[word].needs]
    takes = [f"[{argument}=…]" for argument in FORMS[word].takes]
    return " ".join([word, *needs, *takes])


def help_page(*, command: str, operator: bool, locale: str | None) -> Sentence:
    """Every word that the person may say, with its arguments."""
    forms = {word: form(word) for word in Word if operator or word not in OPERATORS}
    return catalogue(locale).admin_help(command=command, forms=forms)


def mistake(mistake: Mistake, *, command: str, locale: str | None) -> Sentence:
    """What is wrong with what an admin typed."""
    words = catalogue(locale)
    match mistake:
        case UnknownWord(word=word, suggestion=suggestion):
            return words.unknown_word(word=_quoted(word), suggestion=suggestion)
        case UnknownName(word=word, name=name, suggestion=suggested):
            return words.unknown_name(form=f"{command} {form(word)}", name=_quoted(name), suggestion=suggested)
        case Missing(word=word, argument=argument):
            return words.missing(form=f"{command} {form(word)}", argument=argument)
        case TooMuch(word=word, text=text):
            return words.too_much(form=f"{command} {form(word)}", text=_quoted(text))
        case BadArgument(argument=argument, value=value):
            return words.bad_argument(argument=argument, value=_quoted(value))
        case ExpiryPast():
            return words.expiry_past()
        case _:
            assert_never(mistake)


def no_such_person(typed: str, *, locale: str | None) -> Sentence:
    """A name that leads to nobody."""
    return catalogue(locale).no_such_person(text=_quoted(typed))


def no_such_role(typed: str, *, locale: str | None) -> Sentence:
    """A name that is no role or user group of this place."""
    return catalogue(locale).no_such_role(text=_quoted(typed))


def shown(shown: Shown, *, window: str, locale: str | None) -> Sentence:
    """A person's quota, and which rule gives it to them."""
    limits = shown.standing.limits
    return catalogue(locale).shown(
        person=local_id(shown.member.account),
        balance=shown.balance,
        source=limits.source,
        role=local_id(limits.roles[0]) if limits.roles else None,
        block=None if shown.standing.block is None else _readable(shown.standing.block),
        window=window,
    )


def changed(changed: Changed, *, window: str, locale: str | None) -> Sentence:
    """What is so now, and what was before."""
    words, change, person = catalogue(locale), changed.change, local_id(changed.change.subject)
    if changed.balance is not None:
        match change.kind:
            case Kind.GRANT:
                return words.granted(person=person, rule=change, balance=changed.balance)
            case Kind.RESET:
                return words.reset_done(person=person, balance=changed.balance)
            case Kind.BLOCK if change.applies:
                return words.blocked_now(person=person)
            case Kind.BLOCK:
                return words.unblocked_now(person=person, was=changed.before is not None)
            case _:
                pass
    return words.changed(
        subject=_subject(change.subject, change.kind, change.space, locale=locale),
        rule=words.rule(change, window=window),
        before=words.rule(changed.before, window=window) if changed.before else words.no_rule(change.kind),
        balance=changed.balance,
    )


def rules(page: Page, *, space: Space | None, window: str, locale: str | None) -> Sentence:
    """The rules in force, a line each; where it is about everything, with the place."""
    words = catalogue(locale)
    lines: Sentence = ()
    for rule in _readable_rules(page):
        where = words.somewhere(rule.space) if space is None and rule.space is not None else ()
        why = f" — {rule.reason}" if rule.reason else ""
        subject = _subject(rule.subject, rule.kind, rule.space, locale=locale)
        lines += ("\n• ", *where, *words.labelled(subject, words.rule(rule, window=window)), why)
    return words.rules(page, lines=lines)


def audit(page: Page, *, space: Space | None, window: str, locale: str | None) -> Sentence:
    """Who changed what, a line each; where it is about everything, with the place."""
    words = catalogue(locale)
    lines: Sentence = ()
    for noted, rule in zip(page.entries, _readable_rules(page), strict=True):
        by: Sentence = (words.command_line(),) if rule.by == COMMAND_LINE else (Mention(rule.by),)
        where = words.somewhere(rule.space) if space is None and rule.space is not None else ()
        subject = (*where, *_subject(rule.subject, rule.kind, rule.space, locale=locale))
        lines += words.noted(replace(noted, rule=rule), by=by, subject=subject, window=window)
    return words.audit(page, lines=lines)


@dataclass(frozen=True, slots=True)
class ReportWords:
    """A report's words: those below its picture, and those in it."""

    report: Report
    money: Money | None
    locale: str | None

    def empty(self) -> Sentence:
        """There is nothing to draw."""
        return catalogue(self.locale).report_empty()

    def sentence(self, *, picture: bool = True) -> Sentence:
        """The figures as text; without `picture` it says that there is none."""
        words, report = catalogue(self.locale), self.report
        lines: Sentence = (f"{self._title()}\n{self._totals()}\n",)
        lines += (words.report_people(shown=len(report.people), num_people=report.num_people),)
        for spender in report.people:
            paid = self._paid(spender.credits)
            line = words.report_person(
                account=spender.account, credits=spender.credits, delivered=spender.delivered, money=paid
            )
            # Nobody is called that, so nobody can be mentioned.
            gone = Mention(spender.account) if is_erased(spender.account) else None
            lines += tuple(words.somebody_erased if span == gone else span for span in line)
        if report.num_entries > len(report.entries):
            lines += ("\n" + words.report_cut(shown=len(report.entries), of=report.num_entries),)
        if not picture:
            lines += ("\n" + words.report_undrawn(),)
        return lines

    def alt_text(self) -> str:
        """What those are told who do not see the picture."""
        return catalogue(self.locale).report_alt(title=self._title(), totals=self._totals())

    def chart(self, names: Mapping[Account, str]) -> Chart:
        """The picture's figures and words."""
        words, report = catalogue(self.locale), self.report
        return Chart(
            title=self._title(),
            subtitle=self._totals(),
            axis=words.report_axis,
            dates=tuple(day.date.isoformat() for day in report.days),
            series={
                words.report_delivered: tuple(day.delivered for day in report.days),
                words.report_given_back: tuple(day.given_back for day in report.days),
                words.report_under_way: tuple(day.under_way for day in report.days),
            },
            people_title=words.report_top,
            people=tuple((_called(s.account, names, words), s.credits) for s in report.people),
        )

    def _title(self) -> str:
        return catalogue(self.locale).report_title(everything=self.report.space is None, days=len(self.report.days))

    def _totals(self) -> str:
        report = self.report
        return catalogue(self.locale).report_totals(
            delivered=report.delivered,
            given_back=report.given_back,
            under_way=report.under_way,
            money=self._paid(report.delivered),
        )

    def _paid(self, credits: int) -> str | None:
        if self.money is None:
            return None
        return catalogue(self.locale).money(self.money.of(credits), currency=self.money.currency)


def _called(account: Account, names: Mapping[Account, str], words: Words) -> str:
    return words.somebody_erased if is_erased(account) else plain(names.get(account, "")) or local_id(account)


def _quoted(typed: str) -> str:
    return clip(plain(typed), _QUOTED)


def _readable(rule: Rule) -> Rule:
    """The rule with its reason, which somebody has typed, fit to be shown."""
    return replace(rule, reason=plain(rule.reason or "") or None)


def _readable_rules(page: Page) -> list[Rule]:
    rules = [_readable(noted.rule) for noted in page.entries]
    share = _REASONS // max(sum(rule.reason is not None for rule in rules), 1)
    return [rule if rule.reason is None else replace(rule, reason=clip(rule.reason, share)) for rule in rules]


def _subject(subject: Subject, kind: Kind, space: Space | None, *, locale: str | None) -> Sentence:
    words = catalogue(locale)
    if space is not None and subject == Subject(space):
        if kind in HOUSE:
            return words.whole_place(server=space.startswith("discord:"))
        if kind is Kind.LIMIT:
            return words.everybody()
    return words.subject(subject, kind=kind)
