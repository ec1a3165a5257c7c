"""How long it takes until a picture is there, as far as anybody knows."""

import asyncio
from dataclasses import replace

import pytest
from fakes import ACCOUNT, RESULT, SPACE, START_MS, FakeClock, order

from bot.errors import DatabaseFailed
from bot.forecast import REMEMBERED, Forecast
from bot.model import Generation, Outlook, Result, State
from bot.store import Throttle
from bot.store.database import SqliteDatabase


class StillThrottle(Throttle):
    """Its next call is free at `free`, which may be a failure; a hundred milliseconds lie between two."""

    def __init__(self, free: int | Exception = 0) -> None:
        self.interval_ms = 100
        self.free = free
        self.gate: asyncio.Event | None = None

    async def free_ms(self) -> int:
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.free, Exception):
            raise self.free
        return self.free


def forecast_of(throttle: Throttle | None = None) -> Forecast:
    return Forecast(throttle=throttle or StillThrottle(), clock=FakeClock())


def drawn(*, drew_ms: int | None, count: int = 1, result: Result | None = RESULT) -> Generation:
    """A generation as history tells of it."""
    return Generation(
        id=order().id,
        account=ACCOUNT,
        space=SPACE,
        asked=1,
        charged=1,
        bonus=0,
        state=State.DELIVERED,
        attempt=1,
        created_ms=START_MS,
        deadline_ms=START_MS,
        reason=None,
        request=order(count=count).request,
        address={},
        result=result and replace(result, drew_ms=drew_ms),
    )


async def test_nothing_is_promised_before_anything_was_drawn() -> None:
    """The place in the queue is known all the same."""
    assert await forecast_of().of(3) == Outlook(ahead=3, ready_ms=None)


@pytest.mark.parametrize(
    ("free_ms", "ahead", "ready_ms"),
    [
        (0, 0, 4_000),
        (START_MS - 5_000, 0, 4_000),
        (START_MS + 70, 0, 4_070),
        (START_MS + 700, 0, 4_600),
        (0, 3, 4_000 + 3 * 2 * 100),
        (START_MS + 700, 3, 4_600 + 3 * 2 * 100),
    ],
)
async def test_calls_in_front_leave_at_the_throttles_pace(free_ms: int, ahead: int, ready_ms: int) -> None:
    """Each command in front takes as many as commands did lately; then the picture takes what pictures take."""
    forecast = forecast_of(StillThrottle(free_ms))
    for drew_ms, calls in ((3_000, 1), (4_000, 1), (90_000, 4)):
        forecast.note(drew_ms=drew_ms, calls=calls)
    assert await forecast.of(ahead) == Outlook(ahead=ahead, ready_ms=ready_ms)


async def test_what_was_long_ago_is_forgotten() -> None:
    """The estimate follows the service."""
    forecast = forecast_of()
    for _ in range(100):
        forecast.note(drew_ms=60_000, calls=4)
    for _ in range(REMEMBERED):
        forecast.note(drew_ms=2_000, calls=1)
    assert await forecast.of(10) == Outlook(ahead=10, ready_ms=2_000 + 10 * 100)


async def test_a_new_process_begins_with_what_the_last_one_drew() -> None:
    """What has no time of its own teaches nothing, and of much the newest counts."""
    forecast = forecast_of()
    forecast.learn([drawn(drew_ms=None), drawn(drew_ms=1, result=None)])
    assert (await forecast.of(0)).ready_ms is None
    forecast.learn([*(drawn(drew_ms=5_000, count=2) for _ in range(REMEMBERED)), drawn(drew_ms=90_000, count=4)])
    assert await forecast.of(1) == Outlook(ahead=1, ready_ms=5_200)
    for _ in range(REMEMBERED):
        forecast.note(drew_ms=1_000, calls=1)
    assert (await forecast.of(0)).ready_ms == 1_000


async def test_a_throttle_that_cannot_be_read_costs_the_estimate_alone() -> None:
    """Nobody is refused, nor kept waiting, for a number."""
    throttle = StillThrottle(DatabaseFailed("locked"))
    forecast = forecast_of(throttle)
    forecast.note(drew_ms=1_000, calls=1)
    assert await forecast.of(2) == Outlook(ahead=2, ready_ms=None)


async def test_a_throttle_that_does_not_answer_does_not_hold_up_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is charged by then, and its platform waits three seconds."""
    monkeypatch.setattr("bot.forecast._PATIENCE_S", 0.01)
    throttle = StillThrottle()
    throttle.gate = asyncio.Event()
    forecast = forecast_of(throttle)
    forecast.note(drew_ms=1_000, calls=1)
    async with asyncio.timeout(5):
        assert await forecast.of(2) == Outlook(ahead=2, ready_ms=None)


async def test_the_throttle_knows_when_the_next_call_is_free(database: SqliteDatabase) -> None:
    """Never, before the first; else right behind the last that was reserved."""
    throttle = Throttle(database, name="dashscope", per_minute=61)
    assert await throttle.free_ms() == 0
    assert await throttle.reserve(now_ms=START_MS, before_ms=START_MS + 1) == START_MS
    assert await throttle.free_ms() == START_MS + throttle.interval_ms == START_MS + 1_000
