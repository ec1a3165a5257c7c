"""While a command waits: called off for its credits, and asked after."""

import asyncio

from desk import ME, WORDS, Desk, says
from fakes import ACCOUNT, order

from adapters.responses import Cancelled, Replaced, Waiting
from bot.model import GenerationId, Reason, State


async def waiting(desk: Desk, *numbers: int) -> list[GenerationId]:
    """Commands that wait in the queue; the runner is held, so that none is taken."""
    ids = [(await desk.shop.accept(order(number, count=2))).id for number in numbers]
    desk.runner._draining = True  # noqa: SLF001 - waits as behind a full house
    for one in ids:
        desk.runner.start(one, ACCOUNT)
    return ids


async def test_what_waits_is_called_off(desk: Desk) -> None:
    """The credits are back at once, it leaves the queue, and is settled once the person was told."""
    one, two = await waiting(desk, 1, 2)
    reply = await desk.actions.cancel(desk.pressed(one))
    assert reply == Cancelled(id=one, sentence=WORDS.cancelled(back="Your 2 credits are back."))
    assert desk.runner.waiting() == {"discord": [two]}
    row = await desk.found(one)
    assert (row.state, row.charged, row.reason, row.settled_ms) == (State.REFUNDED, 0, Reason.CANCELLED, None)
    assert says(await desk.actions.cancel(desk.pressed(one))) == WORDS.ended(Reason.CANCELLED, credits=2)
    await desk.actions.settle(one)
    assert (await desk.found(one)).settled_ms is not None
    assert desk.shop.courier.tried == []


async def test_many_presses_of_cancel_give_back_once(desk: Desk) -> None:
    """One is told so, and the others that it was called off before."""
    [one] = await waiting(desk, 1)
    replies = await asyncio.gather(*(desk.actions.cancel(desk.pressed(one)) for _ in range(8)))
    assert [type(reply) for reply in replies].count(Cancelled) == 1
    before = WORDS.ended(Reason.CANCELLED, credits=2)
    assert [says(reply) for reply in replies if not isinstance(reply, Cancelled)] == [before] * 7
    assert (await desk.shop.quotas.balance(ME.member)).used == 0


async def test_what_is_drawn_is_not_called_off(desk: Desk) -> None:
    """It is paid for by then."""
    of = await desk.drawn()
    before = await desk.rows()
    assert await desk.actions.cancel(desk.pressed(of.id)) == Replaced(sentence=WORDS.too_late())
    assert await desk.rows() == before


async def test_whoever_waits_may_ask_where_they_stand(desk: Desk) -> None:
    """In the queue, being drawn, and at the end of it."""
    _, two = await waiting(desk, 1, 2)
    assert await desk.actions.waiting(desk.pressed(two)) == Waiting(
        id=two, sentence=("Waiting … 1 command is ahead of yours.",), cancellable=True
    )
    job = await desk.shop.generations.claim(two)
    assert job is not None
    assert await desk.shop.generations.begin(job)
    assert await desk.actions.waiting(desk.pressed(two)) == Waiting(
        id=two, sentence=WORDS.drawing_now(), cancellable=False
    )
    await desk.shop.studio.run(two)
    assert await desk.actions.waiting(desk.pressed(two)) == Replaced(sentence=WORDS.finished())
