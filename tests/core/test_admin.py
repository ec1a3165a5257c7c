"""The admin use cases: who may do what, what a change answers, and what is noted of those who may not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from fakes import ACCOUNT, MEMBER, SPACE, START_MS, FakeClock
from stores import HOUR_MS, accept, limits, ordered

from bot.admin import COMMAND_LINE, PAGE_SIZE, AboveCeiling, Actor, Admin, Authority, Changed
from bot.errors import DatabaseFailed
from bot.model import Account, Balance, Duplicate, Pot, Source, Space
from bot.policy import Member, Policy, Prices
from bot.quotas import Quotas
from bot.rules import DEPLOYMENT, Change, Kind, Rule, Subject, role_of
from bot.store import Generations, Reports, RuleBook, Rules
from bot.store.database import Database, SqliteDatabase, open_reader
from bot.windows import Window

ME: Final = Subject(ACCOUNT)
HERE: Final = Subject(SPACE)
ARTISTS: Final = role_of(SPACE, "11")
OWNER: Final = "discord:42"

Making = Callable[..., Admin]


def actor(
    id: str = "discord:9", *, space: Space | None = SPACE, manages: bool = False, keys: tuple[str, ...] = ()
) -> Actor:
    """Somebody who gives a command, in `space`."""
    account = Account(f"{space}:{id.rpartition(':')[2]}")
    return Actor(id=id, account=account, space=space, manages=manages, keys=frozenset(keys))


MANAGER: Final = actor(manages=True)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def reader(path: Path, database: SqliteDatabase) -> AsyncIterator[SqliteDatabase]:
    del database  # has made the tables
    async with open_reader(path) as reader:
        yield reader


@pytest.fixture
def making(database: Database, reader: Database, generations: Generations, clock: FakeClock) -> Making:
    """`making(space=100)`: an admin's desk where the deployment allows every space 100 credits."""

    def make(
        *, own: int | None = 20, space: int | None = None, total: int | None = None, deputies: tuple[str, ...] = ()
    ) -> Admin:
        policy = Policy(window=Window.parse("day", "UTC"), own=own, space=space, total=total)
        rules = Rules(database)
        return Admin(
            rules=rules,
            rule_book=RuleBook(reader),
            reports=Reports(reader),
            quotas=Quotas(
                generations=generations, rules=rules, policy=policy, prices=Prices(plain=1, extended=2), clock=clock
            ),
            policy=policy,
            clock=clock,
            owners=frozenset({OWNER}),
            deputies=frozenset(deputies),
        )

    return make


@pytest.fixture
def admin(making: Making) -> Admin:
    return making()


def limit(value: int | None, *, subject: Subject = ME, kind: Kind = Kind.LIMIT) -> Change:
    return Change(space=SPACE, subject=subject, kind=kind, value=value)


def back(change: Change) -> Change:
    """What takes `change` back."""
    return replace(change, applies=False, value=None)


async def changed(admin: Admin, change: Change, *, id: str, about_me: bool = True) -> Changed:
    """What a change that is made answers."""
    outcome = await admin.change(change, actor=MANAGER, id=id, member=MEMBER if about_me else None)
    assert isinstance(outcome, Changed), outcome
    assert outcome.change == change
    return outcome


async def noted(admin: Admin, *, page: int = 1) -> list[Rule]:
    """A page of the audit, newest first."""
    return [entry.rule for entry in (await admin.audit(None, None, page=page)).entries]


