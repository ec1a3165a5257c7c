"""Who spends what: each command in the day on which it was given, each credit once, and the rest of the books."""

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest
from fakes import ACCOUNT, RESULT, SPACE, FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import HOUR_MS, accept, begin, limits, ordered

from bot.admin import MOST_ENTRIES, Admin
from bot.model import Account, Pot, Reason, Space, State
from bot.policy import Policy, Prices
from bot.quotas import Quotas
from bot.reports import Entry, Report, Spender
from bot.store import Generations, Reports, RuleBook, Rules
from bot.store.database import Database, open_sqlite
from bot.windows import Window

OTHER: Final = Account("discord:1:3")
ELSEWHERE: Final = Space("discord:2")


def ms(text: str) -> int:
    """A moment written with its offset."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


NOON_MS: Final = ms("2026-07-15T12:00+00:00")


def desk(database: Database, *, now_ms: int = NOON_MS, zone: str = "UTC", window: str = "day") -> Admin:
    """An admin's desk at `now_ms`."""
    policy = Policy(window=Window.parse(window, zone), own=None, space=None, total=None)
    rules, clock = Rules(database), FakeClock(now_ms)
    return Admin(
        rules=rules,
        rule_book=RuleBook(database),
        reports=Reports(database),
        quotas=Quotas(
            generations=Generations(database),
            rules=rules,
            policy=policy,
            prices=Prices(plain=1, extended=2),
            clock=clock,
        ),
        policy=policy,
        clock=clock,
    )


async def book(
    generations: Generations,
    number: int,
    *,
    at_ms: int = NOON_MS,
    price: int = 1,
    came: int | None = None,
    state: State = State.DELIVERED,
    account: Account = ACCOUNT,
    space: Space | None = SPACE,
) -> None:
    """Command `number`, given at `at_ms`, brought to `state`; of its price `came` was charged in the end."""
    order = ordered(number, account=account, space=space)
    assert await accept(generations, order, price=price, now_ms=at_ms)
    if state is State.QUEUED:
        return
    job = await begin(generations, order.id)
    assert job is not None
    if state is State.REFUNDED:
        assert await generations.refund(job, Reason.SERVICE_BUSY)
        return
    if state is State.RUNNING:
        return
    assert await generations.delivering(job, charge=price if came is None else came)
    if state is State.DELIVERED:
        assert await generations.delivered(job, now_ms=at_ms + HOUR_MS, result=RESULT)


def figures(report: Report) -> list[tuple[str, int, int, int]]:
    """The days on which there was something."""
    return [
        (str(day.date), day.delivered, day.given_back, day.under_way)
        for day in report.days
        if day.delivered or day.given_back or day.under_way
    ]


@pytest.mark.parametrize(
    ("state", "came", "expected"),
    [
        (State.QUEUED, None, (0, 0, 4)),
        (State.RUNNING, None, (0, 0, 4)),
        (State.DELIVERING, None, (0, 0, 4)),
        (State.DELIVERED, None, (4, 0, 0)),
        (State.DELIVERED, 3, (3, 1, 0)),
        (State.REFUNDED, None, (0, 4, 0)),
    ],
)
async def test_every_credit_is_counted_by_what_became_of_it(
    database: Database, generations: Generations, state: State, came: int | None, expected: tuple[int, int, int]
) -> None:
    """Delivered, given back, or under way; of a picture that came in part both."""
    await book(generations, 1, price=4, came=came, state=state)
    report = await desk(database).report(SPACE, days=1)
    assert figures(report) == [("2026-07-15", *expected)]
    assert (report.delivered, report.given_back, report.under_way) == expected


async def test_a_report_of_nothing_is_all_its_days(database: Database) -> None:
    """Each with zeros, the last one today; nobody and nothing else."""
    report = await desk(database).report(SPACE, days=3)
    assert [str(day.date) for day in report.days] == ["2026-07-13", "2026-07-14", "2026-07-15"]
    assert figures(report) == []
    assert (report.delivered, report.given_back, report.under_way) == (0, 0, 0)
    assert (report.people, report.num_people, report.entries, report.num_entries) == ((), 0, (), 0)


@pytest.mark.parametrize("days", [1, 2, 31, 366])
async def test_a_report_is_as_long_as_asked_for(database: Database, generations: Generations, days: int) -> None:
    """The first moment of its first day is inside, the one before is not."""
    admin = desk(database, now_ms=ms("2028-03-01T12:00+01:00"), zone="Europe/Berlin")
    today = date(2028, 3, 1)
    first = date.fromordinal(today.toordinal() - days + 1)
    first_ms = admin.window.midnight_ms(first)
    await book(generations, 1, at_ms=first_ms, price=3)
    await book(generations, 2, at_ms=first_ms - 1, price=50)
    report = await admin.report(SPACE, days=days)
    assert (len(report.days), report.days[0].date, report.days[-1].date) == (days, first, today)
    assert figures(report) == [(str(first), 3, 0, 0)]
    assert ([spender.credits for spender in report.people], report.num_entries) == ([3], 1)


