"""A command that is called off, or drawn while its person looks on: what is paid, said and kept."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from fakes import ACCOUNT, MEMBER, RECEIPT, Crash, Life, Workshop, open_workshop, order

from bot.errors import DatabaseFailed, ServiceBroken
from bot.model import Action, Generation, GenerationId, Outlook, Parent, Reason, State
from bot.runners.local import LocalRunner


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, own=None) as shop:
        yield shop


async def found(shop: Workshop, id: GenerationId) -> Generation:
    row = await shop.generations.find(id)
    assert row is not None
    return row


@dataclass(kw_only=True)
class PressingLife(Life):
    """Has somebody press Cancel at step `at`, beside what the process does there."""

    at: int
    press: Callable[[], Coroutine[None, None, Generation | None]]
    pressing: asyncio.Task[Generation | None] | None = None

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            self.pressing = asyncio.create_task(self.press())


async def press_cancel(shop: Workshop, id: GenerationId) -> Generation | None:
    """What a press does, and the answer to it."""
    cancelled = await shop.studio.cancel(id)
    if cancelled is not None:
        await shop.studio.settle(id)
    return cancelled


async def test_cancelling_at_any_step_of_a_run_is_one_of_two_ends(shop: Workshop) -> None:
    """Whoever is first, the person's press or the run's call: charged equals delivered, and they are told once."""
    ends = list[bool]()
    for at in count(1):
        shop.courier.delivered.clear()
        shop.model.drawn.clear()
        placed = await shop.accept(order(at))
        life = PressingLife(at=at, press=partial(press_cancel, shop, placed.id))
        shop.life.step = life.step  # type: ignore[method-assign]
        await shop.studio.run(placed.id)
        if life.pressing is None:
            break
        cancelled = await life.pressing
        row = await found(shop, placed.id)
        assert (row.state is State.REFUNDED) == (cancelled is not None)
        assert row.charged == len(shop.courier.delivered) == len(shop.model.drawn) == (0 if cancelled else 1)
        assert shop.courier.told == {}
        assert list(await shop.generations.open_ids()) == []
        ends.append(cancelled is not None)
    # Once it is too late it stays so.
    assert ends == sorted(ends, reverse=True)
    assert set(ends) == {True, False}


async def test_a_run_is_cut_at_any_step_where_it_was_called_off(shop: Workshop, tmp_path: Path) -> None:
    """The runner ends it wherever it is, and what it has written already changes neither end."""
    ends = list[bool]()
    async with LocalRunner(
        studio=shop.studio, generations=shop.generations, clock=shop.clock, lock=tmp_path / "lock"
    ) as runner:

        async def press(id: GenerationId) -> Generation | None:
            cancelled = await shop.studio.cancel(id)
            if cancelled is not None:
                runner.withdraw(id)
                await shop.studio.settle(id)
            return cancelled

        for at in count(1):
            shop.courier.delivered.clear()
            shop.model.drawn.clear()
            placed = await shop.accept(order(at))
            life = PressingLife(at=at, press=partial(press, placed.id))
            shop.life.step = life.step  # type: ignore[method-assign]
            runner.start(placed.id, ACCOUNT)
            async with asyncio.timeout(10):
                while await shop.generations.open_ids():
                    pass
            if life.pressing is None:
                break
            cancelled = await life.pressing
            row = await found(shop, placed.id)
            assert row.settled_ms is not None
            assert row.charged == len(shop.courier.delivered) == len(shop.model.drawn) == (0 if cancelled else 1)
            assert shop.courier.told == {}
            ends.append(cancelled is not None)
    assert set(ends) == {True, False}


async def test_what_was_called_off_is_told_by_the_press_alone(shop: Workshop) -> None:
    """A run that starts between the press and its answer says nothing."""
    placed = await shop.accept(order())
    assert await shop.studio.cancel(placed.id)
    await shop.studio.run(placed.id)
    assert (shop.courier.tried, shop.model.called_ms) == ([], [])
    await shop.studio.settle(placed.id)
    row = await found(shop, placed.id)
    assert (row.state, row.charged, row.reason, row.address) == (State.REFUNDED, 0, Reason.CANCELLED, {})
    assert row.settled_ms is not None
    assert (await shop.quotas.balance(MEMBER)).used == 0


async def test_a_second_press_does_not_have_it_told_again(shop: Workshop) -> None:
    """It is too late for that one; the first is still being answered when a run looks at the row."""
    placed = await shop.accept(order())
    assert await shop.studio.cancel(placed.id)
    assert await shop.studio.cancel(placed.id) is None
    await shop.studio.run(placed.id)
    assert shop.courier.tried == []


@pytest.mark.parametrize("answered", [True, False])
async def test_what_was_called_off_is_settled_once_the_database_lets_it(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, *, answered: bool
) -> None:
    """Else it would count as waiting, and keep its button from being pressed again, until the next start."""
    placed = await shop.accept(order())
    assert await shop.studio.cancel(placed.id)
    told, failures = shop.generations.told, [DatabaseFailed("disk full"), DatabaseFailed("disk full")]

    async def failing(job: Generation, *, now_ms: int) -> bool:
        if failures:
            raise failures.pop()
        return await told(job, now_ms=now_ms)

    monkeypatch.setattr(shop.generations, "told", failing)
    await (shop.studio.settle if answered else shop.studio.untold)(placed.id)
    assert list(await shop.generations.open_ids()) == []
    assert bool(shop.courier.told) is not answered


async def test_no_word_comes_after_the_cancelling(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on its way arrives first: it would put the place in the queue over the answer to the press."""
    placed = await shop.accept(order())
    under_way, gate = asyncio.Event(), asyncio.Event()

    async def carry(generation: Generation, outlook: Outlook | None) -> None:
        under_way.set()
        await gate.wait()
        shop.courier.progressed.append((generation.id, outlook))

    monkeypatch.setattr(shop.courier, "progress", carry)
    progress = shop.studio._progress  # noqa: SLF001
    progress.look([placed.id])
    async with asyncio.timeout(5):
        await under_way.wait()
    cancelling = asyncio.create_task(shop.studio.cancel(placed.id))
    while (await found(shop, placed.id)).state is State.QUEUED:
        pass
    await asyncio.sleep(0)
    assert not cancelling.done()
    gate.set()
    assert await cancelling is not None
    assert shop.courier.progressed == [(placed.id, Outlook(ahead=0, ready_ms=None))]