@pytest.mark.parametrize(
    ("who", "authority"),
    [
        (actor(), Authority.MEMBER),
        (actor(keys=("77", "78")), Authority.MEMBER),
        (actor(manages=True), Authority.ADMIN),
        (actor(keys=("77", "11")), Authority.ADMIN),
        (actor("slack:T1:U5", space=Space("slack:T1"), keys=("U5",)), Authority.ADMIN),
        (actor("slack:T1:U6", space=Space("slack:T1"), keys=("U6",)), Authority.MEMBER),
        (actor(OWNER), Authority.OPERATOR),
        (actor(OWNER, manages=True, keys=("11",)), Authority.OPERATOR),
        (actor(OWNER, space=None), Authority.OPERATOR),
        (actor(COMMAND_LINE), Authority.OPERATOR),
        (actor(COMMAND_LINE, space=None), Authority.OPERATOR),
        # Where there is no space there is nothing to manage.
        (actor(space=None, manages=True, keys=("11",)), Authority.MEMBER),
        # An owner is named with their platform; a role's id, or the same number elsewhere, is nobody's.
        (actor("discord:11"), Authority.MEMBER),
        (actor("slack:T1:42", space=Space("slack:T1")), Authority.MEMBER),
        (actor("42", keys=("discord:42",)), Authority.MEMBER),
    ],
)
def test_who_may_do_what(making: Making, who: Actor, authority: Authority) -> None:
    """Those who manage the place, deputies by role or by name, and the operator, who may do everything anywhere."""
    assert making(deputies=("11", "U5")).authority(who) is authority


def test_without_deputies_and_owners_only_the_platforms_word_and_the_command_line_count(admin: Admin) -> None:
    """Nobody becomes an admin because a setting is empty."""
    assert admin.authority(actor(keys=("", "11"))) is Authority.MEMBER
    assert admin.authority(actor("")) is Authority.MEMBER
    assert Authority.MEMBER < Authority.ADMIN < Authority.OPERATOR


async def test_an_attempt_is_noted_and_changes_nothing(admin: Admin, clock: FakeClock) -> None:
    """Who, where, when, and what they typed; it is no rule that stands."""
    before = await admin.show(MEMBER)
    who = actor("discord:2")
    await admin.note_refusal(who, id="discord:500", words="grant <@2> 1000")
    [refused] = await noted(admin)
    assert refused == Rule(
        id="discord:500",
        space=SPACE,
        subject=Subject(who.account),
        kind=Kind.REFUSED,
        reason="grant <@2> 1000",
        by="discord:2",
        at_ms=clock.at_ms,
    )
    assert await admin.show(MEMBER) == before
    assert (await admin.in_force(None, page=1)).entries == ()


async def test_an_attempt_that_is_delivered_twice_is_noted_once(admin: Admin) -> None:
    """And two attempts are two."""
    for id in ("discord:500", "discord:500", "discord:501"):  # noqa: A001 - the field's own name
        await admin.note_refusal(actor(), id=id, words="set")
    assert len(await noted(admin)) == 2


async def test_nobody_floods_the_audit_with_attempts(admin: Admin, clock: FakeClock) -> None:
    """Twenty an hour are noted of each person; another one's, and those of the next hour, are again."""
    for number in range(50):
        await admin.note_refusal(actor(), id=f"discord:{1000 + number}", words="set")
    assert len(await noted(admin, page=3)) == 20 - 2 * PAGE_SIZE
    clock.advance(3601)
    await admin.note_refusal(actor(), id="discord:later", words="set")
    assert len(await noted(admin, page=3)) == 21 - 2 * PAGE_SIZE


async def test_an_owner_is_one_by_workspace_in_an_organisation_too(making: Making) -> None:
    """OWNERS is written with the workspace's id, and the command counts for the organisation."""
    grid = Actor(id="slack:E1:U1", account=Account("slack:E1:U1"), space=Space("slack:E1"))
    admin = making()
    assert admin.authority(grid) is Authority.MEMBER
    assert admin.authority(replace(grid, aliases=frozenset({OWNER}))) is Authority.OPERATOR


