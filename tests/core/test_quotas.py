"""Policy: what a request costs, what a person has left, and which limit says no."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import ACCOUNT, MEMBER, SPACE, START_MS, FakeClock
from hypothesis import given
from hypothesis import strategies as st
from stores import HOUR_MS, accept, begin, ordered

from bot.model import (
    Account,
    Balance,
    Bound,
    Duplicate,
    ImageRequest,
    Limits,
    Order,
    Pot,
    QuotaSpent,
    Reason,
    Size,
    Space,
)
from bot.policy import Policy, Prices, Standing
from bot.quotas import Quotas
from bot.rules import Change, Kind, Subject
from bot.store import Generations, Rules
from bot.store.database import Database
from bot.windows import Window

OTHER = Account("discord:1:3")
DAY_MS = 24 * HOUR_MS

Making = Callable[..., Quotas]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def making(generations: Generations, database: Database, clock: FakeClock) -> Making:
    """`making(own=5)`: quotas of a day that bind as given, one credit a picture and two for an extended one."""

    def make(
        *, own: int | None = None, space: int | None = None, total: int | None = None, window: str = "day"
    ) -> Quotas:
        policy = Policy(window=Window.parse(window, "UTC"), own=own, space=space, total=total)
        return Quotas(
            generations=generations,
            rules=Rules(database),
            policy=policy,
            prices=Prices(plain=1, extended=2),
            clock=clock,
        )

    return make


@pytest.fixture
def rules(database: Database) -> Rules:
    return Rules(database)


async def grant(rules: Rules, amount: int, *, at_ms: int, expires_ms: int | None = None) -> None:
    """An admin gave the person bonus credits at `at_ms`."""
    change = Change(space=SPACE, subject=Subject(ACCOUNT), kind=Kind.GRANT, value=amount, expires_ms=expires_ms)
    assert await rules.add(change, id=f"grant:{at_ms}", by="discord:9", now_ms=at_ms)


async def take(generations: Generations, quotas: Quotas, number: int, *, price: int, now_ms: int) -> bool:
    """Command `number` as it would be accepted now, at any price."""
    within = await binding_now(quotas)
    return await accept(generations, ordered(number), within=within, price=price, now_ms=now_ms)


async def spend(generations: Generations, amount: int, *, account: Account = ACCOUNT, number: int = 900) -> None:
    """Somebody was charged `amount` just now."""
    assert await accept(generations, ordered(number, account=account), price=amount)


def wanting(count: int = 1, *, extend: bool = False, space: Space | None = SPACE) -> Order:
    """A command that costs `count` credits, twice that if extended."""
    request = ImageRequest(prompt="a red fox", size=Size(1024, 1024), seed=7, extend=extend, count=count)
    plain = ordered(1, space=space)
    return Order(id=plain.id, account=plain.account, space=plain.space, request=request, address=plain.address)


async def binding_now(quotas: Quotas, space: Space | None = SPACE) -> Limits:
    """The numbers that bind the member who types in `space`."""
    return (await quotas.standing(replace(MEMBER, space=space))).limits


async def refused(quotas: Quotas, order: Order) -> QuotaSpent:
    """Why `order` was not taken, which is a limit's doing."""
    spent = await quotas.explain(order, await binding_now(quotas, order.space))
    assert isinstance(spent, QuotaSpent), spent
    return spent


@given(plain=st.integers(0, 100), extended=st.integers(0, 100), count=st.integers(1, 4), extend=st.booleans())
def test_every_picture_costs_the_same(plain: int, extended: int, *, count: int, extend: bool) -> None:
    """The price is per picture, by whether its prompt is extended, and by nothing else."""
    prices = Prices(plain=plain, extended=extended)
    assert prices.of(wanting(count, extend=extend).request) == sum([extended if extend else plain] * count)


def test_the_policy_becomes_numbers_and_a_window() -> None:
    """What binds now: the limits as set, and where the window that holds now begins and ends."""
    policy = Policy(window=Window.parse("day", "UTC"), own=5, space=None, total=0)
    noon = START_MS - START_MS % DAY_MS + DAY_MS // 2
    midnight = noon - DAY_MS // 2
    expected = Limits(own=5, space=None, total=0, since_ms=midnight, returns_ms=midnight + DAY_MS)
    assert policy.judge(MEMBER, [], noon) == Standing(at_ms=noon, limits=expected, block=None)


async def test_a_new_person_has_everything_left(making: Making) -> None:
    """Nothing used, and the credits return when the window ends."""
    quotas = making(own=5)
    ends_ms = (await binding_now(quotas)).returns_ms
    assert await quotas.balance(MEMBER) == Balance(limit=5, used=0, returns_ms=ends_ms)


