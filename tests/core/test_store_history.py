"""What people look back at, and what they have kept until they say yes."""

import asyncio
from dataclasses import replace

import pytest
from fakes import ACCOUNT, RESULT, START_MS, order
from stores import accept, begin, claimed, ordered, row_of

from bot.model import Account, Action, Generation, GenerationId, Parent, Reason, Result
from bot.store import Draft, Drafts, Generations, History
from bot.store.database import SqliteDatabase

OTHER = Account("discord:1:3")


@pytest.fixture
def history(database: SqliteDatabase) -> History:
    return History(database)


@pytest.fixture
def drafts(database: SqliteDatabase) -> Drafts:
    return Drafts(database)


async def drawn(
    generations: Generations,
    number: int,
    *,
    account: Account = ACCOUNT,
    prompt: str = "a red fox",
    created_ms: int | None = None,
) -> Generation:
    """Command `number`, delivered; each is a millisecond later than the one before."""
    command = order(number, account=account, prompt=prompt)
    assert await accept(generations, command, now_ms=START_MS + number if created_ms is None else created_ms)
    job = await begin(generations, command.id)
    assert job is not None
    job = await generations.delivering(job, charge=1)
    assert job is not None
    assert await generations.delivered(job, now_ms=START_MS + 1000, result=RESULT)
    return job


async def shown(
    history: History, *, page: int = 1, size: int = 4, account: Account = ACCOUNT
) -> tuple[list[str], bool]:
    entries, more = await history.page(account, page=page, size=size)
    return [entry.id for entry in entries], more


def ids(*numbers: int) -> list[str]:
    return [ordered(number).id for number in numbers]


async def test_a_page_is_ones_own_pictures_newest_first(generations: Generations, history: History) -> None:
    """Each is on one page, and the last page knows that it is the last."""
    assert await shown(history) == ([], False)
    for number in range(1, 10):
        await drawn(generations, number)
    await drawn(generations, 10, account=OTHER)
    assert await shown(history) == (ids(9, 8, 7, 6), True)
    assert await shown(history, page=2) == (ids(5, 4, 3, 2), True)
    assert await shown(history, page=3) == (ids(1), False)
    assert await shown(history, page=4) == ([], False)
    assert await shown(history, size=9) == (ids(*range(9, 0, -1)), False)


async def test_pages_agree_on_pictures_of_one_moment(generations: Generations, history: History) -> None:
    """None is shown twice, and none is left out."""
    for number in range(1, 9):
        await drawn(generations, number, created_ms=START_MS)
    pages = [await shown(history, page=page, size=3) for page in (1, 2, 3)]
    assert sorted(one for page, _ in pages for one in page) == sorted(ids(*range(1, 9)))


async def test_only_what_was_drawn_and_is_there_is_shown(
    database: SqliteDatabase, generations: Generations, history: History
) -> None:
    """Not what waits, was refunded, deleted or erased."""
    await claimed(generations, 1)
    refunded = await claimed(generations, 2)
    assert await generations.refund(refunded, Reason.SERVICE_BROKEN)
    assert await generations.told(refunded, now_ms=START_MS)
    await drawn(generations, 3)
    await drawn(generations, 4)
    await drawn(generations, 5)
    assert await history.deleted(ordered(4).id, now_ms=START_MS)
    await database.fetch("UPDATE generation SET result = NULL WHERE id = :id", id=ordered(5).id)
    assert await shown(history) == (ids(3), False)
    assert [one.id for one in await history.recent(limit=9, since_ms=0)] == ids(4, 3)


async def test_an_entry_has_all_that_is_shown_of_it(generations: Generations, history: History) -> None:
    """Where it stands, how it was asked for, and what it cost."""
    await drawn(generations, 1, prompt="ein „Fuchs“ 🦊")
    [[entry], _] = await history.page(ACCOUNT, page=1, size=4)
    assert (entry.request.prompt, entry.charged, entry.result) == ("ein „Fuchs“ 🦊", 1, RESULT)
    assert (entry.settled_ms, entry.deleted_ms, entry.shared_ms) == (START_MS + 1000, None, None)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('{"pictures": 1, "failed": 0, "took_ms": 5}', Result(pictures=1, failed=0, took_ms=5)),
        (
            '{"pictures": 1, "failed": 0, "took_ms": 5, "drew_ms": 3, "receipt": null}',
            Result(pictures=1, failed=0, took_ms=5, drew_ms=3),
        ),
    ],
)
async def test_results_of_earlier_versions_can_be_read(text: str, result: Result) -> None:
    """They had no receipt."""
    assert Result.from_json(text) == result
    assert Result.from_json(result.to_json()) == result


