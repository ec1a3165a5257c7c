"""A generation's way from one state to the next: fenced by state and attempt, and never back."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ACCOUNT, RESULT, SPACE, START_MS
from stores import accept, begin, claimed, limits, ordered, row_of, rows_of, total_charged

from bot.model import Drawing, Generation, GenerationId, Picture, Reason, Result, State
from bot.store import Generations
from bot.store.database import SqliteDatabase, open_sqlite

LATER_MS = START_MS + 5_000
DRAWING = Drawing(url="https://pictures.example/0?Signature=s", revised="a red fox, revised", request_id="r-0")

Step = Callable[[Generations, Generation], Awaitable[object]]

STEPS: dict[str, Step] = {
    "begin": lambda store, job: store.begin(job),
    "cancel": lambda store, job: store.cancel(job.id),
    "keep_picture": lambda store, job: store.keep_picture(job, 1, DRAWING),
    "keep_file": lambda store, job: store.keep_file(job, 0, "F1"),
    "delivering": lambda store, job: store.delivering(job, charge=job.asked),
    "delivered": lambda store, job: store.delivered(job, now_ms=LATER_MS, result=RESULT),
    "refund": lambda store, job: store.refund(job, Reason.SERVICE_BROKEN),
    "told": lambda store, job: store.told(job, now_ms=LATER_MS),
}

# Which steps a run may take from each state; whatever is missing here changes nothing.
ALLOWED: dict[State, set[str]] = {
    State.QUEUED: {"begin", "cancel", "refund"},
    State.RUNNING: {"begin", "keep_picture", "delivering", "refund"},
    State.DELIVERING: {"keep_file", "delivering", "delivered", "refund"},
    State.DELIVERED: set(),
    State.REFUNDED: {"told"},
}


async def job_in(state: State, store: Generations) -> Generation:
    """A generation of four credits and two pictures, brought to `state`, as its runner knows it."""
    job = await claimed(store, price=4, count=2, begun=state is not State.QUEUED)
    if state is State.QUEUED:
        return job
    assert await store.keep_picture(job, 0, DRAWING)
    if state in (State.DELIVERING, State.DELIVERED):
        assert await store.delivering(job, charge=4)
    if state is State.DELIVERED:
        assert await store.delivered(job, now_ms=LATER_MS, result=RESULT)
    if state is State.REFUNDED:
        assert await store.refund(job, Reason.SERVICE_BROKEN)
    return job


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("state", State)
async def test_a_step_works_from_its_own_states_alone(
    database: SqliteDatabase, generations: Generations, state: State, name: str
) -> None:
    """From any other state it says so and changes nothing."""
    job = await job_in(state, generations)
    before = await rows_of(database)
    done = await STEPS[name](generations, job)
    assert bool(done) is (name in ALLOWED[state])
    assert bool(done) or await rows_of(database) == before


@pytest.mark.parametrize("name", [name for name in STEPS if name != "cancel"])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("attempt", [0, 2])
async def test_a_run_of_another_attempt_changes_nothing(
    database: SqliteDatabase, generations: Generations, state: State, name: str, attempt: int
) -> None:
    """Neither one that woke up late nor one that was made up."""
    job = await job_in(state, generations)
    before = await rows_of(database)
    assert not await STEPS[name](generations, replace(job, attempt=attempt))
    assert await rows_of(database) == before


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("state", [State.RUNNING, State.DELIVERING, State.REFUNDED])
async def test_a_claim_fences_out_whoever_held_the_row(
    database: SqliteDatabase, generations: Generations, state: State, name: str
) -> None:
    """The late runner changes nothing, and the new one goes on where the row stands."""
    late = await job_in(state, generations)
    job = await begin(generations, late.id)
    assert job is not None
    assert (job.attempt, job.state) == (late.attempt + 1, state)
    before = await rows_of(database)
    assert not await STEPS[name](generations, late)
    assert await rows_of(database) == before
    assert bool(await STEPS[name](generations, job)) is (name in ALLOWED[state])


async def test_a_step_leaves_the_other_rows_alone(database: SqliteDatabase, generations: Generations) -> None:
    """Every transition is of one generation, even where another stands in the same state and attempt."""
    await claimed(generations, 2, price=4)
    bystander = await row_of(database, ordered(2).id)
    job = await claimed(generations, 1, price=4)
    for name in ("begin", "keep_picture", "delivering", "delivered"):
        assert await STEPS[name](generations, job)
    refunded = await claimed(generations, 3)
    for name in ("refund", "told"):
        assert await STEPS[name](generations, refunded)
    assert await row_of(database, ordered(2).id) == bystander


async def test_what_is_called_off_is_a_refund_that_nobody_was_told_of(
    database: SqliteDatabase, generations: Generations
) -> None:
    """The bonus comes back with it, its address stays for the word, and a run that held the row is late."""
    bystander = await claimed(generations, 2, price=4, begun=False)
    job = await claimed(generations, 1, price=4, begun=False)
    await database.fetch("UPDATE generation SET bonus = 3 WHERE id = :id", id=job.id)
    cancelled = await generations.cancel(job.id)
    assert cancelled is not None
    assert (cancelled.state, cancelled.reason) == (State.REFUNDED, Reason.CANCELLED)
    assert (cancelled.asked, cancelled.charged, cancelled.bonus, cancelled.attempt) == (4, 0, 0, job.attempt + 1)
    assert (cancelled.settled_ms, cancelled.address) == (None, job.address)
    before = await rows_of(database)
    for step in STEPS.values():
        assert not await step(generations, job)
    assert await generations.cancel(GenerationId("discord:unknown")) is None
    assert await rows_of(database) == before
    assert await generations.told(cancelled, now_ms=LATER_MS)
    found = await generations.find(bystander.id)
    assert found is not None
    assert (found.state, found.charged, found.attempt) == (State.QUEUED, 4, bystander.attempt)


async def test_one_of_many_who_call_off_and_begin_at_once_does(path: Path) -> None:
    """Over connections of their own, as processes have them: four presses and a run, and one of them wins."""
    async with AsyncExitStack() as stack:
        stores = [Generations(await stack.enter_async_context(open_sqlite(path))) for _ in range(4)]
        for number in range(12):
            job = await claimed(stores[0], number, begun=False)
            cancelling = [asyncio.create_task(stores[n % 4].cancel(job.id)) for n in range(4)]
            begun = await stores[number % 4].begin(job)
            called_off = [one for one in await asyncio.gather(*cancelling) if one is not None]
            assert len(called_off) + begun == 1
            found = await stores[0].find(job.id)
            assert found is not None
            assert found.charged == int(begun)


async def test_settled_rows_are_not_claimed_and_unknown_ones_neither(
    database: SqliteDatabase, generations: Generations
) -> None:
    """Running a command twice ends with the first time."""
    job = await claimed(generations)
    assert await generations.delivering(job, charge=1)
    assert await generations.delivered(job, now_ms=LATER_MS, result=RESULT)
    before = await rows_of(database)
    assert await begin(generations, job.id) is None
    assert await begin(generations, GenerationId("discord:unknown")) is None
    assert await rows_of(database) == before


async def test_a_delivered_row_is_settled_and_forgets_its_address(
    database: SqliteDatabase, generations: Generations
) -> None:
    """The token goes; the charge and the result stay."""
    job = await claimed(generations, price=4)
    assert await generations.delivering(job, charge=4)
    assert (await row_of(database, job.id))["address"] is not None
    assert await generations.delivered(job, now_ms=LATER_MS, result=RESULT)
    row = await row_of(database, job.id)
    assert (row["state"], row["settled"], row["address"], row["charged"]) == ("delivered", LATER_MS, None, 4)
    assert Result.from_json(row["result"]) == RESULT


async def test_a_refunded_row_keeps_its_address_until_the_person_was_told(
    database: SqliteDatabase, generations: Generations
) -> None:
    """A crash between the refund and the telling must not leave anybody without a word."""
    job = await claimed(generations, price=4)
    refunded = await generations.refund(job, Reason.PROMPT_REFUSED)
    assert refunded is not None
    assert (refunded.state, refunded.charged, refunded.asked) == (State.REFUNDED, 0, 4)
    assert refunded.reason is Reason.PROMPT_REFUSED
    assert refunded.address == ordered(1).address
    again = await begin(generations, job.id)
    assert again is not None
    assert (again.state, again.reason, again.address) == (State.REFUNDED, Reason.PROMPT_REFUSED, ordered(1).address)
    assert await generations.told(again, now_ms=LATER_MS)
    row = await row_of(database, job.id)
    assert (row["state"], row["settled"], row["address"], row["charged"]) == ("refunded", LATER_MS, None, 0)
    assert await begin(generations, job.id) is None
    assert not await generations.told(again, now_ms=LATER_MS + 1)
    assert await row_of(database, job.id) == row


@pytest.mark.parametrize("ending", ["delivered", "refunded"])
async def test_a_signed_link_is_wiped_with_the_settling(ending: str, generations: Generations) -> None:
    """Whoever reads the database later can open no picture with it; the revised prompt stays as history."""
    job = await claimed(generations)
    assert await generations.keep_picture(job, 0, DRAWING)
    if ending == "delivered":
        assert await generations.delivering(job, charge=1)
        assert (await generations.pictures(job.id))[0].url == DRAWING.url
        assert await generations.delivered(job, now_ms=LATER_MS, result=RESULT)
    else:
        assert await generations.refund(job, Reason.UNREACHABLE)
        assert (await generations.pictures(job.id))[0].url == DRAWING.url
        assert await generations.told(job, now_ms=LATER_MS)
    [picture] = (await generations.pictures(job.id)).values()
    assert (picture.url, picture.revised) == ("", DRAWING.revised)


async def test_a_late_runner_wipes_no_link_that_is_still_needed(generations: Generations) -> None:
    """Fenced out, it changes nothing: the run that took over downloads the picture."""
    late = await claimed(generations)
    assert await generations.keep_picture(late, 0, DRAWING)
    assert await begin(generations, late.id)
    assert not await generations.delivered(late, now_ms=LATER_MS, result=RESULT)
    assert (await generations.pictures(late.id))[0].url == DRAWING.url


async def test_links_that_a_crash_left_are_wiped_later(database: SqliteDatabase, generations: Generations) -> None:
    """Those of settled rows alone."""
    settled, open_row = await claimed(generations, 1), await claimed(generations, 2)
    for job in (settled, open_row):
        assert await generations.keep_picture(job, 0, DRAWING)
    await database.fetch("UPDATE generation SET settled = 1 WHERE id = :id", id=settled.id)
    await generations.forget_links()
    assert (await generations.pictures(settled.id))[0].url == ""
    assert (await generations.pictures(open_row.id))[0].url == DRAWING.url


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_can_be_kept(generations: Generations, reason: Reason) -> None:
    """What a refund was for survives a restart."""
    job = await claimed(generations)
    refunded = await generations.refund(job, reason)
    assert refunded is not None
    assert refunded.reason is reason


async def test_credits_of_failed_pictures_come_back(database: SqliteDatabase, generations: Generations) -> None:
    """Two of four pictures are charged as two, at once and in every sum."""
    job = await claimed(generations, price=8, count=4)
    delivering = await generations.delivering(job, charge=4)
    assert delivering is not None
    assert (delivering.asked, delivering.charged, delivering.state) == (8, 4, State.DELIVERING)
    usage, _ = await generations.usage(ACCOUNT, SPACE, limits(space=9, total=9))
    assert (usage.own, usage.space, usage.total) == (4, 4, 4)
    assert await accept(generations, ordered(2), within=limits(own=8), price=4)
    assert await total_charged(database) == 8


@pytest.mark.parametrize(
    ("charge", "charged", "bonus"), [(8, 8, 3), (6, 6, 1), (5, 5, 0), (4, 4, 0), (0, 0, 0), (9, 8, 3)]
)
async def test_the_bonus_comes_back_first(
    database: SqliteDatabase, generations: Generations, charge: int, charged: int, bonus: int
) -> None:
    """Of eight credits, three of them bonus, as many bonus ones return as there are to return."""
    job = await claimed(generations, price=8, count=4)
    await database.fetch("UPDATE generation SET bonus = 3 WHERE id = :id", id=job.id)
    delivering = await generations.delivering(job, charge=charge)
    assert delivering is not None
    assert (delivering.charged, delivering.bonus) == (charged, bonus)


async def test_credits_that_came_back_are_never_taken_again(database: SqliteDatabase, generations: Generations) -> None:
    """A later run that can fetch a picture after all goes on, and the person keeps the credits."""
    first = await claimed(generations, price=4, count=2)
    assert await generations.delivering(first, charge=2)
    second = await begin(generations, first.id)
    assert second is not None
    delivering = await generations.delivering(second, charge=4)
    assert delivering is not None
    assert delivering.charged == 2
    assert await generations.delivered(delivering, now_ms=LATER_MS, result=RESULT)
    assert await total_charged(database) == 2


async def test_everything_comes_back_with_a_refund_while_delivering(
    database: SqliteDatabase, generations: Generations
) -> None:
    """Half given back before, the other half now, and the bonus with it."""
    job = await claimed(generations, price=4, count=2)
    await database.fetch("UPDATE generation SET bonus = 4 WHERE id = :id", id=job.id)
    assert await generations.delivering(job, charge=2)
    refunded = await generations.refund(job, Reason.UNREACHABLE)
    assert refunded is not None
    assert (refunded.charged, refunded.bonus, refunded.asked) == (0, 0, 4)
    assert await total_charged(database) == 0


async def test_open_rows_are_those_not_at_their_end(generations: Generations) -> None:
    """Whatever still wants a picture or a word, oldest first: the orphans of a process that died."""
    for number, created_ms in ((4, 40), (1, 10), (3, 30), (2, 20), (5, 50)):
        assert await accept(generations, ordered(number), now_ms=START_MS + created_ms)
    delivered = await begin(generations, ordered(1).id)
    untold = await begin(generations, ordered(2).id)
    told = await begin(generations, ordered(3).id)
    assert delivered
    assert untold
    assert told
    assert await generations.delivering(delivered, charge=1)
    assert await generations.refund(untold, Reason.INTERNAL)
    assert await generations.refund(told, Reason.INTERNAL)
    assert list(await generations.open_ids()) == [ordered(number).id for number in (1, 2, 3, 4, 5)]
    assert await generations.delivered(delivered, now_ms=LATER_MS, result=RESULT)
    assert await generations.told(told, now_ms=LATER_MS)
    assert list(await generations.open_ids()) == [ordered(number).id for number in (2, 4, 5)]


async def test_pictures_are_kept_with_their_files(generations: Generations) -> None:
    """What a restart needs so that nothing is paid or uploaded twice; what the service left out stays unknown."""
    job = await claimed(generations, count=4)
    plain = Drawing(url="https://pictures.example/3", revised=None, request_id=None)
    assert await generations.pictures(job.id) == {}
    assert await generations.keep_picture(job, 3, plain)
    assert await generations.keep_picture(job, 0, DRAWING)
    assert await generations.delivering(job, charge=1)
    assert await generations.keep_file(job, 0, "F1")
    assert await generations.pictures(job.id) == {
        0: Picture(n=0, url=DRAWING.url, revised=DRAWING.revised, request_id="r-0", file_id="F1"),
        3: Picture(n=3, url=plain.url, revised=None, request_id=None),
    }
    assert await generations.pictures(GenerationId("discord:unknown")) == {}


async def test_a_picture_is_kept_once(generations: Generations) -> None:
    """The first answer for a number stays; a second one does not replace it."""
    job = await claimed(generations, count=2)
    assert await generations.keep_picture(job, 0, DRAWING)
    other = Drawing(url="https://pictures.example/other", revised=None, request_id=None)
    assert not await generations.keep_picture(job, 0, other)
    assert (await generations.pictures(job.id))[0].url == DRAWING.url


async def test_the_platform_of_a_row_is_in_its_id(generations: Generations) -> None:
    """A restart knows whose courier delivers, without any column for it."""
    for key, platform in (("discord:1", "discord"), ("slack:T1:13.37.ab", "slack")):
        assert await accept(generations, replace(ordered(1), id=GenerationId(key)))
        job = await begin(generations, GenerationId(key))
        assert job is not None
        assert job.platform == platform