async def test_what_was_charged_is_not_left(generations: Generations, making: Making) -> None:
    """Only the person's own charges count for them, and only what is still charged."""
    await spend(generations, 3)
    await spend(generations, 4, account=OTHER, number=901)
    quotas = making(own=5)
    balance = await quotas.balance(MEMBER)
    assert (balance.used, balance.left) == (3, 2)
    job = await begin(generations, ordered(900).id)
    assert job is not None
    assert await generations.refund(job, Reason.SERVICE_BUSY)
    balance = await quotas.balance(MEMBER)
    assert (balance.used, balance.left) == (0, 5)


async def test_nobody_has_less_than_nothing_left(generations: Generations, making: Making) -> None:
    """Where an operator lowered the limit below what was used, nothing is left."""
    await spend(generations, 9)
    balance = await making(own=5).balance(MEMBER)
    assert (balance.limit, balance.used, balance.left) == (5, 9, 0)


async def test_without_a_limit_nothing_is_counted_down(generations: Generations, making: Making) -> None:
    """What was used is still told."""
    await spend(generations, 9)
    balance = await making().balance(MEMBER)
    assert (balance.limit, balance.used, balance.left) == (None, 9, None)


async def test_the_next_window_starts_full(generations: Generations, making: Making, clock: FakeClock) -> None:
    """At the moment that was announced, not a millisecond earlier."""
    await spend(generations, 5)
    quotas = making(own=5)
    returns_ms = (await quotas.balance(MEMBER)).returns_ms
    assert returns_ms is not None
    clock.at_ms = returns_ms - 1
    assert (await quotas.balance(MEMBER)).left == 0
    clock.at_ms = returns_ms
    assert (await quotas.balance(MEMBER)).left == 5


async def test_rolling_credits_return_one_charge_at_a_time(
    generations: Generations, making: Making, clock: FakeClock
) -> None:
    """The announced moment is that of the oldest charge, and then exactly that charge is back."""
    quotas = making(own=5, window="24h")
    assert (await quotas.balance(MEMBER)).returns_ms is None
    for number, (price, created_ms) in enumerate([(2, START_MS), (3, START_MS + HOUR_MS)]):
        assert await accept(generations, ordered(number), price=price, now_ms=created_ms)
    clock.at_ms = START_MS + 2 * HOUR_MS
    assert await quotas.balance(MEMBER) == Balance(limit=5, used=5, returns_ms=START_MS + DAY_MS, queued=2)
    clock.at_ms = START_MS + DAY_MS - 1
    assert (await quotas.balance(MEMBER)).left == 0
    clock.at_ms = START_MS + DAY_MS
    assert await quotas.balance(MEMBER) == Balance(limit=5, used=3, returns_ms=START_MS + HOUR_MS + DAY_MS, queued=2)


async def test_bonus_credits_do_not_come_back_with_time(
    generations: Generations, making: Making, clock: FakeClock
) -> None:
    """The announced moment is that of the oldest charge to the window's own credits, whatever the pot paid before."""
    quotas = making(own=1, window="24h")
    within = replace(await binding_now(quotas), own=0, pot=Pot(credits=1, since_ms=START_MS, expires_ms=None))
    assert await accept(generations, ordered(1), within=within)
    assert (await quotas.balance(MEMBER)).returns_ms is None
    clock.advance(HOUR_MS / 1000)
    assert await accept(generations, ordered(2), within=await binding_now(quotas), now_ms=clock.now_ms())
    assert (await quotas.balance(MEMBER)).returns_ms == START_MS + HOUR_MS + DAY_MS


async def test_a_balance_can_be_of_the_window_of_an_accept(
    generations: Generations, making: Making, clock: FakeClock
) -> None:
    """A command taken just before midnight is answered with that window's figures."""
    quotas = making(own=5)
    limits = await binding_now(quotas)
    await spend(generations, 2)
    clock.advance(86_400)
    assert (await quotas.balance(MEMBER, limits)).left == 3
    assert (await quotas.balance(MEMBER)).left == 5


