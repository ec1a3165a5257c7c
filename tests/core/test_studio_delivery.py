"""An accepted command is delivered, or refunded and told: the chat platform's side, and runs that meet."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import MEMBER, Workshop, open_workshop, order, studio_of

from bot.backoff import Backoff
from bot.errors import DatabaseFailed, Fault, PictureTooLarge, PlatformBusy, Unreachable
from bot.model import GenerationId, Reason
from bot.store import Generations
from bot.store.database import Database, Row
from bot.studio import Studio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path) as shop:
        yield shop


async def ended(shop: Workshop, id: GenerationId) -> tuple[str, int, str | None]:
    """State, charge and reason of a row that is settled and has forgotten where the person is."""
    row = await shop.row(id)
    assert row["settled"] is not None
    assert row["address"] is None
    return row["state"], row["charged"], row["reason"]


async def test_delivers_again_while_the_platform_is_busy(shop: Workshop) -> None:
    """The picture is not drawn again, nor fetched again, and stands there once."""
    shop.courier.delivers.extend([PlatformBusy("503")] * 8)
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("delivered", 1, None)
    assert len(shop.courier.delivered) == 1
    assert (shop.model.drawn, len(shop.model.fetched)) == ([0], 1)


async def test_waits_as_long_as_the_platform_asks(shop: Workshop) -> None:
    """And holds nobody's drawing for it: the throttle is the image service's."""
    shop.courier.delivers.append(PlatformBusy("429", retry_after_s=45))
    placed = await shop.accept(order())
    accepted_ms = shop.clock.now_ms()
    await shop.studio.run(placed.id)
    assert shop.clock.now_ms() >= accepted_ms + 45_000
    assert await shop.throttle.reserve(now_ms=accepted_ms, before_ms=accepted_ms + 45_000) is not None


async def test_refunds_when_the_platform_stays_busy_until_the_deadline(shop: Workshop) -> None:
    """The wait ends before the deadline, and the person is told as soon as they can be."""
    shop.courier.delivers = deque([PlatformBusy("503")] * 10_000)
    placed = await shop.accept(order(), deadline_s=600)
    deadline_ms = shop.clock.now_ms() + 600_000
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert shop.courier.told == {placed.id: Reason.UNREACHABLE}
    assert shop.clock.now_ms() <= deadline_ms


@pytest.mark.parametrize(
    ("fault", "reason"), [(Unreachable, Reason.UNREACHABLE), (PictureTooLarge, Reason.PICTURE_TOO_LARGE)]
)
async def test_refunds_at_once_what_cannot_be_delivered(shop: Workshop, fault: type[Fault], reason: Reason) -> None:
    """One try, every credit back, the person told."""
    shop.courier.delivers.append(fault("no"))
    placed = await shop.accept(order(count=2))
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, reason)
    assert shop.courier.told == {placed.id: reason}
    assert shop.courier.tried == ["deliver", "tell"]


async def test_refunds_the_whole_price_where_a_part_was_given_back_before(shop: Workshop) -> None:
    """One of two refused, then nobody to deliver to: nothing is left charged."""
    shop.model.refused[1] = Unreachable("no")
    shop.courier.delivers.append(Unreachable("no"))
    placed = await shop.accept(order(count=2))
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert (await shop.quotas.balance(MEMBER)).used == 0


async def test_a_defect_of_the_courier_ends_in_a_refund(shop: Workshop) -> None:
    """An exception that is no fault strands nothing."""
    shop.courier.delivers.append(KeyError("channel_id"))
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, "internal")
    assert shop.courier.told == {placed.id: Reason.INTERNAL}


async def test_a_platform_that_is_not_set_up_any_more_is_waited_for(shop: Workshop) -> None:
    """A row of a platform that was taken out of the settings is not drawn: nobody could be told of its end."""
    placed = order()
    slack = await shop.accept(
        type(placed)(
            id=GenerationId("slack:T1:1"),
            account=placed.account,
            space=None,
            request=placed.request,
            address={},
        )
    )
    await shop.studio.run(slack.id)
    assert list(await shop.generations.open_ids()) == [slack.id]
    assert shop.model.drawn == []


async def test_tells_again_while_the_platform_is_busy(shop: Workshop) -> None:
    """The credits are back from the start; the word follows."""
    shop.courier.delivers.append(Unreachable("no"))
    shop.courier.tells.extend([PlatformBusy("503", retry_after_s=20), PlatformBusy("503")])
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert shop.courier.told == {placed.id: Reason.UNREACHABLE}
    assert max(shop.clock.sleeps) >= 20


@pytest.mark.parametrize("fault", [Unreachable("gone"), KeyError("a defect")])
async def test_settles_where_nobody_can_be_told(shop: Workshop, fault: Exception) -> None:
    """One try, and the row is closed: the credits are back all the same."""
    shop.courier.delivers.append(Unreachable("no"))
    shop.courier.tells.append(fault)
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert shop.courier.tried == ["deliver", "tell"]


async def test_does_not_try_to_tell_for_ever(shop: Workshop) -> None:
    """A platform that stays down does not keep a slot."""
    shop.courier.delivers.append(Unreachable("no"))
    shop.courier.tells = deque([PlatformBusy("503")] * 1000)
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert shop.courier.tried.count("tell") < 50


async def test_two_runs_at_once_deliver_once(shop: Workshop) -> None:
    """The later claim fences the earlier run out, which then posts nothing, charges nothing, tells nothing."""
    placed = await shop.accept(order())
    await asyncio.gather(*(shop.studio.run(placed.id) for _ in range(4)))
    assert await ended(shop, placed.id) == ("delivered", 1, None)
    assert (len(shop.courier.delivered), shop.courier.told) == (1, {})
    assert shop.courier.delivered[0].generation.attempt == (await shop.row(placed.id))["attempt"]


async def test_a_run_that_wakes_up_late_changes_nothing(shop: Workshop) -> None:
    """Held inside the service while another run finished: its picture is dropped and its row left as it is."""
    placed = await shop.accept(order())
    shop.model.gate = asyncio.Event()
    late = asyncio.create_task(shop.studio.run(placed.id))
    async with asyncio.timeout(5):
        await shop.model.entered.get()
    gate, shop.model.gate = shop.model.gate, None
    await shop.studio.run(placed.id)
    before = await shop.row(placed.id), await shop.generations.pictures(placed.id)
    gate.set()
    await late
    assert (await shop.row(placed.id), await shop.generations.pictures(placed.id)) == before
    assert (len(shop.courier.delivered), shop.courier.told) == (1, {})
    assert len(shop.model.fetched) == 1


async def test_a_run_that_is_overtaken_before_it_delivers_posts_nothing(shop: Workshop) -> None:
    """Claimed by another while it fetched: the message is left to that one."""
    placed = await shop.accept(order())
    shop.model.meanwhile = lambda: shop.generations.claim(placed.id)
    await shop.studio.run(placed.id)
    assert shop.courier.tried == []
    shop.model.meanwhile = None
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("delivered", 1, None)
    assert (shop.model.drawn, shop.courier.tried) == ([0], ["deliver"])


async def test_a_run_that_is_overtaken_while_it_delivers_settles_nothing(shop: Workshop) -> None:
    """The claim that came meanwhile owns the row: it delivers the same message, and it alone settles."""
    placed = await shop.accept(order())
    shop.courier.meanwhile = lambda: shop.generations.claim(placed.id)
    await shop.studio.run(placed.id)
    shop.courier.meanwhile = None
    assert (await shop.row(placed.id))["state"] == "delivering"
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("delivered", 1, None)
    assert list(shop.courier.messages) == [placed.id]
    assert shop.model.drawn == [0]


async def test_a_refund_that_is_overtaken_tells_nothing(shop: Workshop) -> None:
    """Only the run that gave the credits back says so."""
    placed = await shop.accept(order())
    shop.model.refused[0] = Unreachable("no")
    await asyncio.gather(*(shop.studio.run(placed.id) for _ in range(3)))
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert shop.courier.tried == ["tell"]


class UnsettlingDatabase:
    """Fails the next `failures` statements that settle a delivered generation; `meanwhile` happens at each."""

    def __init__(
        self, database: Database, *, failures: int, meanwhile: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        self._database = database
        self._meanwhile = meanwhile
        self.failures = failures

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        if "state = 'delivered'" in sql and self.failures:
            self.failures -= 1
            if self._meanwhile is not None:
                await self._meanwhile()
            raise DatabaseFailed("database is locked")
        return await self._database.fetch(sql, **params)


def unsettling(shop: Workshop, database: UnsettlingDatabase) -> Studio:
    return studio_of(
        generations=Generations(database),
        throttle=shop.throttle,
        quotas=shop.quotas,
        house=shop.house,
        model=shop.model,
        couriers={"discord": shop.courier},
        clock=shop.clock,
        backoff=Backoff(),
    )


async def test_a_database_that_fails_after_the_delivery_does_not_deliver_again(shop: Workshop) -> None:
    """The picture stands there: nothing is taken back and nothing posted twice, the row is settled once it can be."""
    placed = await shop.accept(order())
    await unsettling(shop, UnsettlingDatabase(shop.database, failures=3)).run(placed.id)
    assert await ended(shop, placed.id) == ("delivered", 1, None)
    assert (shop.courier.tried, shop.courier.told, shop.model.drawn) == (["deliver"], {}, [0])
    assert [pause for pause in shop.clock.sleeps if pause] == [5.0] * 3


async def test_a_run_that_is_overtaken_before_it_settles_settles_nothing(shop: Workshop) -> None:
    """The claim that came while the database failed owns the row, and the earlier run ends."""
    placed = await shop.accept(order())
    database = UnsettlingDatabase(shop.database, failures=1, meanwhile=lambda: shop.generations.claim(placed.id))
    await unsettling(shop, database).run(placed.id)
    row = await shop.row(placed.id)
    assert (row["state"], row["settled"], row["attempt"]) == ("delivering", None, 2)


async def test_a_cancelled_run_leaves_the_row_open(shop: Workshop) -> None:
    """Being stopped is no ending: the next start goes on where it was."""
    placed = await shop.accept(order())
    shop.model.gate = asyncio.Event()
    run = asyncio.create_task(shop.studio.run(placed.id))
    async with asyncio.timeout(5):
        await shop.model.entered.get()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert (await shop.row(placed.id))["settled"] is None
    shop.model.gate = None
    await shop.studio.run(placed.id)
    assert await ended(shop, placed.id) == ("delivered", 1, None)


@pytest.mark.parametrize("already", ["queued", "refunded"])
async def test_abandons_without_a_word(shop: Workshop, already: str) -> None:
    """Refunded and settled, with no call to the service and none to the person."""
    placed = await shop.accept(order())
    if already == "refunded":
        job = await shop.generations.claim(placed.id)
        assert job is not None
        await shop.generations.refund(job, Reason.UNREACHABLE)
    await shop.studio.abandon(placed.id, Reason.UNREACHABLE)
    assert await ended(shop, placed.id) == ("refunded", 0, "unreachable")
    assert (shop.model.called_ms, shop.courier.tried) == ([], [])


async def test_abandoning_what_is_delivered_or_unknown_changes_nothing(shop: Workshop) -> None:
    """A late word about a failed answer takes no delivered picture's charge back."""
    placed = await shop.accept(order())
    await shop.studio.run(placed.id)
    await shop.studio.abandon(placed.id, Reason.UNREACHABLE)
    await shop.studio.abandon(GenerationId("discord:nobody"), Reason.UNREACHABLE)
    assert await ended(shop, placed.id) == ("delivered", 1, None)
