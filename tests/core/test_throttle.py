"""The service's calls a minute, kept by one row that every process shares."""

import asyncio
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path

import pytest
from fakes import START_MS
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store import Throttle, open_store
from bot.store.database import SqliteDatabase, open_sqlite

MINUTE_MS = 60_000


def throttle_on(database: SqliteDatabase, *, per_minute: int = 120, name: str = "dashscope") -> Throttle:
    return Throttle(database, name=name, per_minute=per_minute)


async def slot_of(throttle: Throttle, now_ms: int) -> int:
    """The next slot, however far ahead."""
    slot = await throttle.reserve(now_ms=now_ms, before_ms=now_ms + 1000 * MINUTE_MS)
    assert slot is not None
    return slot


def most_in_a_minute(slots: list[int]) -> int:
    """The most calls in any 60 s, both ends included: how a service counts that counts against us."""
    slots = sorted(slots)
    return max(bisect_right(slots, first + MINUTE_MS) - at for at, first in enumerate(slots))


async def test_the_first_call_leaves_at_once(database: SqliteDatabase) -> None:
    """Nobody waits on an idle service."""
    assert await slot_of(throttle_on(database), START_MS) == START_MS


async def test_calls_are_spaced_evenly(database: SqliteDatabase) -> None:
    """A crowd at one moment leaves one by one, never as a burst: the service punishes that too."""
    throttle = throttle_on(database)
    slots = [await slot_of(throttle, START_MS) for _ in range(300)]
    gaps = {later - earlier for earlier, later in pairwise(slots)}
    assert gaps == {505}


async def test_a_pause_earns_no_burst(database: SqliteDatabase) -> None:
    """An idle hour does not let the next calls leave together."""
    throttle = throttle_on(database)
    await slot_of(throttle, START_MS)
    later = START_MS + 60 * MINUTE_MS
    slots = [await slot_of(throttle, later) for _ in range(3)]
    assert slots == [later, later + 505, later + 1010]


@pytest.mark.parametrize("per_minute", [2, 3, 7, 59, 60, 61, 119, 120, 121, 1000, 6000])
async def test_no_minute_holds_more_than_the_limit(database: SqliteDatabase, per_minute: int) -> None:
    """Not even a minute that begins and ends on a call; and no more than a tenth of the limit is given away."""
    throttle = throttle_on(database, per_minute=per_minute)
    slots = [await slot_of(throttle, START_MS) for _ in range(min(3 * per_minute, 6100))]
    assert per_minute * 0.9 <= most_in_a_minute(slots) <= per_minute


@settings(max_examples=40)
@given(pauses=st.lists(st.integers(0, 3000), min_size=1, max_size=60), per_minute=st.integers(2, 40))
def test_no_minute_holds_more_however_the_calls_arrive(
    pauses: list[int], per_minute: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whoever comes when, slots neither lie in the past nor too close together."""

    async def arrive(path: Path) -> list[int]:
        now_ms, slots = START_MS, []
        async with open_sqlite(path) as database:
            throttle = throttle_on(database, per_minute=per_minute)
            for pause in pauses:
                now_ms += pause
                slots.append(await slot_of(throttle, now_ms))
                assert slots[-1] >= now_ms
        return slots

    slots = asyncio.run(arrive(tmp_path_factory.mktemp("throttle") / "bot.db"))
    assert most_in_a_minute(slots) <= per_minute


async def test_processes_share_the_limit(path: Path) -> None:
    """Four connections at once get different slots, as even as one connection's."""
    url = f"sqlite:///{path}"
    async with (
        open_store(url, images_per_minute=120) as a,
        open_store(url, images_per_minute=120) as b,
        open_store(url, images_per_minute=120) as c,
        open_store(url, images_per_minute=120) as d,
    ):
        stores = [a, b, c, d] * 16
        slots = await asyncio.gather(*(slot_of(store.throttle, START_MS) for store in stores))
    assert sorted(slots) == [START_MS + 505 * n for n in range(64)]


async def test_a_restart_forgets_no_reservation(path: Path) -> None:
    """The slot after a restart lies behind those given out before it."""
    async with open_sqlite(path) as database:
        before = [await slot_of(throttle_on(database), START_MS) for _ in range(10)]
    async with open_sqlite(path) as database:
        after = await slot_of(throttle_on(database), START_MS)
    assert after == before[-1] + 505


async def test_a_hold_keeps_the_next_calls_back(database: SqliteDatabase) -> None:
    """The service's pause holds for every later reservation, which are then spaced as ever."""
    throttle = throttle_on(database)
    await slot_of(throttle, START_MS)
    await throttle.hold(until_ms=START_MS + 10_000)
    slots = [await slot_of(throttle, START_MS + 5) for _ in range(2)]
    assert slots == [START_MS + 10_000, START_MS + 10_505]


async def test_a_hold_works_before_the_first_call(database: SqliteDatabase) -> None:
    """A throttle that nobody has used yet can be held too."""
    throttle = throttle_on(database)
    await throttle.hold(until_ms=START_MS + 10_000)
    assert await slot_of(throttle, START_MS) == START_MS + 10_000


async def test_a_shorter_hold_brings_nothing_forward(database: SqliteDatabase) -> None:
    """Neither an earlier hold nor a reservation is undone by a later, milder answer."""
    throttle = throttle_on(database)
    await throttle.hold(until_ms=START_MS + 10_000)
    await throttle.hold(until_ms=START_MS + 1_000)
    assert await slot_of(throttle, START_MS) == START_MS + 10_000
    await throttle.hold(until_ms=START_MS + 10_100)
    assert await slot_of(throttle, START_MS) == START_MS + 10_505


async def test_a_hold_that_is_over_holds_nobody(database: SqliteDatabase) -> None:
    """Afterwards the first call leaves at once again."""
    throttle = throttle_on(database)
    await throttle.hold(until_ms=START_MS + 10_000)
    assert await slot_of(throttle, START_MS + 20_000) == START_MS + 20_000


async def test_throttles_of_different_names_do_not_meet(database: SqliteDatabase) -> None:
    """Each service has its own limit."""
    await throttle_on(database, name="one").hold(until_ms=START_MS + 10_000)
    assert await slot_of(throttle_on(database, name="other"), START_MS) == START_MS


async def test_what_comes_too_late_is_not_reserved(database: SqliteDatabase) -> None:
    """A call that could not leave in time uses up nothing: the next one gets the moment."""
    throttle = throttle_on(database)
    await throttle.hold(until_ms=START_MS + 10_000)
    assert await throttle.reserve(now_ms=START_MS, before_ms=START_MS + 10_000) is None
    assert await throttle.reserve(now_ms=START_MS, before_ms=START_MS + 10_001) == START_MS + 10_000
