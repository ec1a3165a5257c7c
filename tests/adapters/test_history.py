"""What somebody has had drawn: page by page, and as prompts to type again."""

from desk import ELSEWHERE, IN_DM, ME, OTHER, WORDS, Desk, says
from fakes import order

from adapters.actions import ENTRIES
from adapters.responses import Page


async def test_history_is_pages_of_a_few(desk: Desk) -> None:
    """Newest first; any number of a page is answered, also one that no page has."""
    ids = []
    for number in range(1, ENTRIES + 2):
        ids.append((await desk.drawn(order(number))).id)
        desk.shop.clock.advance(1)

    async def page(number: int) -> Page:
        read = await desk.actions.history(ME, page=number)
        assert isinstance(read, Page)
        return read

    first, second = await page(1), await page(2)
    assert [[one.id for one in read.entries] for read in (first, second)] == [ids[:0:-1], ids[:1]]
    assert [(read.number, read.more) for read in (first, second)] == [(1, True), (2, False)]
    assert first.entries[0].receipt is not None
    for number in (0, -1, -(10**30)):
        assert await page(number) == first
    assert (await page(10**30)).entries == ()
    for person in (OTHER, IN_DM, ELSEWHERE):
        assert says(await desk.actions.history(person, page=1)) == WORDS.history_empty()


async def test_prompts_that_fit_what_is_typed_are_offered(desk: Desk) -> None:
    """Those that begin with it before those that hold it, the newest first; somebody else's never."""
    for number, prompt in enumerate(["Red fox", "a red dog", "red cat", "blue"], start=1):
        await desk.drawn(order(number, prompt=prompt))
        desk.shop.clock.advance(1)
    assert await desk.actions.prompts(ME, " RED", limit=9) == ["red cat", "Red fox", "a red dog"]
    assert await desk.actions.prompts(ME, "", limit=2) == ["blue", "red cat"]
    assert await desk.actions.prompts(ME, "nothing", limit=9) == []
    assert await desk.actions.prompts(OTHER, "", limit=9) == []