@pytest.mark.parametrize(
    ("binding", "bound", "left"),
    [
        ({"own": 3}, Bound.OWN, 1),
        ({"own": 2, "space": 9, "total": 9}, Bound.OWN, 0),
        ({"space": 5}, Bound.SPACE, 0),
        ({"own": 9, "space": 6, "total": 9}, Bound.SPACE, 1),
        ({"total": 5}, Bound.TOTAL, 0),
        ({"own": 9, "space": 9, "total": 6}, Bound.TOTAL, 1),
        ({"own": 2, "space": 5, "total": 5}, Bound.OWN, 0),
        ({"own": 9, "space": 5, "total": 5}, Bound.SPACE, 0),
    ],
)
async def test_the_limit_without_room_is_named(
    generations: Generations, making: Making, binding: dict[str, int], bound: Bound, left: int
) -> None:
    """The nearest to the person first: their own, their space's, the whole deployment's."""
    await spend(generations, 2)
    await spend(generations, 3, account=OTHER, number=901)
    spent = await refused(making(**binding), wanting(2))
    assert (spent.bound, spent.price, spent.left) == (bound, 2, left)
    assert spent.limit == binding[bound.value]


@pytest.mark.parametrize("bound", Bound)
async def test_a_refusal_says_when_credits_return(generations: Generations, making: Making, bound: Bound) -> None:
    """At the end of the calendar window, whichever limit it is."""
    await spend(generations, 2)
    quotas = making(**{bound.value: 2})
    assert (await refused(quotas, wanting())).returns_ms == (await binding_now(quotas)).returns_ms


async def test_no_pool_is_blamed_where_there_is_none(generations: Generations, making: Making) -> None:
    """In a direct message the space's pool does not bind, so it cannot be the reason."""
    await spend(generations, 5)
    spent = await refused(making(space=0, total=5), wanting(space=None))
    assert spent.bound is Bound.TOTAL


@pytest.mark.parametrize(
    ("own", "count", "extend", "fits"),
    [(3, 1, True, True), (2, 1, True, False), (4, 2, True, True), (3, 2, True, False), (2, 1, False, False)],
)
async def test_a_refusal_says_whether_the_plain_picture_fits(
    generations: Generations, making: Making, *, own: int, count: int, extend: bool, fits: bool
) -> None:
    """`--raw` is offered only where it would be taken."""
    await spend(generations, 2)
    quotas = making(own=own)
    assert (await refused(quotas, wanting(count, extend=extend))).raw_fits is fits
    taken = await accept(generations, wanting(count), within=await binding_now(quotas), price=count)
    assert taken is fits


@pytest.mark.parametrize(
    ("binding", "fits"),
    [
        ({"own": 3, "space": 2}, False),
        ({"own": 3, "total": 2}, False),
        ({"space": 3, "total": 2}, False),
        ({"own": 3, "space": 3, "total": 3}, True),
    ],
)
async def test_the_plain_picture_is_offered_only_where_every_limit_takes_it(
    generations: Generations, making: Making, binding: dict[str, int], *, fits: bool
) -> None:
    """The limit that is named may have room for it where another one has none."""
    await spend(generations, 2)
    quotas = making(**binding)
    assert (await refused(quotas, wanting(extend=True))).raw_fits is fits
    assert await accept(generations, wanting(), within=await binding_now(quotas), price=1) is fits


async def test_a_known_command_is_a_duplicate_even_where_nothing_is_left(
    generations: Generations, making: Making
) -> None:
    """The first one is being served: no second answer, and no talk of quotas."""
    order = wanting()
    assert await accept(generations, order, price=1)
    for quotas in (making(own=1), making(own=0, space=0, total=0), making()):
        assert await quotas.explain(order, await binding_now(quotas)) == Duplicate()


async def test_a_refusal_whose_cause_is_gone_is_worth_another_try(generations: Generations, making: Making) -> None:
    """Credits that came back between the accept and the question leave nothing to blame."""
    quotas = making(own=1, space=1, total=1)
    limits = await binding_now(quotas)
    await spend(generations, 1)
    assert not await accept(generations, wanting(), within=limits)
    job = await begin(generations, ordered(900).id)
    assert job is not None
    assert await generations.refund(job, Reason.SERVICE_BUSY)
    assert await quotas.explain(wanting(), limits) is None
    assert await accept(generations, wanting(), within=limits)


@pytest.mark.parametrize("used", [0, 1, 4, 5, 6])
@pytest.mark.parametrize("binding", [{"own": 5}, {"space": 5}, {"total": 5}, {"own": 5, "space": 4, "total": 6}])
@pytest.mark.parametrize("count", [1, 2])
async def test_what_is_refused_is_explained_and_what_is_taken_would_not_be(
    generations: Generations, making: Making, *, used: int, binding: dict[str, int], count: int
) -> None:
    """The accept and its explanation never disagree: a refusal without a cause would be tried for ever."""
    await spend(generations, used)
    quotas = making(**binding)
    explanation = await quotas.explain(wanting(count), await binding_now(quotas))
    taken = await accept(generations, wanting(count), within=await binding_now(quotas), price=count)
    assert taken is (explanation is None)


