"""An accepted command is drawn and delivered, or refunded and told: the image service's side."""

from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fakes import MEMBER, PNG, Workshop, open_workshop, order

from bot.errors import (
    AllocationSpent,
    DownloadFailed,
    Fault,
    OperatorNeeded,
    PictureTooLarge,
    PictureUnusable,
    PromptRefused,
    RequestRejected,
    ServiceBroken,
    ServiceBusy,
)
from bot.model import GenerationId, Reason


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path) as shop:
        yield shop


async def assert_delivered(shop: Workshop, id: GenerationId, *, charged: int) -> None:
    """One message, one charge, and nothing left that could reach the person."""
    row = await shop.row(id)
    assert (row["state"], row["charged"], row["address"]) == ("delivered", charged, None)
    assert row["settled"] is not None
    assert list(shop.courier.messages) == [id]
    assert not shop.courier.told


async def assert_refunded(shop: Workshop, id: GenerationId, reason: Reason) -> None:
    """Told once, charged nothing, and settled."""
    row = await shop.row(id)
    assert (row["state"], row["charged"], row["bonus"], row["reason"]) == ("refunded", 0, 0, reason)
    assert (row["settled"] is not None, row["address"]) == (True, None)
    assert shop.courier.told == {id: reason}
    assert (await shop.quotas.balance(MEMBER)).used == 0


async def test_draws_delivers_and_charges(shop: Workshop) -> None:
    """One picture, one message that carries it, one credit."""
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=1)
    delivery = shop.courier.messages[done.id]
    [picture] = delivery.pictures
    assert (picture.n, picture.seed, picture.png[: len(PNG)]) == (0, 7, PNG)
    assert (delivery.failed, delivery.balance.left) == (0, 19)
    assert delivery.generation.address == {"channel": "3", "token": "interaction-token"}


async def test_keeps_the_revised_prompt(shop: Workshop) -> None:
    """The rewritten prompt travels with its picture, and the request id stays for the operator."""
    done = await shop.accept(order(extend=True))
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=2)
    assert shop.courier.messages[done.id].pictures[0].revised == "a red fox, revised"
    kept = (await shop.generations.pictures(done.id))[0]
    assert (kept.revised, kept.request_id) == ("a red fox, revised", "r-0")


async def test_draws_each_picture_with_its_own_seed(shop: Workshop) -> None:
    """Four pictures, four calls, one message, in their order."""
    done = await shop.accept(order(count=4))
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=4)
    assert sorted(shop.model.drawn) == [0, 1, 2, 3]
    assert [(p.n, p.seed) for p in shop.courier.messages[done.id].pictures] == [(0, 7), (1, 8), (2, 9), (3, 10)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (PromptRefused, Reason.PROMPT_REFUSED),
        (RequestRejected, Reason.REQUEST_REJECTED),
        (OperatorNeeded, Reason.OPERATOR_NEEDED),
    ],
)
async def test_refunds_at_once_what_no_second_try_mends(shop: Workshop, fault: type[Fault], reason: Reason) -> None:
    """One call, the credit back, and the person told why."""
    shop.model.refused[0] = fault("no")
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, reason)
    assert len(shop.model.called_ms) == 1
    assert not shop.courier.messages


async def test_waits_as_long_as_the_service_asks(shop: Workshop) -> None:
    """A pause of 40 s is kept, and then the picture is drawn."""
    shop.model.draws.append(ServiceBusy("busy", retry_after_s=40))
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=1)
    first_ms, second_ms = shop.model.called_ms
    assert second_ms - first_ms >= 40_000


async def test_what_one_call_is_told_holds_for_every_process(shop: Workshop) -> None:
    """The pause is the account's: nobody's next call leaves before it is over."""
    started_ms = shop.clock.now_ms()
    shop.model.draws.append(ServiceBusy("busy", retry_after_s=40, final=True))
    await shop.studio.run((await shop.accept(order())).id)
    assert await shop.throttle.reserve(now_ms=started_ms, before_ms=started_ms + 40_000) is None


async def test_waits_for_a_busy_service_as_long_as_the_row_may_live(shop: Workshop) -> None:
    """Ten refusals for lack of room are no reason to give up."""
    shop.model.draws.extend(ServiceBusy("busy") for _ in range(10))
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=1)
    assert len(shop.model.called_ms) == 11


@pytest.mark.parametrize(
    ("fault", "calls", "reason"),
    [
        (ServiceBroken, 4, Reason.SERVICE_BROKEN),
        (AllocationSpent, 2, Reason.OPERATOR_NEEDED),
    ],
)
async def test_gives_up_after_the_tries_of_its_kind(
    shop: Workshop, fault: type[Fault], calls: int, reason: Reason
) -> None:
    """A service that stays broken ends in a refund, not in an endless loop."""
    shop.model.refused[0] = fault("broken")
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, reason)
    assert len(shop.model.called_ms) == calls


async def test_the_try_after_a_spent_allocation_is_a_slow_one(shop: Workshop) -> None:
    """A burst limit needs time to pass before it can be told from an empty account."""
    shop.model.draws.append(AllocationSpent("spent"))
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=1)
    first_ms, second_ms = shop.model.called_ms
    assert second_ms - first_ms >= 10_000


async def test_a_long_queue_uses_up_no_tries_of_a_broken_answer(shop: Workshop) -> None:
    """Five times busy, then once broken: that is the first time that it is broken."""
    shop.model.draws.extend([*(ServiceBusy("busy") for _ in range(5)), ServiceBroken("once")])
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=1)