@pytest.mark.parametrize(
    ("zone", "now", "bounds"),
    [
        # 23 hours, 25 hours; a day without a midnight, one with two; a zone that is a day ahead.
        ("Europe/Berlin", "2026-03-30T12:00+02:00", ("2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00")),
        ("Europe/Berlin", "2026-10-26T12:00+01:00", ("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00")),
        ("Africa/Cairo", "2026-04-24T12:00+03:00", ("2026-04-23T00:00+02:00", "2026-04-24T01:00+03:00")),
        ("America/Havana", "2026-11-02T12:00-05:00", ("2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00")),
        ("Pacific/Kiritimati", "2026-07-16T12:00+14:00", ("2026-07-15T00:00+14:00", "2026-07-16T00:00+14:00")),
        ("UTC", "2026-07-16T00:00+00:00", ("2026-07-15T00:00+00:00", "2026-07-16T00:00+00:00")),
    ],
)
async def test_a_day_has_its_first_and_its_last_millisecond(
    database: Database, generations: Generations, zone: str, now: str, bounds: tuple[str, str]
) -> None:
    """Those beside them belong to its neighbours, whatever the clocks do on it."""
    first, end = (ms(bound) for bound in bounds)
    for number, (at_ms, price) in enumerate([(first - 1, 1), (first, 10), (end - 1, 100), (end, 1000)]):
        await book(generations, number, at_ms=at_ms, price=price)
    report = await desk(database, now_ms=ms(now), zone=zone).report(SPACE, days=3)
    assert [day.delivered for day in report.days] == [1, 110, 1000]


@pytest.mark.parametrize("window", ["day", "week", "month", "24h", "7d"])
async def test_days_are_days_whatever_the_window(database: Database, generations: Generations, window: str) -> None:
    """A quota by the month or by rolling hours is reported by the days of its zone all the same."""
    await book(generations, 1, at_ms=ms("2026-07-14T23:59+02:00"), price=2)
    await book(generations, 2, at_ms=ms("2026-07-15T00:01+02:00"), price=3)
    report = await desk(database, zone="Europe/Berlin", window=window).report(SPACE, days=2)
    assert figures(report) == [("2026-07-14", 2, 0, 0), ("2026-07-15", 3, 0, 0)]


async def test_a_space_sees_its_own_and_the_operator_all(database: Database, generations: Generations) -> None:
    """Direct messages belong to no space, but to the deployment."""
    await book(generations, 1, price=1)
    await book(generations, 2, price=10, account=Account("discord:2:2"), space=ELSEWHERE)
    await book(generations, 3, price=100, account=Account("discord:user:2"), space=None)
    for space, total, people in ((SPACE, 1, 1), (ELSEWHERE, 10, 1), (None, 111, 3), (Space("discord:3"), 0, 0)):
        report = await desk(database).report(space, days=1)
        assert report.space == space
        assert report.delivered == sum(spender.credits for spender in report.people) == total
        assert report.num_people == report.num_entries == len(report.entries) == people