@pytest.mark.parametrize("binding", [{"space": 5}, {"total": 5}, {"own": 5, "space": 5, "total": 5}])
async def test_a_picture_that_costs_nothing_fits_below_a_limit_that_was_lowered(
    generations: Generations, making: Making, binding: dict[str, int]
) -> None:
    """More is used than is allowed now; a free picture adds nothing to it, and is never asked for again and again."""
    await spend(generations, 9)
    quotas = making(**binding)
    limits = await binding_now(quotas)
    assert await quotas.explain(wanting(), limits) is not None
    assert await accept(generations, wanting(), within=limits, price=0)


async def test_bonus_is_spent_after_the_windows_own(
    generations: Generations, rules: Rules, making: Making, clock: FakeClock
) -> None:
    """What one picture costs may come out of both; the pot is the last to be touched and counts for the pool."""
    await grant(rules, 4, at_ms=START_MS)
    quotas = making(own=5, space=99)
    assert await take(generations, quotas, 11, price=3, now_ms=clock.at_ms)
    assert await take(generations, quotas, 12, price=3, now_ms=clock.at_ms)
    balance = await quotas.balance(MEMBER)
    assert (balance.used, balance.bonus, balance.left, balance.space_left) == (5, 3, 3, 93)
    assert not await take(generations, quotas, 13, price=4, now_ms=clock.at_ms)
    spent = await refused(quotas, wanting(4))
    assert (spent.bound, spent.limit, spent.left, spent.bonus) == (Bound.OWN, 5, 0, 3)
    assert await take(generations, quotas, 13, price=3, now_ms=clock.at_ms)
    assert (await quotas.balance(MEMBER)).left == 0


async def test_a_limit_of_nothing_leaves_the_bonus(
    generations: Generations, rules: Rules, making: Making, clock: FakeClock
) -> None:
    """Whoever may spend bonus alone has no credits that return with the window."""
    quotas = making(own=0)
    assert not await take(generations, quotas, 1, price=1, now_ms=clock.at_ms)
    await grant(rules, 2, at_ms=START_MS)
    assert await take(generations, quotas, 1, price=2, now_ms=clock.at_ms)
    clock.advance(30 * 86_400)
    assert not await take(generations, quotas, 2, price=1, now_ms=clock.at_ms)


async def test_what_is_given_back_after_a_second_grant_returns_to_the_pot(
    generations: Generations, rules: Rules, making: Making, clock: FakeClock
) -> None:
    """The picture was paid for before it, out of the same pot."""
    quotas = making(own=1)
    await grant(rules, 5, at_ms=START_MS)
    assert await take(generations, quotas, 1, price=4, now_ms=clock.at_ms)
    clock.advance(60)
    await grant(rules, 10, at_ms=clock.at_ms)
    balance = await quotas.balance(MEMBER)
    assert (balance.used, balance.bonus) == (1, 12)
    job = await begin(generations, ordered(1).id)
    assert job is not None
    assert await generations.refund(job, Reason.SERVICE_BUSY)
    balance = await quotas.balance(MEMBER)
    assert (balance.used, balance.bonus, balance.left) == (0, 15, 16)


async def test_a_picture_that_came_in_part_gives_the_bonus_back_first(
    generations: Generations, rules: Rules, making: Making, clock: FakeClock
) -> None:
    """The window's own credits return by themselves; bonus does not."""
    quotas = making(own=2)
    await grant(rules, 5, at_ms=START_MS)
    assert await take(generations, quotas, 1, price=4, now_ms=clock.at_ms)
    job = await begin(generations, ordered(1).id)
    assert job is not None
    for charge, used, bonus in ((3, 2, 4), (1, 1, 5), (4, 1, 5)):
        assert await generations.delivering(job, charge=charge)
        balance = await quotas.balance(MEMBER)
        assert (balance.used, balance.bonus) == (used, bonus)


async def test_what_was_spent_of_an_ended_pot_is_not_owed_by_the_next(
    generations: Generations, rules: Rules, making: Making, clock: FakeClock
) -> None:
    """And what was left in it is gone."""
    quotas = making(own=0)
    await grant(rules, 5, at_ms=START_MS, expires_ms=START_MS + HOUR_MS)
    assert await take(generations, quotas, 1, price=2, now_ms=clock.at_ms)
    clock.advance(3600)
    assert not await take(generations, quotas, 2, price=1, now_ms=clock.at_ms)
    await grant(rules, 7, at_ms=clock.at_ms)
    assert (await quotas.balance(MEMBER)).bonus == 7
    assert not await take(generations, quotas, 3, price=8, now_ms=clock.at_ms)
    assert await take(generations, quotas, 4, price=7, now_ms=clock.at_ms)
