"""Where quota windows begin and end, also where the clocks change."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.windows import Window

HOUR_MS = 3_600_000

# Zones whose clocks change at 01:00, 02:00 and 03:00, at midnight forwards and backwards, by half an hour; far ones.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
]


def ms(text: str) -> int:
    """A moment written with its offset, or in UTC."""
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def ends(window: Window, at_ms: int) -> int:
    """When a calendar window ends."""
    end = window.returns_ms(at_ms)
    assert end is not None
    return end


@pytest.mark.parametrize(
    ("name", "now", "since", "returns"),
    [
        ("day", "2026-07-15T13:00", "2026-07-15T00:00", "2026-07-16T00:00"),
        ("day", "2026-07-15T00:00", "2026-07-15T00:00", "2026-07-16T00:00"),
        ("day", "2026-07-15T23:59:59.999", "2026-07-15T00:00", "2026-07-16T00:00"),
        ("day", "2026-12-31T12:00", "2026-12-31T00:00", "2027-01-01T00:00"),
        ("week", "2026-07-15T13:00", "2026-07-13T00:00", "2026-07-20T00:00"),
        ("week", "2026-07-13T00:00", "2026-07-13T00:00", "2026-07-20T00:00"),
        ("week", "2026-07-19T23:59:59.999", "2026-07-13T00:00", "2026-07-20T00:00"),
        ("week", "2027-01-01T00:00", "2026-12-28T00:00", "2027-01-04T00:00"),
        ("month", "2026-07-31T13:00", "2026-07-01T00:00", "2026-08-01T00:00"),
        ("month", "2026-12-31T23:59:59.999", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("month", "2027-01-31T00:00", "2027-01-01T00:00", "2027-02-01T00:00"),
        ("month", "2028-02-29T12:00", "2028-02-01T00:00", "2028-03-01T00:00"),
    ],
)
def test_calendar_windows_in_utc(name: str, now: str, since: str, returns: str) -> None:
    """Days start at midnight, weeks on Monday, months on the first; the first millisecond belongs to the new one."""
    window = Window.parse(name, "UTC")
    assert window.since_ms(ms(now)) == ms(since)
    assert window.returns_ms(ms(now)) == ms(returns)


@pytest.mark.parametrize(
    ("zone", "name", "now", "since", "returns"),
    [
        # Berlin springs forward on 29 March 2026 and falls back on 25 October.
        ("Europe/Berlin", "day", "2026-03-29T12:00+02:00", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("Europe/Berlin", "day", "2026-10-25T12:00+01:00", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("Europe/Berlin", "week", "2026-03-29T12:00+02:00", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("Europe/Berlin", "week", "2026-10-26T00:00+01:00", "2026-10-26T00:00+01:00", "2026-11-02T00:00+01:00"),
        ("Europe/Berlin", "month", "2026-03-30T12:00+02:00", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("Europe/Berlin", "month", "2026-10-31T12:00+01:00", "2026-10-01T00:00+02:00", "2026-11-01T00:00+01:00"),
        # The hour that comes twice, in its first and its second turn.
        ("Europe/Berlin", "day", "2026-10-25T02:30+02:00", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("Europe/Berlin", "day", "2026-10-25T02:30+01:00", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        # UTC has another date than the zone.
        ("America/New_York", "day", "2026-07-16T03:30", "2026-07-15T04:00", "2026-07-16T04:00"),
        ("Pacific/Kiritimati", "month", "2026-07-31T12:00", "2026-07-31T10:00", "2026-08-31T10:00"),
        # Cairo's clocks jump from 00:00 to 01:00: the day has no midnight, and begins with the jump.
        ("Africa/Cairo", "day", "2026-04-24T12:00+03:00", "2026-04-24T00:00+02:00", "2026-04-25T00:00+03:00"),
        ("Africa/Cairo", "day", "2026-04-23T12:00+02:00", "2026-04-23T00:00+02:00", "2026-04-24T01:00+03:00"),
        # Havana's go back from 01:00 to 00:00: the day has two midnights, and begins with the first.
        ("America/Havana", "day", "2026-11-01T00:30-05:00", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"),
        ("America/Havana", "day", "2026-11-01T00:30-04:00", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"),
        ("America/Havana", "month", "2026-11-01T00:30-05:00", "2026-11-01T00:00-04:00", "2026-12-01T00:00-05:00"),
    ],
)
def test_calendar_windows_follow_the_clocks_of_their_zone(
    zone: str, name: str, now: str, since: str, returns: str
) -> None:
    """A day in which the clocks change has 23 or 25 hours, and credits return at the wall clock's midnight."""
    window = Window.parse(name, zone)
    assert window.since_ms(ms(now)) == ms(since)
    assert window.returns_ms(ms(now)) == ms(returns)