async def test_a_crash_before_the_answer_has_it_told_by_the_next_start(tmp_path: Path) -> None:
    """Wherever the process dies between the press and the settling: credits back, and a word if none was settled."""
    for at in count(1):
        folder = tmp_path / str(at)
        folder.mkdir()
        async with open_workshop(folder) as shop:
            placed = await shop.accept(order())
            shop.life.steps, shop.life.until = 0, at
            try:
                if await shop.studio.cancel(placed.id):
                    await shop.studio.settle(placed.id)
                crashed = False
            except Crash:
                crashed = True
            shop.life.until = None
            before = await found(shop, placed.id)
            # Another process: it knows nothing of who called what off.
            shop.studio._called_off.clear()  # noqa: SLF001
            async with LocalRunner(
                studio=shop.studio, generations=shop.generations, clock=shop.clock, lock=folder / "lock"
            ) as runner:
                await runner.recover()
                async with asyncio.timeout(10):
                    while await shop.generations.open_ids():
                        pass
            row = await found(shop, placed.id)
            if before.state is State.QUEUED:
                assert (row.state, row.charged, len(shop.courier.delivered)) == (State.DELIVERED, 1, 1)
            else:
                assert (row.state, row.charged, shop.model.drawn) == (State.REFUNDED, 0, [])
                told = {} if before.settled_ms is not None else {placed.id: Reason.CANCELLED}
                assert shop.courier.told == told
            if not crashed:
                break
    assert at > 6


async def test_a_run_that_waits_for_its_call_is_called_off(shop: Workshop) -> None:
    """It never calls the service, tells nobody, and the credits are back once."""
    placed = await shop.accept(order(count=2))
    waiting = asyncio.Event()
    go = asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds >= 0
        waiting.set()
        await go.wait()

    shop.clock.sleep = sleep  # type: ignore[method-assign]
    run = asyncio.create_task(shop.studio.run(placed.id))
    async with asyncio.timeout(5):
        await waiting.wait()
    cancelled = await shop.studio.cancel(placed.id)
    assert cancelled is not None
    assert (cancelled.asked, cancelled.charged) == (2, 0)
    assert await shop.studio.cancel(placed.id) is None
    await shop.studio.settle(placed.id)
    go.set()
    await run
    row = await found(shop, placed.id)
    assert (row.state, row.charged) == (State.REFUNDED, 0)
    assert (shop.model.called_ms, shop.courier.tried) == ([], [])


