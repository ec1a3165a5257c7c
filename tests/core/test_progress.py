"""A word to those who wait: when their place changes, not too often, and never after the end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fakes import FakeCourier, Workshop, open_workshop, order
from stores import begin
from structlog.testing import capture_logs

from bot.errors import DatabaseFailed, Unreachable
from bot.forecast import Forecast
from bot.model import Generation, GenerationId, Outlook, Reason
from bot.progress import Progress
from bot.store import Generations

PAUSE_S = 6
MOST = 20


class SlowCourier(FakeCourier):
    """Carries a word only once `gate` opens, or fails with `fault`; knows how many are under way."""

    gate: asyncio.Event | None = None
    fault: BaseException | None = None
    inside: int = 0
    most_inside: int = 0
    begun: int = 0

    async def progress(self, generation: Generation, outlook: Outlook | None) -> None:
        self.inside += 1
        self.begun += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.fault is not None:
                raise self.fault
        finally:
            self.inside -= 1
        await super().progress(generation, outlook)


class Bench:
    """People who wait, and what they are told."""

    def __init__(self, shop: Workshop, generations: Generations | None = None) -> None:
        self.shop = shop
        self.courier = SlowCourier()
        self.progress = Progress(
            generations=generations or shop.generations,
            forecast=Forecast(throttle=shop.throttle, clock=shop.clock),
            couriers={"discord": self.courier},
            clock=shop.clock,
        )

    async def look(self, *ids: GenerationId, after_s: float = 0) -> None:
        """Some time later, look at a queue, and let what is said of it arrive."""
        self.shop.clock.advance(after_s)
        self.progress.look(ids)
        await words_said()

    @property
    def told(self) -> list[tuple[GenerationId, int | None]]:
        """Who was told of how many ahead; None: of the drawing."""
        return [(one, None if outlook is None else outlook.ahead) for one, outlook in self.courier.progressed]


async def words_said() -> None:
    """Return once no word is under way."""
    telling = {task for task in asyncio.all_tasks() if task.get_name().startswith("progress of ")}
    if telling:
        await asyncio.wait(telling, timeout=5)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, own=None) as shop:
        yield shop


@pytest.fixture
def bench(shop: Workshop) -> Bench:
    return Bench(shop)


async def accepted(bench: Bench, count: int) -> list[GenerationId]:
    return [(await bench.shop.accept(order(number))).id for number in range(1, count + 1)]


async def test_each_is_told_where_they_stand(bench: Bench) -> None:
    """At once, from the first in line on."""
    a, b = await accepted(bench, 2)
    await bench.look(a, b)
    assert bench.told == [(a, 0), (b, 1)]


async def test_a_word_follows_a_change_and_a_pause(bench: Bench) -> None:
    """Nothing new is no word; and what is new waits until six seconds are over."""
    a, b = await accepted(bench, 2)
    await bench.look(a, b)
    await bench.look(a, b, after_s=60)
    assert len(bench.told) == 2
    await bench.look(b)
    assert bench.told[2:] == [(b, 0)]
    await bench.look(a, b, after_s=PAUSE_S - 0.001)
    assert len(bench.told) == 3
    await bench.look(a, b, after_s=0.001)
    assert bench.told[3:] == [(b, 1)]


async def test_many_are_told_a_few_at_a_time(bench: Bench) -> None:
    """Those in front first, and the others at the next looks."""
    ids = await accepted(bench, MOST + 5)
    await bench.look(*ids)
    assert [one for one, _ in bench.told] == ids[:MOST]
    await bench.look(*ids, after_s=2)
    assert bench.told[MOST:] == [(one, MOST + n) for n, one in enumerate(ids[MOST:])]


async def test_one_word_at_a_time(bench: Bench) -> None:
    """However long the platform takes: the next one waits for it, the drawing's too."""
    a, b = await accepted(bench, 2)
    gate = bench.courier.gate = asyncio.Event()
    bench.progress.look([b, a])
    for _ in range(3):
        bench.shop.clock.advance(PAUSE_S)
        bench.progress.look([a, b])
    job = await begin(bench.shop.generations, a)
    assert job is not None
    bench.progress.drawing(job)
    bench.progress.drawing(job)
    bench.shop.clock.advance(PAUSE_S)
    bench.progress.look([a])
    gate.set()
    await words_said()
    assert bench.told.count((a, None)) == 1
    assert [of for of in bench.told if of[0] == b] == [(b, 0)]
    assert bench.courier.most_inside <= 2


