"""The accepting statement stays quick as history grows: its sums read their indexes and nothing else."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from fakes import ACCOUNT, SPACE, FakeClock
from stores import accept, claimed, limits, ordered

from bot.house import HouseRules
from bot.model import Account, Action, Drawing, Parent, Pot, Space
from bot.policy import Member, Policy
from bot.rules import Change, Kind, Subject, role_of
from bot.store import Generations, History, HouseBook, Reports, RuleBook, Rules
from bot.store.database import Database, Row, SqliteDatabase
from bot.windows import Window


@dataclass(kw_only=True)
class ExplainingDatabase:
    """Runs statements, and keeps what SQLite plans for each on `table`."""

    database: Database
    table: str = "generation"
    plans: list[list[str]] = field(default_factory=list)

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        steps = await self.database.fetch(f"EXPLAIN QUERY PLAN {sql}", **params)
        self.plans.append([step["detail"] for step in steps if f" {self.table} " in step["detail"]])
        return await self.database.fetch(sql, **params)


SUMS = [
    "SEARCH generation USING COVERING INDEX generation_account (account=? AND created>?)",
    "SEARCH generation USING COVERING INDEX generation_bonus (account=? AND created>?)",
    "SEARCH generation USING COVERING INDEX generation_space (space=? AND created>?)",
    "SEARCH generation USING COVERING INDEX generation_total (created>?)",
]
QUEUED = "SEARCH generation USING INDEX generation_queued (account=?)"


@pytest.fixture(params=["fresh", "analysed"])
async def explaining(request: pytest.FixtureRequest, database: SqliteDatabase) -> ExplainingDatabase:
    """A database with some history, with and without the statistics that an operator may have it gather."""
    store = Generations(database)
    for number in range(300):
        account, space = Account(f"discord:{number % 3}:{number % 4}"), Space(f"discord:{number % 3}")
        pot = Pot(credits=300, since_ms=0, expires_ms=None)
        binding = limits() if number % 10 else replace(limits(own=0), pot=pot)
        assert await accept(store, ordered(1000 + number, account=account, space=space), within=binding, now_ms=number)
    if request.param == "analysed":
        await database.fetch("ANALYZE")
    return ExplainingDatabase(database=database)


async def test_the_sums_of_accepting_read_covering_indexes(explaining: ExplainingDatabase) -> None:
    """Not one row of the table is touched for them, however long the history is."""
    assert await accept(Generations(explaining), ordered(1), within=limits(own=9, space=999, total=999, queued=999))
    [plan] = explaining.plans
    assert plan == [*SUMS, QUEUED]


async def test_the_read_that_explains_a_refusal_does_so_too(explaining: ExplainingDatabase) -> None:
    """Besides the sums it counts what is open, finds the oldest charges, and the command by its key."""
    await Generations(explaining).usage(ACCOUNT, SPACE, limits(own=9, space=9, total=9), id=ordered(1).id)
    [plan] = explaining.plans
    assert plan[:4] == SUMS
    assert plan[4] == QUEUED
    assert plan[5:8] == [SUMS[0], *SUMS[2:]]
    assert plan[8].startswith("SEARCH generation USING COVERING INDEX sqlite_autoindex_generation")


async def test_open_rows_are_found_without_reading_the_settled_ones(explaining: ExplainingDatabase) -> None:
    """A start after years reads what is open, in order, and sorts nothing."""
    await Generations(explaining).open_ids()
    assert explaining.plans == [["SCAN generation USING INDEX generation_open"]]


async def test_wiping_links_reads_the_generations_own_pictures_alone(
    database: SqliteDatabase, generations: Generations
) -> None:
    """Settling costs the same after a million pictures."""
    job = await claimed(generations)
    for number in range(2, 300):
        other = await claimed(generations, number)
        assert await generations.keep_picture(other, 0, Drawing(url="https://a.example", revised=None, request_id=None))
    explaining = ExplainingDatabase(database=database, table="picture")
    await Generations(explaining).told(job, now_ms=1)
    assert [plan for plan in explaining.plans if plan] == [
        ["SEARCH picture USING INDEX sqlite_autoindex_picture_1 (generation=?)"]
    ]


@pytest.fixture
async def with_rules(explaining: ExplainingDatabase) -> ExplainingDatabase:
    """The same with a history of rules, and an eye on them."""
    rules = Rules(explaining.database)
    for number in range(300):
        subject, kind = Subject(f"discord:1:{number % 4}"), list(Kind)[number % len(Kind)]
        change = Change(space=SPACE, subject=subject, kind=kind, value=number)
        assert await rules.add(change, id=f"change:{number}", by="discord:1", now_ms=number)
    if any("sqlite_stat" in row["name"] for row in await explaining.database.fetch("SELECT name FROM sqlite_master")):
        await explaining.database.fetch("ANALYZE")
    return replace(explaining, table="rule", plans=[])


async def test_the_rules_that_bind_are_two_seeks_each(with_rules: ExplainingDatabase) -> None:
    """The newest moment of a pair out of the index alone, and then its one row; never a rule's history."""
    policy = Policy(window=Window.parse("day", "UTC"), own=5, space=None, total=None)
    member = Member(account=ACCOUNT, space=SPACE, roles=(role_of(SPACE, "7"),))
    await Rules(with_rules).standing(policy.wanted(member), account=ACCOUNT)
    assert with_rules.plans == [
        [
            "SEARCH rule USING INDEX rule_newest (subject=? AND kind=? AND at=?)",
            "SEARCH rule USING COVERING INDEX rule_newest (subject=? AND kind=?)",
            "SEARCH rule USING INDEX rule_newest (subject=? AND kind=?)",
        ]
    ]


