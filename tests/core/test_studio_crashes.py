"""The process may die at any line: the next one brings the command to its one end, and pays for no picture twice."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from fakes import Crash, Workshop, open_workshop, order
from stores import begin

from bot.errors import PromptRefused, ServiceBroken, Unreachable
from bot.model import Order


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, own=10_000) as shop:
        yield shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the world is like, and how it has to end where nobody crashes."""

    count: int
    prepare: Callable[[Workshop], None]
    ends: str
    charged: int


def _well(_: Workshop) -> None:
    pass


def _one_refused(shop: Workshop) -> None:
    shop.model.refused = {1: PromptRefused("no")}


def _all_refused(shop: Workshop) -> None:
    shop.model.refused = {n: PromptRefused("no") for n in range(4)}


def _first_call_broken(shop: Workshop) -> None:
    shop.model.draws.clear()
    shop.model.draws.append(ServiceBroken("once"))


def _unreachable(shop: Workshop) -> None:
    shop.courier.delivers.clear()
    shop.courier.delivers.extend([Unreachable("gone")] * 9)


STORIES = {
    "one picture": Story(count=1, prepare=_well, ends="delivered", charged=1),
    "three pictures": Story(count=3, prepare=_well, ends="delivered", charged=3),
    "one of two refused": Story(count=2, prepare=_one_refused, ends="delivered", charged=1),
    "all refused": Story(count=2, prepare=_all_refused, ends="refunded", charged=0),
    "broken at first": Story(count=1, prepare=_first_call_broken, ends="delivered", charged=1),
    "nobody to deliver to": Story(count=1, prepare=_unreachable, ends="refunded", charged=0),
}


async def crash(shop: Workshop, placed: Order, *, at: int) -> bool:
    """Run `placed` in a process that dies at step `at`; False where it had come to its end before."""
    shop.life.steps, shop.life.until = 0, at
    try:
        await shop.studio.run(placed.id)
    except Crash:
        return True
    finally:
        shop.life.until = None
    return False


async def assert_ended(shop: Workshop, placed: Order, *, state: str, charged: int) -> None:
    """Settled, charged for what came, and the person has read exactly what the row says."""
    row = await shop.row(placed.id)
    assert (row["state"], row["charged"], row["address"]) == (state, charged, None)
    assert row["settled"] is not None
    assert (placed.id in shop.courier.messages) == (state == "delivered")
    assert (placed.id in shop.courier.told) == (state == "refunded")
    if state == "delivered":
        assert len(shop.courier.messages[placed.id].pictures) == charged


@pytest.mark.parametrize("name", STORIES)
async def test_a_crash_at_any_step_ends_as_if_there_had_been_none(shop: Workshop, name: str) -> None:
    """For every step of the run: die there, start anew, and compare with the ending without a crash."""
    story = STORIES[name]
    for at in count(1):
        story.prepare(shop)
        placed = await shop.accept(order(at, count=story.count))
        crashed = await crash(shop, placed, at=at)
        kept = await shop.generations.pictures(placed.id)
        shop.model.drawn.clear()
        await shop.studio.run(placed.id)
        await assert_ended(shop, placed, state=story.ends, charged=story.charged)
        # What has been answered has been paid for: it is fetched again, never drawn again.
        assert not set(shop.model.drawn) & set(kept)
        if not crashed:
            break
    # Fewer steps than statements in a run would mean that none was counted.
    assert at > 10
    assert list(await shop.generations.open_ids()) == []


async def test_a_crash_at_any_step_of_each_life_still_ends(shop: Workshop) -> None:
    """One process after the other dies one step further than the one before, on the same command."""
    placed = await shop.accept(order(count=2))
    for at in count(1):
        if not await crash(shop, placed, at=at):
            break
        assert at < 200
    await assert_ended(shop, placed, state="delivered", charged=2)
    assert len(shop.model.drawn) <= at


@pytest.mark.parametrize("count_", [1, 2])
async def test_past_the_deadline_a_crashed_run_is_refunded_and_told(shop: Workshop, count_: int) -> None:
    """Wherever it was cut, whatever it had paid: the credits come back, and the person hears of it."""
    for at in count(1):
        placed = await shop.accept(order(at, count=count_), deadline_s=60)
        crashed = await crash(shop, placed, at=at)
        drawn = len(shop.model.drawn)
        shop.clock.advance(61)
        await shop.studio.run(placed.id)
        row = await shop.row(placed.id)
        assert len(shop.model.drawn) == drawn
        assert row["settled"] is not None
        if row["state"] == "refunded":
            assert (row["charged"], row["reason"]) == (0, "deadline_passed")
            assert placed.id in shop.courier.told
        else:
            await assert_ended(shop, placed, state="delivered", charged=count_)
        if not crashed:
            break
    assert list(await shop.generations.open_ids()) == []


async def test_the_charge_never_exceeds_what_stands_in_the_channel(shop: Workshop) -> None:
    """Not even between the crash and the next start: what is delivered was charged before, what is refunded is not."""
    for at in count(1):
        placed = await shop.accept(order(at, count=2))
        crashed = await crash(shop, placed, at=at)
        row = await shop.row(placed.id)
        if row["state"] == "delivered":
            assert placed.id in shop.courier.messages
        if row["state"] == "refunded":
            assert row["charged"] == 0
        await shop.studio.run(placed.id)
        if not crashed:
            break
    rows = await shop.database.fetch("SELECT SUM(charged) AS total FROM generation")
    assert rows[0]["total"] == sum(len(message.pictures) for message in shop.courier.messages.values())


async def test_a_picture_given_up_before_the_crash_is_a_present_after_it(shop: Workshop) -> None:
    """Given back once, it is not charged again where its link works after all, and the row is not stranded."""
    placed = await shop.accept(order(count=2))
    job = await begin(shop.generations, placed.id)
    assert job is not None
    for n in range(2):
        assert await shop.generations.keep_picture(job, n, await shop.model.draw(job.request, n=n))
    assert await shop.generations.delivering(job, charge=1)

    await shop.studio.run(placed.id)
    row = await shop.row(placed.id)
    assert (row["state"], row["charged"]) == ("delivered", 1)
    delivery = shop.courier.messages[placed.id]
    assert (len(delivery.pictures), delivery.failed) == (2, 0)


async def test_a_restart_while_delivering_does_not_draw_what_was_given_back(shop: Workshop) -> None:
    """A picture that failed for good has been paid back: only what is kept is delivered."""
    placed = await shop.accept(order(count=3))
    job = await begin(shop.generations, placed.id)
    assert job is not None
    assert await shop.generations.keep_picture(job, 1, await shop.model.draw(job.request, n=1))
    assert await shop.generations.delivering(job, charge=1)
    shop.model.drawn.clear()

    await shop.studio.run(placed.id)
    assert shop.model.drawn == []
    await assert_ended(shop, placed, state="delivered", charged=1)
    assert shop.courier.messages[placed.id].failed == 2