async def test_the_drawing_is_told_to_whoever_was_told_to_wait(bench: Bench) -> None:
    """Once, and to nobody else: their answer says so already."""
    a, b = await accepted(bench, 2)
    await bench.look(a)
    for one in (a, b, a):
        job = await bench.shop.generations.claim(one)
        assert job is not None
        bench.progress.drawing(job)
    await words_said()
    assert bench.told == [(a, 0), (a, None)]


async def test_nothing_is_said_after_the_end(bench: Bench) -> None:
    """Being over waits for what is on its way, so that the result is the last thing that is said."""
    [a] = await accepted(bench, 1)
    gate = bench.courier.gate = asyncio.Event()
    bench.progress.look([a])
    over = asyncio.create_task(bench.progress.over(a))
    async with asyncio.timeout(5):
        while not bench.courier.inside:  # noqa: ASYNC110 - nothing to wait for but the fake
            await asyncio.sleep(0)
    assert not over.done()
    gate.set()
    await over
    assert bench.told == [(a, 0)]
    job = await bench.shop.generations.claim(a)
    assert job is not None
    bench.progress.drawing(job)
    await words_said()
    assert len(bench.told) == 1
    await bench.progress.over(a)
    await bench.progress.over(GenerationId("discord:nobody"))


@pytest.mark.parametrize("state", ["cancelled", "begun", "refunded", "unknown"])
async def test_only_what_waits_gets_a_word(bench: Bench, state: str) -> None:
    """The queue as it was seen may be older than the row."""
    [a] = await accepted(bench, 1)
    if state == "cancelled":
        assert await bench.shop.generations.cancel(a)
    elif state == "begun":
        await begin(bench.shop.generations, a)
    elif state == "refunded":
        await bench.shop.studio.abandon(a, Reason.UNREACHABLE)
    else:
        a = GenerationId("discord:unknown")
    await bench.look(a)
    assert bench.told == []


@pytest.mark.parametrize(("fault", "level"), [(Unreachable("gone"), "info"), (KeyError("a defect"), "error")])
async def test_a_word_that_fails_is_not_tried_again(bench: Bench, fault: Exception, level: str) -> None:
    """The log has it, nobody's picture hangs on it, and the next one says more."""
    a, b = await accepted(bench, 2)
    bench.courier.fault = fault
    with capture_logs() as logs:
        await bench.look(a)
        await bench.look(a, after_s=PAUSE_S)
    assert [(line["event"], line["log_level"]) for line in logs] == [("progress not told", level)]
    bench.courier.fault = None
    await bench.look(b, a, after_s=PAUSE_S)
    assert bench.told == [(b, 0), (a, 1)]


class UnreadableGenerations(Generations):
    """Cannot be read."""

    async def find(self, id: GenerationId) -> Generation | None:
        raise DatabaseFailed(f"database is locked: {id}")


async def test_a_database_that_fails_costs_a_word(shop: Workshop) -> None:
    """And nothing else."""
    bench = Bench(shop, UnreadableGenerations(shop.database))
    [a] = await accepted(bench, 1)
    await bench.look(a)
    assert bench.told == []
    await bench.progress.over(a)


async def test_watching_looks_at_the_platforms_that_are_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another one left has no courier; and with the watching end the words that are under way."""
    monkeypatch.setattr("bot.progress._LOOK_S", 0)
    [a] = await accepted(bench, 1)
    slack = GenerationId("slack:T1:1")
    bench.courier.gate = asyncio.Event()
    with capture_logs() as logs:
        watching = asyncio.create_task(bench.progress.watch(lambda: {"discord": [a], "slack": [slack]}))
        async with asyncio.timeout(5):
            while not bench.courier.inside:  # noqa: ASYNC110 - nothing to wait for but the fake
                await asyncio.sleep(0)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
    assert (bench.courier.begun, bench.courier.inside, bench.told, logs) == (1, 0, [], [])