async def test_a_final_fault_is_not_tried_again(shop: Workshop) -> None:
    """The service has said that no further try helps."""
    shop.model.draws.append(ServiceBusy("busy", final=True))
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, Reason.SERVICE_BUSY)


async def test_refunds_when_the_service_stays_busy_until_the_deadline(shop: Workshop) -> None:
    """The wait ends before the deadline, never after it."""
    shop.model.refused[0] = ServiceBusy("busy")
    done = await shop.accept(order(), deadline_s=60)
    accepted_ms = shop.clock.now_ms()
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, Reason.SERVICE_BUSY)
    assert shop.clock.now_ms() <= accepted_ms + 60_000


async def test_does_not_draw_past_the_deadline(shop: Workshop) -> None:
    """A row that was found too late is refunded and told."""
    done = await shop.accept(order(), deadline_s=60)
    shop.clock.advance(60)
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, Reason.DEADLINE_PASSED)
    assert not shop.model.called_ms


async def test_does_not_wait_for_a_call_past_the_deadline(shop: Workshop) -> None:
    """Where the shared throttle has no room before the deadline, the picture is neither waited for nor paid."""
    await shop.throttle.hold(until_ms=shop.clock.now_ms() + 61_000)
    done = await shop.accept(order(), deadline_s=60)
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, Reason.SERVICE_BUSY)
    assert (shop.model.called_ms, shop.clock.sleeps) == ([], [])


async def test_waits_for_its_turn_in_the_shared_throttle(shop: Workshop) -> None:
    """A call leaves when its moment has come, not before; 120 a minute are half a second apart."""
    free_ms = shop.clock.now_ms() + 10_000
    await shop.throttle.hold(until_ms=free_ms)
    for number in range(3):
        await shop.studio.run((await shop.accept(order(number))).id)
    first_ms, second_ms, third_ms = shop.model.called_ms
    assert first_ms >= free_ms
    assert second_ms - first_ms >= 500
    assert third_ms - second_ms >= 500


@pytest.mark.parametrize(("refused", "charged"), [({2}, 3), ({0, 3}, 2), ({0, 1, 2}, 1)])
async def test_charges_for_the_pictures_that_came(shop: Workshop, refused: set[int], charged: int) -> None:
    """What failed for good is given back, and the message says how many those are."""
    shop.model.refused.update({n: PromptRefused("no") for n in refused})
    done = await shop.accept(order(count=4))
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=charged)
    delivery = shop.courier.messages[done.id]
    assert {picture.n for picture in delivery.pictures} == {0, 1, 2, 3} - refused
    assert (delivery.failed, delivery.generation.charged) == (len(refused), charged)
    assert delivery.balance.left == 20 - charged


async def test_a_picture_of_two_credits_comes_back_with_both(shop: Workshop) -> None:
    """Half of the pictures cost half of the price."""
    shop.model.refused[1] = PromptRefused("no")
    done = await shop.accept(order(count=2, extend=True))
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=2)


async def test_refunds_when_every_picture_fails(shop: Workshop) -> None:
    """No picture, no charge, no message with none."""
    shop.model.refused.update({n: PromptRefused("no") for n in range(3)})
    done = await shop.accept(order(count=3))
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, Reason.PROMPT_REFUSED)


async def test_fetches_again_without_paying_again(shop: Workshop) -> None:
    """A download that fails leaves the drawing as good as it was."""
    shop.model.fetches.extend([DownloadFailed("cut off"), DownloadFailed("cut off")])
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_delivered(shop, done.id, charged=1)
    assert (shop.model.drawn, len(shop.model.fetched)) == ([0], 3)


@pytest.mark.parametrize(
    ("fault", "reason", "fetches"),
    [
        (DownloadFailed, Reason.SERVICE_BROKEN, 6),
        (PictureUnusable, Reason.PICTURE_UNUSABLE, 1),
        (PictureTooLarge, Reason.PICTURE_TOO_LARGE, 1),
    ],
)
async def test_refunds_a_picture_that_cannot_be_fetched(
    shop: Workshop, fault: type[Fault], reason: Reason, fetches: int
) -> None:
    """Paid by us, not by the person."""
    shop.model.fetches = deque([fault("gone")] * 10)
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, reason)
    assert (shop.model.drawn, len(shop.model.fetched)) == ([0], fetches)


@pytest.mark.parametrize("count", [1, 3])
async def test_a_defect_of_the_model_ends_in_a_refund(shop: Workshop, count: int) -> None:
    """An exception that is no fault strands nothing, and leaves no drawing behind that still goes on."""
    shop.model.draws.append(ZeroDivisionError("a defect"))
    done = await shop.accept(order(count=count))
    await shop.studio.run(done.id)
    await assert_refunded(shop, done.id, Reason.INTERNAL)


async def test_an_unknown_or_settled_generation_is_nothing_to_do(shop: Workshop) -> None:
    """A job that comes late, or never was, changes nothing."""
    done = await shop.accept(order())
    await shop.studio.run(done.id)
    before = await shop.row(done.id)
    await shop.studio.run(done.id)
    await shop.studio.run(GenerationId("discord:nobody"))
    assert await shop.row(done.id) == before
    assert len(shop.courier.delivered) == 1


async def test_a_free_picture_is_drawn_like_any_other(shop: Workshop) -> None:
    """A price of nothing is a price."""
    free = order()
    now_ms = shop.clock.now_ms()
    limits = (await shop.quotas.standing(MEMBER)).limits
    accepted = await shop.generations.accept(free, limits=limits, price=0, now_ms=now_ms, deadline_ms=now_ms + 60_000)
    assert accepted
    await shop.studio.run(free.id)
    await assert_delivered(shop, free.id, charged=0)