async def test_what_binds_where_a_command_is_typed_is_two_seeks_each(with_rules: ExplainingDatabase) -> None:
    """Every command reads it; what its person chose is one more, by the account."""
    rules = HouseRules(book=HouseBook(with_rules), clock=FakeClock())
    await rules.customs(ACCOUNT, SPACE, "5")
    await rules.customs(ACCOUNT, None, None)
    assert with_rules.plans == [
        [
            "SEARCH rule USING INDEX rule_newest (subject=? AND kind=? AND at=?)",
            "SEARCH rule USING COVERING INDEX rule_newest (subject=? AND kind=?)",
        ],
        [],
    ]
    preferred = replace(with_rules, table="preference", plans=[])
    rules = HouseRules(book=HouseBook(preferred), clock=FakeClock())
    await rules.customs(ACCOUNT, SPACE, "5")
    await rules.customs(ACCOUNT, None, None)
    assert preferred.plans == [["SEARCH preference USING INDEX sqlite_autoindex_preference_1 (account=?)"]] * 2


async def test_a_new_rule_looks_at_the_newest_alone(with_rules: ExplainingDatabase) -> None:
    """To be later than it, and to tell what it replaced."""
    rules, subject = Rules(with_rules), Subject(ACCOUNT)
    await rules.newest(subject, Kind.LIMIT)
    await rules.add(Change(space=SPACE, subject=subject, kind=Kind.LIMIT), id="new", by="discord:1", now_ms=1)
    assert with_rules.plans == [
        ["SEARCH rule USING INDEX rule_newest (subject=? AND kind=?)"],
        ["SEARCH rule USING COVERING INDEX rule_newest (subject=? AND kind=?)"],
    ]


async def test_the_audit_is_read_in_the_order_of_time(with_rules: ExplainingDatabase) -> None:
    """No sorting of all there ever was for one page; each entry seeks what it replaced."""
    await RuleBook(with_rules).audit(None, None, page=1, size=8)
    replaced = ["SEARCH rule USING INDEX rule_newest (subject=? AND kind=? AND at=?)"]
    first, *others = with_rules.plans
    assert first == ["SCAN rule USING INDEX rule_at"]
    assert others
    assert all(plan == replaced for plan in others)


@pytest.mark.parametrize("alias", ["earlier", "newer"])
async def test_rules_are_compared_inside_the_index(with_rules: ExplainingDatabase, alias: str) -> None:
    """What an entry of the audit replaced, and what replaced an entry of the list, is a seek and not a scan."""
    comparing = replace(with_rules, table=alias, plans=[])
    await RuleBook(comparing).audit(SPACE, None, page=1, size=8)
    await RuleBook(comparing).in_force(SPACE, now_ms=1000, page=1, size=8)
    found = [step for plan in comparing.plans for step in plan]
    moment = "at<?" if alias == "earlier" else "at>?"
    assert found == [f"SEARCH {alias} USING COVERING INDEX rule_newest (subject=? AND kind=? AND {moment})"]


async def test_a_report_reads_its_days_alone(explaining: ExplainingDatabase) -> None:
    """However many years lie before them: of one space, and of all."""
    days = [(date(2030, 3, 16 + n), 100 + n * 10, 110 + n * 10) for n in range(2)]
    for space in (SPACE, None):
        await Reports(explaining).read(space, days, most_entries=10)
    for plan in explaining.plans:
        assert all(step.startswith("SEARCH generation USING INDEX generation_") for step in plan), plan
        assert all("created>" in step for step in plan), plan
        assert plan


PERSONS_ROWS = "SEARCH generation USING INDEX generation_account (account=?)"
LATEST_ROWS = "SEARCH generation USING INDEX generation_total (created>?)"


async def test_looking_back_reads_ones_own_rows_from_the_newest_on(explaining: ExplainingDatabase) -> None:
    """A page and the prompts follow the index and stop once they are full, however many rows there are."""
    history = History(explaining)
    await history.page(ACCOUNT, page=1, size=4)
    await history.prompts(ACCOUNT, limit=50)
    assert explaining.plans == [[PERSONS_ROWS]] * 2


async def test_what_was_drawn_last_is_found_in_the_order_of_time(explaining: ExplainingDatabase) -> None:
    """Nothing that is older than what is asked for is read, even where nothing newer was drawn."""
    await History(explaining).recent(limit=25, since_ms=290)
    assert explaining.plans == [[LATEST_ROWS]]


async def test_what_is_under_way_is_found_among_the_open_ones(explaining: ExplainingDatabase) -> None:
    """One seek, however often a picture was drawn again."""
    await Generations(explaining).under_way(Parent(id=ordered(1).id, action=Action.AGAIN))
    assert explaining.plans == [["SEARCH generation USING INDEX generation_child (parent=? AND action=?)"]]


async def test_a_press_reads_and_changes_one_row(explaining: ExplainingDatabase) -> None:
    """By its key: found, called off, begun, deleted, shared."""
    job = await claimed(Generations(explaining.database), begun=False)
    generations, history = Generations(explaining), History(explaining)
    await generations.find(job.id)
    await generations.begin(job)
    await generations.cancel(job.id)
    await history.deleted(job.id, now_ms=1)
    await history.share(job.id, now_ms=1)
    await history.unshare(job.id)
    assert explaining.plans == [["SEARCH generation USING INDEX sqlite_autoindex_generation_1 (id=?)"]] * 6
