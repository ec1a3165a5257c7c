"""When calls leave: in order, at the throttle's pace, and nothing reserved in vain."""

import asyncio

import pytest
from fakes import START_MS, FakeClock

from bot.departures import Departures
from bot.errors import ServiceBusy
from bot.store import Throttle
from bot.store.database import SqliteDatabase

FAR_MS = START_MS + 3_600_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def throttle(database: SqliteDatabase) -> Throttle:
    return Throttle(database, name="dashscope", per_minute=121)


@pytest.fixture
def departures(throttle: Throttle, clock: FakeClock) -> Departures:
    return Departures(throttle=throttle, clock=clock)


async def test_calls_leave_in_the_order_they_came(departures: Departures, clock: FakeClock) -> None:
    """One pace apart, and none is passed over."""
    left: list[tuple[int, int]] = []

    async def call(number: int) -> None:
        await departures.wait(deadline_ms=FAR_MS)
        left.append((number, clock.now_ms()))

    await asyncio.gather(*(call(number) for number in range(6)))
    assert left == [(number, START_MS + 500 * number) for number in range(6)]


async def test_who_is_called_off_while_waiting_uses_nothing_up(
    departures: Departures, throttle: Throttle, clock: FakeClock
) -> None:
    """Fifty that give up leave the next moment to whoever comes after them."""
    await departures.wait(deadline_ms=FAR_MS)
    first = asyncio.create_task(departures.wait(deadline_ms=FAR_MS))
    others = [asyncio.create_task(departures.wait(deadline_ms=FAR_MS)) for _ in range(50)]
    await asyncio.sleep(0)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await first
    assert await throttle.reserve(now_ms=clock.now_ms(), before_ms=FAR_MS) == START_MS + 1000


async def test_what_would_be_too_late_does_not_leave(
    departures: Departures, throttle: Throttle, clock: FakeClock
) -> None:
    """It fails at once, and whoever may wait longer gets the moment."""
    await throttle.hold(until_ms=START_MS + 60_000)
    with pytest.raises(ServiceBusy) as caught:
        await departures.wait(deadline_ms=START_MS + 30_000)
    assert caught.value.final
    assert clock.sleeps == []
    await departures.wait(deadline_ms=FAR_MS)
    assert clock.now_ms() == START_MS + 60_000