@given(
    zone=st.sampled_from(ZONES),
    name=st.sampled_from(["day", "week", "month"]),
    now_ms=st.integers(ms("2000-01-01"), ms("2050-01-01")),
)
def test_windows_follow_each_other_without_gap_or_overlap(zone: str, name: str, now_ms: int) -> None:
    """Every moment lies in exactly one window, and all moments of a window agree on it."""
    window = Window.parse(name, zone)
    since, returns = window.since_ms(now_ms), ends(window, now_ms)
    assert since <= now_ms < returns
    for moment in (since, returns - 1):
        assert (window.since_ms(moment), ends(window, moment)) == (since, returns)
    assert window.since_ms(returns) == returns
    assert ends(window, since - 1) == since


@given(zone=st.sampled_from(ZONES), name=st.sampled_from(["day", "week", "month"]), year=st.integers(2000, 2049))
def test_a_window_begins_on_the_first_moment_of_its_local_day(zone: str, name: str, year: int) -> None:
    """The date changes there and nowhere later; weeks begin on Monday, months on the first."""
    window, tz = Window.parse(name, zone), ZoneInfo(zone)
    starts = [window.since_ms(ms(f"{year}-01-01T12:00"))]
    while starts[-1] < ms(f"{year + 1}-01-01"):
        starts.append(ends(window, starts[-1]))
    for start in starts:
        day = datetime.fromtimestamp(start / 1000, tz=tz)
        before = datetime.fromtimestamp(start / 1000 - 0.001, tz=tz)
        assert before.date() < day.date()
        assert name != "week" or day.weekday() == 0
        assert name != "month" or day.day == 1
    hours = {(end - start) // HOUR_MS for start, end in pairwise(starts)}
    assert (
        hours
        <= {
            "day": {23, 24, 25},
            "week": {167, 168, 169},
            "month": {hours for days in (28, 29, 30, 31) for hours in (days * 24 - 1, days * 24, days * 24 + 1)},
        }[name]
    )


@pytest.mark.parametrize(
    ("name", "hours"), [("1h", 1), ("24h", 24), ("48h", 48), ("7d", 168), ("30d", 720), ("9999h", 9999)]
)
def test_a_rolling_window_is_as_long_as_its_name(name: str, hours: int) -> None:
    """A charge counts for exactly that long: it is gone in the millisecond in which its time is over."""
    window = Window.parse(name, "Europe/Berlin")
    charged_ms = ms("2026-10-24T12:00")
    assert window.rolling_ms == hours * HOUR_MS
    assert window.since_ms(charged_ms + hours * HOUR_MS - 1) <= charged_ms
    assert window.since_ms(charged_ms + hours * HOUR_MS) > charged_ms
    assert window.since_ms(charged_ms) <= charged_ms


def test_a_rolling_window_has_no_end_of_its_own() -> None:
    """Credits return one charge at a time; only the rows know when."""
    assert Window.parse("24h", "UTC").returns_ms(ms("2026-07-15")) is None


@pytest.mark.parametrize("name", ["", "Day", "days", "0h", "-1h", "01h", "h", "24", "24 h", "1.5h", "10000h", "7w"])
def test_a_window_that_is_none_is_named(name: str) -> None:
    """The operator reads what was written and what could have been."""
    with pytest.raises(ValueError, match="is no window; write day, week, month") as caught:
        Window.parse(name, "UTC")
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "Europe", "CEST+2", "../../etc/passwd", "/etc/localtime", "a\0b", "x" * 5000]
)
def test_a_zone_that_is_none_is_named(zone: str) -> None:
    """Whatever the time zone library makes of it, the operator reads one kind of message."""
    with pytest.raises(ValueError, match="is no time zone; write one like") as caught:
        Window.parse("day", zone)
    assert repr(zone) in str(caught.value)