async def test_a_change_whose_balance_is_unknown_was_made_all_the_same(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told that it failed, an admin would make it again: a grant would be doubled."""

    async def unreadable(_: Quotas, __: Member, ___: object = None) -> Balance:
        raise DatabaseFailed("disk I/O error")

    monkeypatch.setattr(Quotas, "balance", unreadable)
    made = await making().change(limit(5), actor=actor(), id="discord:1", member=MEMBER)
    assert isinstance(made, Changed)
    assert made.balance is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("spam, all day", "spam, all day"),
        ("谢谢 „Ali“ 🦊", "谢谢 „Ali“ 🦊"),
        ("half \ud83d a fox", "half \ufffd a fox"),
        ("two\nlines\x00 and\u2028more", "two lines and more"),
        ("\u202egpj.exe", "gpj.exe"),
        (" \u200b ", None),
        ("", None),
    ],
)
async def test_a_reason_is_kept_as_one_plain_line(admin: Admin, typed: str, kept: str | None) -> None:
    """Other people read it; what no encoder takes must not keep a block, or the note of an attempt, from being made."""
    block = replace(limit(None, kind=Kind.BLOCK), reason=typed)
    outcome = await admin.change(block, actor=MANAGER, id="discord:1", member=MEMBER)
    assert isinstance(outcome, Changed)
    assert outcome.change.reason == kept
    await admin.note_refusal(actor(), id="discord:2", words=typed)
    assert [rule.reason for rule in await noted(admin)] == [kept, kept]


async def test_a_change_is_noted_with_who_made_it_and_counts_at_once(admin: Admin, clock: FakeClock) -> None:
    """The answer holds what the person may spend from now on."""
    outcome = await changed(admin, limit(50), id="discord:1")
    assert outcome.before is None
    assert outcome.balance is not None
    assert (outcome.balance.limit, outcome.balance.left) == (50, 50)
    [rule] = await noted(admin)
    assert (rule.id, rule.by, rule.at_ms, rule.value) == ("discord:1", MANAGER.id, clock.at_ms, 50)
    shown = await admin.show(MEMBER)
    assert shown.balance == outcome.balance


async def test_a_change_tells_what_it_replaced(admin: Admin, clock: FakeClock) -> None:
    """The rule that stood: none at first, and none after one was taken back."""
    told: list[int | str | None] = []
    for number, change in enumerate([limit(5), limit(None), limit(7), back(limit(7)), back(limit(7)), limit(0)]):
        clock.advance(1)
        before = (await changed(admin, change, id=f"discord:{number}")).before
        told.append("nothing" if before is None else before.value)
    assert told == ["nothing", 5, None, 7, "nothing", "nothing"]


async def test_what_is_replaced_is_of_the_same_subject_and_kind(admin: Admin) -> None:
    """A person's limit replaces neither their block nor anybody else's limit."""
    others = [limit(1, subject=HERE), limit(2, subject=HERE, kind=Kind.POOL), limit(None, kind=Kind.BLOCK)]
    for number, change in enumerate([*others, limit(3, subject=ARTISTS)]):
        await changed(admin, change, id=f"discord:{number}", about_me=False)
    outcome = await changed(admin, limit(9), id="discord:9", about_me=False)
    assert outcome.before is None
    assert outcome.balance is None


async def test_a_command_that_is_delivered_twice_changes_nothing_again(admin: Admin, clock: FakeClock) -> None:
    """Even when something else was said in between."""
    await changed(admin, limit(5), id="discord:1")
    clock.advance(1)
    await changed(admin, limit(6), id="discord:2")
    clock.advance(1)
    assert await admin.change(limit(5), actor=MANAGER, id="discord:1", member=MEMBER) == Duplicate()
    assert (await admin.show(MEMBER)).balance.limit == 6
    assert len(await noted(admin)) == 2


async def test_a_grant_that_is_delivered_64_times_is_given_once(admin: Admin) -> None:
    """All at once."""
    change = limit(10, kind=Kind.GRANT)
    outcomes = await asyncio.gather(
        *(admin.change(change, actor=MANAGER, id="discord:1", member=MEMBER) for _ in range(64))
    )
    assert sum(isinstance(outcome, Changed) for outcome in outcomes) == 1
    assert outcomes.count(Duplicate()) == 63
    assert (await admin.show(MEMBER)).balance.bonus == 10


POOL: Final = limit(0, subject=HERE, kind=Kind.POOL)
CEILING: Final = limit(0, subject=HERE, kind=Kind.CEILING)


@pytest.mark.parametrize(
    ("deployment", "ceiling", "pool", "refused"),
    [
        (None, "no rule", 10**9, None),
        (None, "no rule", None, None),
        (100, "no rule", 100, None),
        (100, "no rule", 101, 100),
        (100, "no rule", None, 100),
        (100, "no rule", 0, None),
        (100, 40, 40, None),
        (100, 40, 41, 40),
        (100, 40, None, 40),
        (100, 150, 150, None),
        (100, 150, 151, 150),
        (100, None, 10**9, None),
        (100, None, None, None),
        (100, 0, 1, 0),
        (None, 40, 41, 40),
    ],
)
async def test_no_pool_goes_above_what_the_operator_allows(
    making: Making, deployment: int | None, ceiling: int | str | None, pool: int | None, refused: int | None
) -> None:
    """It is refused with the figure, and nothing is changed or noted."""
    admin = making(space=deployment)
    if not isinstance(ceiling, str):
        await changed(admin, replace(CEILING, value=ceiling), id="discord:1", about_me=False)
    before = await noted(admin)
    outcome = await admin.change(replace(POOL, value=pool), actor=MANAGER, id="discord:2")
    if refused is None:
        assert isinstance(outcome, Changed)
        assert (await admin.show(MEMBER)).balance.space_limit == pool
    else:
        assert outcome == AboveCeiling(ceiling=refused)
        assert await noted(admin) == before


async def test_a_pool_can_always_be_taken_back(making: Making, clock: FakeClock) -> None:
    """Also where the ceiling came down below it, which binds at once."""
    admin = making(space=100)
    await changed(admin, replace(POOL, value=90), id="discord:1", about_me=False)
    await changed(admin, replace(CEILING, value=40), id="discord:2", about_me=False)
    assert (await admin.show(MEMBER)).balance.space_limit == 40
    clock.advance(1)
    outcome = await changed(admin, back(POOL), id="discord:3", about_me=False)
    assert outcome.before is not None
    assert outcome.before.value == 90
    clock.advance(1)
    await changed(admin, back(CEILING), id="discord:4", about_me=False)
    assert (await admin.show(MEMBER)).balance.space_limit == 100


@pytest.mark.parametrize("kind", [Kind.LIMIT, Kind.GRANT, Kind.CEILING, Kind.BUDGET])
async def test_only_a_pool_is_held_against_the_ceiling(making: Making, kind: Kind) -> None:
    """A person may have more than the pool: the pool binds them all the same."""
    subject = {Kind.CEILING: HERE, Kind.BUDGET: DEPLOYMENT}.get(kind, ME)
    outcome = await making(space=10).change(limit(500, subject=subject, kind=kind), actor=MANAGER, id="discord:1")
    assert isinstance(outcome, Changed)


async def test_a_ceiling_of_one_space_binds_no_other(making: Making) -> None:
    """The deployment's own stands elsewhere."""
    admin = making(space=100)
    await changed(admin, replace(CEILING, value=5), id="discord:1", about_me=False)
    elsewhere = Change(space=Space("discord:2"), subject=Subject("discord:2"), kind=Kind.POOL, value=90)
    assert isinstance(await admin.change(elsewhere, actor=MANAGER, id="discord:2"), Changed)


async def test_show_tells_the_figures_and_the_rule_behind_them(
    admin: Admin, generations: Generations, clock: FakeClock
) -> None:
    """What is used, the limit with its source, the bonus, the role that gives it, and the block."""
    artist = replace(MEMBER, roles=(ARTISTS,))
    assert (await admin.show(artist)).standing.limits.source is Source.DEPLOYMENT
    await changed(admin, limit(30, subject=ARTISTS), id="discord:1", about_me=False)
    await changed(
        admin, replace(limit(8, kind=Kind.GRANT), expires_ms=START_MS + HOUR_MS), id="discord:2", about_me=False
    )
    await changed(admin, replace(limit(None, kind=Kind.BLOCK), reason="spam"), id="discord:3", about_me=False)
    assert await accept(generations, ordered(1), within=limits(own=30), price=3)
    shown = await admin.show(artist)
    assert shown.member == artist
    assert shown.standing.limits.source is Source.ROLE
    assert shown.standing.limits.roles == (ARTISTS,)
    assert shown.standing.limits.pot == Pot(credits=8, since_ms=clock.at_ms, expires_ms=START_MS + HOUR_MS)
    assert shown.standing.block is not None
    assert shown.standing.block.reason == "spam"
    balance = shown.balance
    assert (balance.limit, balance.used, balance.bonus, balance.left, balance.queued) == (30, 3, 8, 35, 1)
    assert (await admin.show(MEMBER)).balance.limit == 20


async def test_a_reset_lets_the_person_begin_anew(admin: Admin, generations: Generations, clock: FakeClock) -> None:
    """What they used is no longer counted for them; the answer says so."""
    assert await accept(generations, ordered(1), price=20)
    assert (await admin.show(MEMBER)).balance.left == 0
    clock.advance(1)
    outcome = await changed(admin, limit(None, kind=Kind.RESET), id="discord:1")
    assert outcome.balance is not None
    assert (outcome.balance.used, outcome.balance.left) == (0, 20)


async def test_a_block_ends_when_it_is_taken_back(admin: Admin, clock: FakeClock) -> None:
    """`before` tells whether there was one to take back."""
    block = limit(None, kind=Kind.BLOCK)
    for number, (change, blocked, was) in enumerate(
        [(back(block), False, False), (block, True, False), (back(block), False, True), (back(block), False, False)]
    ):
        clock.advance(1)
        outcome = await changed(admin, change, id=f"discord:{number}")
        assert (outcome.before is not None) is was
        assert ((await admin.show(MEMBER)).standing.block is not None) is blocked


async def test_rules_and_audit_come_in_pages_of_one_size(admin: Admin, clock: FakeClock) -> None:
    """The list by subject, the audit newest first and of one person where one is asked for."""
    for number in range(PAGE_SIZE + 1):
        clock.advance(1)
        await changed(admin, limit(number, subject=Subject(f"discord:1:{number}")), id=f"d:{number}", about_me=False)
    first, second = await admin.in_force(SPACE, page=1), await admin.in_force(SPACE, page=2)
    assert (len(first.entries), first.more, len(second.entries), second.more) == (PAGE_SIZE, True, 1, False)
    first, second = await admin.audit(SPACE, None, page=1), await admin.audit(SPACE, None, page=2)
    assert (len(first.entries), first.more, len(second.entries), second.more) == (PAGE_SIZE, True, 1, False)
    assert first.entries[0].rule.value == PAGE_SIZE
    [mine] = (await admin.audit(SPACE, ME, page=1)).entries
    assert mine.rule.subject == ME
    assert await admin.spaces() == [SPACE]


async def test_the_list_leaves_out_a_grant_once_it_has_ended(admin: Admin, clock: FakeClock) -> None:
    """By the clock of the bot; the audit keeps it."""
    await changed(admin, replace(limit(8, kind=Kind.GRANT), expires_ms=START_MS + 1000), id="discord:1")
    assert len((await admin.in_force(SPACE, page=1)).entries) == 1
    clock.advance(1)
    assert admin.now_ms() == START_MS + 1000
    assert (await admin.in_force(SPACE, page=1)).entries == ()
    assert len(await noted(admin)) == 1