@pytest.mark.parametrize("moment", ["drawing", "between two tries", "delivered", "refunded"])
async def test_what_has_begun_is_not_called_off(shop: Workshop, moment: str) -> None:
    """From its first call on the service is paid, also while the next try is waited for."""
    placed = await shop.accept(order())
    seen: list[Generation | None] = []

    async def press() -> None:
        seen.append(await shop.studio.cancel(placed.id))

    if moment == "drawing":
        shop.model.meanwhile = press
    elif moment == "between two tries":
        shop.model.draws.append(ServiceBroken("once"))
        slept = shop.clock.sleep

        async def sleep(seconds: float) -> None:
            if shop.model.called_ms:
                await press()
            await slept(seconds)

        shop.clock.sleep = sleep  # type: ignore[method-assign]
    elif moment == "refunded":
        await shop.studio.abandon(placed.id, Reason.UNREACHABLE)
    await shop.studio.run(placed.id)
    if moment in ("delivered", "refunded"):
        await press()
    assert seen
    assert set(seen) == {None}
    row = await found(shop, placed.id)
    assert row.charged == len(shop.courier.delivered) == (0 if moment == "refunded" else 1)


async def test_a_result_says_where_it_stands_and_how_long_it_took(shop: Workshop) -> None:
    """From the first call to the post, in the row and in what is told to whoever comes next."""
    shop.model.draws.append(ServiceBroken("once"))
    await shop.throttle.hold(until_ms=shop.clock.now_ms() + 30_000)
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    result = (await found(shop, placed.id)).result
    assert result is not None
    assert (result.pictures, result.failed, result.receipt) == (1, 0, RECEIPT)
    # The wait for the call is the queue's; the service's broken answer is its own.
    assert result.drew_ms == shop.clock.now_ms() - shop.model.called_ms[0]
    assert 0 < result.drew_ms <= result.took_ms - 30_000


async def test_what_an_earlier_process_had_drawn_says_nothing_of_the_time(shop: Workshop) -> None:
    """The picture was kept: this process only posts it."""
    placed = await shop.accept(order())
    job = await shop.generations.claim(placed.id)
    assert job is not None
    assert await shop.generations.begin(job)
    assert await shop.generations.keep_picture(job, 0, await shop.model.draw(job.request, n=0))
    await shop.studio.run(placed.id)
    result = (await found(shop, placed.id)).result
    assert result is not None
    assert result.drew_ms is None


async def test_a_delivery_knows_what_it_was_made_of(shop: Workshop) -> None:
    """As the earlier one stands now, with its message; nothing where it was made of nothing, or that is gone."""
    first = await shop.accept(order(1))
    await shop.studio.run(first.id)
    for number, of in ((2, first.id), (3, GenerationId("discord:gone"))):
        parent = Parent(id=of, action=Action.LARGER, n=0)
        placed = await shop.accept(replace(order(number), parent=parent))
        await shop.studio.run(placed.id)
        assert (await found(shop, placed.id)).parent == parent
    one, two, three = (delivery.parent for delivery in shop.courier.delivered)
    assert (one, three) == (None, None)
    assert two == await found(shop, first.id)
    assert two is not None
    assert (two.account, two.result and two.result.receipt) == (ACCOUNT, RECEIPT)


async def test_whoever_cannot_be_answered_is_told_where_they_typed(shop: Workshop) -> None:
    """Once, though a run of it waits for its call meanwhile; and the row comes to its end."""
    placed = await shop.accept(order())
    running = asyncio.create_task(shop.studio.run(placed.id))
    while (await shop.row(placed.id))["attempt"] == 0:  # noqa: ASYNC110 - nothing to wait for but the row
        await asyncio.sleep(0)
    if await shop.studio.cancel(placed.id) is not None:
        await shop.studio.untold(placed.id)
    await running
    row = await shop.row(placed.id)
    assert (row["state"], row["charged"], row["settled"] is None) == ("refunded", 0, False)
    assert shop.courier.told == {placed.id: Reason.CANCELLED}
    assert shop.courier.tried == ["tell"]
    assert not shop.model.drawn