async def test_prompts_are_the_last_ones_each_once(generations: Generations, history: History) -> None:
    """As often as somebody asked for one, it is one suggestion, at the place of its last time."""
    for number, prompt in enumerate(["a fox", "a dog", "a fox", "a cat", "a dog"], start=1):
        await drawn(generations, number, prompt=prompt)
    await drawn(generations, 9, account=OTHER, prompt="somebody else's")
    assert await history.prompts(ACCOUNT, limit=50) == ["a dog", "a cat", "a fox"]
    assert await history.prompts(ACCOUNT, limit=2) == ["a dog", "a cat"]


async def test_what_was_drawn_lately_is_anybodys(generations: Generations, history: History) -> None:
    """The newest first, and nothing older than asked for."""
    for number in range(1, 6):
        await drawn(generations, number, account=(ACCOUNT, OTHER)[number % 2])
    assert [one.id for one in await history.recent(limit=3, since_ms=0)] == ids(5, 4, 3)
    assert [one.id for one in await history.recent(limit=9, since_ms=START_MS + 4)] == ids(5, 4)


async def test_a_message_is_deleted_once(database: SqliteDatabase, generations: Generations, history: History) -> None:
    """Its first moment stays; what is not at its end, or not there, has no message to delete."""
    await drawn(generations, 1)
    waiting = await claimed(generations, 2)
    assert await history.deleted(ordered(1).id, now_ms=5)
    assert not await history.deleted(ordered(1).id, now_ms=9)
    assert not await history.deleted(waiting.id, now_ms=5)
    assert not await history.deleted(GenerationId("discord:unknown"), now_ms=5)
    assert [(await row_of(database, ordered(n).id))["deleted"] for n in (1, 2)] == [5, None]
    assert (await row_of(database, ordered(1).id))["charged"] == 1


async def test_a_picture_is_shared_once_whoever_presses(generations: Generations, history: History) -> None:
    """Of many presses one shares; taken back it may be tried again."""
    await drawn(generations, 1)
    [one] = ids(1)
    id = GenerationId(one)  # noqa: A001 - the field's own name
    assert sum(await asyncio.gather(*(history.share(id, now_ms=n) for n in range(8)))) == 1
    await history.unshare(id)
    assert await history.share(id, now_ms=9)
    found = await generations.find(id)
    assert found is not None
    assert found.shared_ms == 9


async def test_only_what_stands_somewhere_is_shared(generations: Generations, history: History) -> None:
    """Neither what is being drawn nor what was deleted."""
    waiting = await claimed(generations, 1)
    await drawn(generations, 2)
    assert await history.deleted(ordered(2).id, now_ms=5)
    for id in (waiting.id, ordered(2).id, GenerationId("discord:unknown")):  # noqa: A001 - the field's own name
        assert not await history.share(id, now_ms=9)


def draft(number: int = 1) -> Draft:
    return Draft(account=ACCOUNT, request=order(number).request)


async def test_a_draft_is_kept_as_it_was_first_asked_for(drafts: Drafts) -> None:
    """With what it was edited from; the same command sent twice changes nothing."""
    edited = replace(draft(), parent=Parent(id=ordered(9).id, action=Action.EDIT))
    await drafts.keep(ordered(1).id, edited, now_ms=START_MS)
    await drafts.keep(ordered(1).id, replace(draft(), account=OTHER), now_ms=START_MS)
    assert await drafts.find(ordered(1).id) == edited
    await drafts.keep(ordered(2).id, draft(2), now_ms=START_MS)
    assert await drafts.find(ordered(2).id) == draft(2)
    assert await drafts.find(ordered(3).id) is None


async def test_a_draft_is_dropped_once_and_not_after_the_yes(generations: Generations, drafts: Drafts) -> None:
    """What is being drawn cannot be said to have been discarded."""
    for number in (1, 2):
        await drafts.keep(ordered(number).id, draft(number), now_ms=START_MS)
    assert await accept(generations, ordered(2))
    assert [await drafts.drop(ordered(number).id) for number in (1, 1, 2)] == [True, False, False]
    assert await drafts.find(ordered(1).id) is None
    assert await drafts.find(ordered(2).id) is not None


async def test_drafts_that_nobody_answered_are_let_go(drafts: Drafts) -> None:
    """Those from before a moment alone."""
    for number in (1, 2, 3):
        await drafts.keep(ordered(number).id, draft(number), now_ms=START_MS + number)
    await drafts.forget(before_ms=START_MS + 2)
    kept = [number for number in (1, 2, 3) if await drafts.find(ordered(number).id) is not None]
    assert kept == [2, 3]