async def test_people_are_the_ten_who_spent_most(database: Database, generations: Generations) -> None:
    """The highest first, of equals the one whose name comes first; how many there are is told beside."""
    spent = {Account(f"discord:1:{number:02}"): number // 2 for number in range(2, 15)}
    for number, (account, price) in enumerate(spent.items()):
        await book(generations, number, account=account, price=price)
    report = await desk(database).report(SPACE, days=1)
    expected = sorted(spent, key=lambda account: (-spent[account], account))[:10]
    assert report.people == tuple(Spender(account=account, credits=spent[account], delivered=1) for account in expected)
    assert report.num_people == 13


async def test_a_person_is_one_line_of_all_their_commands(database: Database, generations: Generations) -> None:
    """What they are charged, also for what is under way; counted are commands that ended with a picture."""
    await book(generations, 1, price=4)
    await book(generations, 2, price=4, came=1)
    await book(generations, 3, price=8, state=State.REFUNDED)
    await book(generations, 4, price=2, state=State.RUNNING)
    await book(generations, 5, price=9, account=OTHER, state=State.REFUNDED)
    await book(generations, 6, price=0, account=Account("discord:1:4"))
    report = await desk(database).report(SPACE, days=1)
    assert report.people == (Spender(account=ACCOUNT, credits=7, delivered=2),)
    assert report.num_people == 1
    assert report.num_entries == 6


async def test_entries_are_the_rows_as_they_stand(database: Database, generations: Generations) -> None:
    """Newest first: when, who, where, what became of it and why, and what was asked, charged and paid by bonus."""
    await book(generations, 1, price=4, state=State.REFUNDED)
    pot = Pot(credits=9, since_ms=0, expires_ms=None)
    order = ordered(2, account=Account("discord:user:2"), space=None)
    within = replace(limits(own=1), pot=pot)
    assert await accept(generations, order, within=within, price=3, now_ms=NOON_MS + 1)
    report = await desk(database).report(None, days=1)
    assert report.entries == (
        Entry(
            created_ms=NOON_MS + 1,
            account=order.account,
            space=None,
            state="queued",
            reason=None,
            asked=3,
            charged=3,
            bonus=2,
        ),
        Entry(
            created_ms=NOON_MS,
            account=ACCOUNT,
            space=SPACE,
            state="refunded",
            reason=Reason.SERVICE_BUSY,
            asked=4,
            charged=0,
            bonus=0,
        ),
    )


async def test_entries_are_cut_at_the_newest_and_figures_are_not(
    database: Database, generations: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many there would have been is told beside, so that nobody takes a part for the whole."""
    monkeypatch.setattr("bot.admin.MOST_ENTRIES", 5)
    for number in range(8):
        await book(generations, number, at_ms=NOON_MS + number, price=1)
    report = await desk(database).report(SPACE, days=1)
    assert [entry.created_ms - NOON_MS for entry in report.entries] == [7, 6, 5, 4, 3]
    assert (report.num_entries, report.delivered, report.people[0].credits) == (8, 8, 8)


async def test_a_report_holds_as_many_entries_as_it_promises(database: Database) -> None:
    """Rows past the limit are left out of the file at its real size, too."""
    await database.fetch(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
        "INSERT INTO generation "
        "(id, account, space, asked, charged, bonus, state, attempt, created, deadline, request) "
        "SELECT 'r' || i, 'discord:1:' || (i % 7), 'discord:1', 1, 1, 0, 'delivered', 1, :noon + i, 0, '{}' FROM n",
        rows=MOST_ENTRIES + 2,
        noon=NOON_MS,
    )
    report = await desk(database).report(SPACE, days=1)
    assert (len(report.entries), report.num_entries) == (MOST_ENTRIES, MOST_ENTRIES + 2)
    assert (report.entries[0].created_ms, report.delivered) == (NOON_MS + MOST_ENTRIES + 2, MOST_ENTRIES + 2)


ZONES: Final = ("UTC", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Pacific/Kiritimati")
MOMENTS: Final = st.datetimes(datetime(2026, 10, 22), datetime(2026, 11, 4), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=25, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    now=MOMENTS,
    days=st.integers(1, 12),
    rows=st.lists(
        st.tuples(
            MOMENTS,
            st.sampled_from([State.QUEUED, State.DELIVERED, State.REFUNDED]),
            st.integers(0, 4),
            st.integers(0, 4),
            st.integers(1, 12),
        ),
        max_size=25,
    ),
)
def test_a_report_is_what_somebody_would_add_up_by_hand(
    zone: str, now: datetime, days: int, rows: list[tuple[datetime, State, int, int, int]]
) -> None:
    """Over weeks in which clocks change: by date, by outcome, by person, and every row once."""

    async def read(path: Path) -> Report:
        async with open_sqlite(path) as database:
            generations = Generations(database)
            for number, (at, state, price, came, person) in enumerate(rows):
                await book(
                    generations,
                    number,
                    at_ms=round(at.timestamp() * 1000),
                    price=price,
                    came=came,
                    state=state,
                    account=Account(f"discord:1:{person}"),
                )
            return await desk(database, now_ms=round(now.timestamp() * 1000), zone=zone).report(SPACE, days=days)

    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(read(Path(folder) / "bot.db"))
    place = Window.parse("day", zone)
    today = place.date_of(round(now.timestamp() * 1000)).toordinal()
    dates = [date.fromordinal(today - ago) for ago in range(days)][::-1]
    by_day = {day: [0, 0, 0] for day in dates}
    by_person: dict[str, int] = {}
    num_entries = 0
    for at, state, price, came, person in rows:
        day = place.date_of(round(at.timestamp() * 1000))
        if day not in by_day:
            continue
        num_entries += 1
        charged = {State.QUEUED: price, State.DELIVERED: min(price, came), State.REFUNDED: 0}[state]
        by_day[day][0] += charged if state is State.DELIVERED else 0
        by_day[day][1] += 0 if state is State.QUEUED else price - charged
        by_day[day][2] += charged if state is State.QUEUED else 0
        if charged:
            account = f"discord:1:{person}"
            by_person[account] = by_person.get(account, 0) + charged
    assert {day.date: [day.delivered, day.given_back, day.under_way] for day in report.days} == by_day
    assert [day.date for day in report.days] == dates
    top = sorted(by_person, key=lambda account: (-by_person[account], account))[:10]
    assert [(spender.account, spender.credits) for spender in report.people] == [(who, by_person[who]) for who in top]
    assert (report.num_people, report.num_entries, len(report.entries)) == (len(by_person), num_entries, num_entries)
