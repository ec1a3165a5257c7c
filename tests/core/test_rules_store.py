"""Rules as they are kept: nothing is ever changed, the newest of a subject and kind counts, admins read beside it."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from fakes import ACCOUNT, SPACE, START_MS
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import HOUR_MS, accept, ordered, total_charged

from bot.errors import DatabaseFailed
from bot.model import Account, GenerationId, Space
from bot.rules import DEPLOYMENT, Change, Kind, Noted, Rule, Subject, role_of
from bot.store import Generations, RuleBook, Rules
from bot.store.database import Database, SqliteDatabase, migrations, open_reader, open_sqlite

ME: Final = Subject(ACCOUNT)
HERE: Final = Subject(SPACE)
OTHER: Final = Subject("discord:1:3")
ELSEWHERE: Final = Space("discord:2")
ADMIN: Final = "discord:9"


@pytest.fixture
def rules(database: SqliteDatabase) -> Rules:
    return Rules(database)


@pytest.fixture
async def reader(path: Path, database: SqliteDatabase) -> AsyncIterator[SqliteDatabase]:
    del database  # has made the tables
    async with open_reader(path) as reader:
        yield reader


@pytest.fixture
def book(reader: SqliteDatabase) -> RuleBook:
    return RuleBook(reader)


def limit(value: int | None, *, subject: Subject = ME, space: Space | None = SPACE) -> Change:
    return Change(space=space, subject=subject, kind=Kind.LIMIT, value=value)


def granting(value: int, *, expires_ms: int | None = None) -> Change:
    return Change(space=SPACE, subject=ME, kind=Kind.GRANT, value=value, expires_ms=expires_ms)


TAKEN_BACK: Final = replace(limit(None), applies=False)


async def add(rules: Rules, *changes: Change, at_ms: int = START_MS, by: str = ADMIN) -> None:
    """One rule after the other, a second apart; the first at `at_ms`."""
    for number, change in enumerate(changes):
        moment = at_ms + number * 1000
        assert await rules.add(change, id=f"{change.subject}:{change.kind}:{moment}", by=by, now_ms=moment)


async def rows_of(database: Database) -> list[dict[str, object]]:
    """The rules past the store, in the order in which they were written."""
    return [dict(row) for row in await database.fetch("SELECT * FROM rule ORDER BY rowid")]


def values(entries: tuple[Noted, ...]) -> list[tuple[str, int | None]]:
    return [(noted.rule.kind, noted.rule.value) for noted in entries]


async def test_a_rule_is_kept_as_it_was_made(rules: Rules) -> None:
    """Every field comes back, in any script, with who made it and when."""
    change = Change(
        space=SPACE,
        subject=ME,
        kind=Kind.GRANT,
        value=2**40,
        expires_ms=START_MS + HOUR_MS,
        reason="für „Ali“ \\ 谢谢 🦊 '; DROP TABLE rule; --",
    )
    assert await rules.add(change, id="discord:77", by=ADMIN, now_ms=START_MS)
    assert await rules.newest(ME, Kind.GRANT) == Rule(
        id="discord:77",
        by=ADMIN,
        at_ms=START_MS,
        space=change.space,
        subject=change.subject,
        kind=change.kind,
        applies=True,
        value=change.value,
        expires_ms=change.expires_ms,
        reason=change.reason,
    )


@pytest.mark.parametrize("kind", Kind)
async def test_every_kind_can_be_kept(rules: Rules, kind: Kind) -> None:
    """The table's own check knows them all; a rule without a space is the operator's."""
    change = Change(space=None, subject=DEPLOYMENT, kind=kind)
    await add(rules, change)
    kept = await rules.newest(DEPLOYMENT, kind)
    assert kept is not None
    assert (kept.kind, kept.space, kept.value, kept.expires_ms, kept.reason) == (kind, None, None, None, None)


async def test_the_newest_of_a_subject_and_kind_counts(rules: Rules) -> None:
    """A rule of another kind or about somebody else replaces nothing."""
    await add(rules, limit(1), limit(2), limit(3))
    await add(rules, limit(9, subject=OTHER), Change(space=SPACE, subject=ME, kind=Kind.BLOCK), at_ms=START_MS + 9000)
    standing = await rules.standing([(ME, Kind.LIMIT), (OTHER, Kind.LIMIT)], account=ACCOUNT)
    assert [(rule.subject, rule.value) for rule in standing] == [(ME, 3), (OTHER, 9)]
    newest = await rules.newest(ME, Kind.LIMIT)
    assert newest == standing[0]
    assert await rules.newest(Subject("discord:1:4"), Kind.LIMIT) is None


async def test_nothing_is_ever_changed(database: SqliteDatabase, rules: Rules) -> None:
    """A later rule, one that is taken back and a duplicate leave every row as it was written."""
    await add(rules, limit(1))
    kept = await rows_of(database)
    for number, change in enumerate([limit(2), TAKEN_BACK, limit(None), granting(5), limit(2)]):
        await add(rules, change, at_ms=START_MS + 10_000 * (number + 1))
        rows = await rows_of(database)
        assert rows[:-1] == kept
        kept = rows
    assert not await rules.add(limit(99), id=str(kept[0]["id"]), by="discord:8", now_ms=START_MS + HOUR_MS)
    assert await rows_of(database) == kept


async def test_a_rule_that_was_taken_back_does_not_stand(rules: Rules) -> None:
    """It is still the newest, which is what a change of it replaces; a later one stands again."""
    await add(rules, limit(5), TAKEN_BACK)
    assert await rules.standing([(ME, Kind.LIMIT)], account=ACCOUNT) == []
    newest = await rules.newest(ME, Kind.LIMIT)
    assert newest is not None
    assert not newest.applies
    await add(rules, limit(None), at_ms=START_MS + 5000)
    [standing] = await rules.standing([(ME, Kind.LIMIT)], account=ACCOUNT)
    assert standing.value is None


async def test_a_command_that_is_sent_twice_is_noted_once(database: SqliteDatabase, rules: Rules) -> None:
    """Also in 64 deliveries at once, one of which is told that it was the first."""
    assert await rules.add(limit(1), id="one", by=ADMIN, now_ms=START_MS)
    assert not await rules.add(limit(1), id="one", by=ADMIN, now_ms=START_MS + 5)
    added = await asyncio.gather(
        *(rules.add(granting(5), id="two", by=ADMIN, now_ms=START_MS + number) for number in range(64))
    )
    assert sum(added) == 1
    assert [row["id"] for row in await rows_of(database)] == ["one", "two"]


@pytest.mark.parametrize("pause_ms", [0, -1, -HOUR_MS], ids=["still", "a moment back", "an hour back"])
async def test_the_last_word_counts_although_the_clock_stands_or_was_set_back(rules: Rules, pause_ms: int) -> None:
    """No two rules of a subject and kind share a moment, and the one that was said last is the newest."""
    for number in range(5):
        change = limit(number)
        assert await rules.add(change, id=f"r{number}", by=ADMIN, now_ms=START_MS + number * pause_ms)
        newest = await rules.newest(ME, Kind.LIMIT)
        assert newest is not None
        assert (newest.value, newest.at_ms) == (number, START_MS + number)
    [standing] = await rules.standing([(ME, Kind.LIMIT)], account=ACCOUNT)
    assert standing.value == 4


async def test_64_rules_in_one_moment_are_all_kept(path: Path, database: SqliteDatabase) -> None:
    """Over two connections, as a command line beside the running bot; one after the other by their moments."""
    async with open_sqlite(path) as other:
        added = await asyncio.gather(
            *(
                Rules((database, other)[number % 2]).add(granting(1), id=f"r{number}", by=ADMIN, now_ms=START_MS)
                for number in range(64)
            )
        )
    assert all(added)
    rows = await rows_of(database)
    assert sorted(row["at"] for row in rows) == list(range(START_MS, START_MS + 64))  # type: ignore[type-var]


async def test_all_grants_to_the_person_come_oldest_first_and_nobody_elses(rules: Rules) -> None:
    """Asked for by account, beside the pairs; those that ended are among them, for they tell where a pot began."""
    await add(rules, granting(1, expires_ms=START_MS + 1), granting(2), granting(3))
    await add(rules, replace(granting(50), subject=OTHER))
    await add(rules, limit(7), at_ms=START_MS + 500)
    standing = await rules.standing([(ME, Kind.LIMIT), (ME, Kind.RESET)], account=ACCOUNT)
    assert [(rule.kind, rule.value) for rule in standing] == [
        (Kind.GRANT, 1),
        (Kind.LIMIT, 7),
        (Kind.GRANT, 2),
        (Kind.GRANT, 3),
    ]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([ME, OTHER, HERE]),
            st.sampled_from([Kind.LIMIT, Kind.POOL]),
            st.booleans(),
            st.integers(-2, 2),
        ),
        max_size=12,
    )
)
def test_the_rules_in_force_are_what_a_dictionary_would_hold(said: list[tuple[Subject, Kind, bool, int]]) -> None:
    """Whatever was said in whatever order, and however the clock went: the last word of each pair."""
    expected: dict[tuple[Subject, Kind], int | None] = {}

    async def scenario(path: Path) -> None:
        async with open_sqlite(path) as database:
            rules, book = Rules(database), RuleBook(database)
            for number, (subject, kind, applies, seconds) in enumerate(said):
                change = Change(space=SPACE, subject=subject, kind=kind, applies=applies, value=number)
                assert await rules.add(change, id=f"r{number}", by=ADMIN, now_ms=START_MS + seconds * 1000)
                expected.pop((subject, kind), None)
                if applies:
                    expected[subject, kind] = number
            pairs = [(subject, kind) for subject in (ME, OTHER, HERE) for kind in (Kind.LIMIT, Kind.POOL)]
            standing = await rules.standing(pairs, account=ACCOUNT)
            page = await book.in_force(SPACE, now_ms=START_MS, page=1, size=100)
        assert {(rule.subject, rule.kind): rule.value for rule in standing} == expected
        assert {(noted.rule.subject, noted.rule.kind): noted.rule.value for noted in page.entries} == expected
        assert len(standing) == len(page.entries) == len(expected)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder) / "bot.db"))


async def test_the_list_is_what_stands(rules: Rules, book: RuleBook) -> None:
    """Neither what was replaced or taken back, nor attempts, nor resets, nor grants that ended."""
    await add(rules, limit(1), limit(2))
    await add(rules, limit(5, subject=OTHER), replace(TAKEN_BACK, subject=OTHER))
    await add(rules, granting(4))
    await add(rules, replace(granting(3, expires_ms=START_MS + HOUR_MS), subject=OTHER))
    await add(rules, *(Change(space=SPACE, subject=ME, kind=kind) for kind in (Kind.RESET, Kind.REFUSED, Kind.BLOCK)))
    await add(rules, Change(space=SPACE, subject=HERE, kind=Kind.POOL, value=None))
    at_ms = START_MS + HOUR_MS
    page = await book.in_force(SPACE, now_ms=at_ms - 1, page=1, size=50)
    assert values(page.entries) == [
        (Kind.BLOCK, None),
        (Kind.GRANT, 4),
        (Kind.GRANT, 3),
        (Kind.LIMIT, 2),
        (Kind.POOL, None),
    ]
    assert (page.number, page.more) == (1, False)
    page = await book.in_force(SPACE, now_ms=at_ms, page=1, size=50)
    assert (Kind.GRANT, 3) not in values(page.entries)


async def test_admins_see_their_own_space_and_the_operator_all(rules: Rules, book: RuleBook) -> None:
    """In the list and in the audit; the budget of the deployment belongs to no space."""
    await add(rules, limit(1), limit(2, subject=Subject("discord:2:2"), space=ELSEWHERE))
    await add(rules, limit(3, subject=role_of(SPACE, "11")))
    await add(rules, Change(space=None, subject=DEPLOYMENT, kind=Kind.BUDGET, value=4))
    for space, expected in ((SPACE, {1, 3}), (ELSEWHERE, {2}), (None, {1, 2, 3, 4})):
        listed = await book.in_force(space, now_ms=START_MS, page=1, size=50)
        audited = await book.audit(space, None, page=1, size=50)
        assert {noted.rule.value for noted in listed.entries} == expected
        assert {noted.rule.value for noted in audited.entries} == expected


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7, 8])
async def test_pages_follow_each_other_without_gap_or_overlap(rules: Rules, book: RuleBook, count: int) -> None:
    """`more` is true exactly where another page follows; one beyond the end is empty."""
    for number in range(count):
        await add(rules, limit(number, subject=Subject(f"discord:1:{number}")), at_ms=START_MS + number * 1000)
    listed = [await book.in_force(SPACE, now_ms=START_MS, page=number, size=4) for number in (1, 2, 3)]
    audited = [await book.audit(SPACE, None, page=number, size=4) for number in (1, 2, 3)]
    for pages, in_order in ((listed, range(count)), (audited, range(count)[::-1])):
        assert [page.number for page in pages] == [1, 2, 3]
        assert [page.more for page in pages] == [count > 4, count > 8, False]
        assert [noted.rule.value for page in pages for noted in page.entries] == list(in_order)
        assert max(len(page.entries) for page in pages) <= 4


async def test_the_audit_tells_from_what_to_what(rules: Rules, book: RuleBook) -> None:
    """Newest first, each with the rule of the same subject and kind before it, even one that was taken back."""
    await add(rules, limit(5), limit(None), TAKEN_BACK, limit(0))
    await add(rules, limit(7, subject=OTHER), at_ms=START_MS + 500)
    page = await book.audit(SPACE, ME, page=1, size=50)
    told = [(noted.rule.value, noted.rule.applies, noted.before and noted.before.value) for noted in page.entries]
    assert told == [(0, True, None), (None, False, None), (None, True, 5), (5, True, None)]
    assert [noted.before is not None for noted in page.entries] == [True, True, True, False]
    assert [noted.before and noted.before.applies for noted in page.entries][:3] == [False, True, True]
    [other] = (await book.audit(SPACE, OTHER, page=1, size=50)).entries
    assert other.before is None


async def test_what_was_replaced_is_told_across_pages(rules: Rules, book: RuleBook) -> None:
    """The rule before the last one of a page stands on the next."""
    await add(rules, *(limit(number) for number in range(5)))
    for number in (1, 2):
        page = await book.audit(SPACE, ME, page=number, size=2)
        for noted in page.entries:
            assert noted.before is not None
            assert (noted.before.value or 0) + 1 == noted.rule.value


async def test_refused_attempts_stand_in_the_audit_and_decide_nothing(rules: Rules, book: RuleBook) -> None:
    """With who tried, when, and what they typed."""
    attempt = Change(space=SPACE, subject=ME, kind=Kind.REFUSED, reason="grant <@2> 1000")
    await add(rules, limit(5))
    await add(rules, attempt, at_ms=START_MS + 5000, by=str(ME))
    refused, _ = (await book.audit(SPACE, ME, page=1, size=50)).entries
    assert (refused.rule.kind, refused.rule.by, refused.rule.at_ms) == (Kind.REFUSED, ME, START_MS + 5000)
    assert refused.rule.reason == "grant <@2> 1000"
    [standing] = await rules.standing([(ME, Kind.LIMIT), (ME, Kind.BLOCK)], account=ACCOUNT)
    assert standing.value == 5


async def test_spaces_are_those_with_a_picture_or_a_rule(
    generations: Generations, rules: Rules, book: RuleBook
) -> None:
    """Each once, in order; a direct message and the deployment are none."""
    assert await book.spaces() == []
    await add(rules, limit(1), limit(2, subject=OTHER))
    await add(rules, Change(space=None, subject=DEPLOYMENT, kind=Kind.BUDGET, value=4))
    assert await accept(generations, ordered(1, space=Space("slack:T1")))
    assert await accept(generations, ordered(2, space=SPACE))
    assert await accept(generations, ordered(3, space=None))
    assert await book.spaces() == [SPACE, "slack:T1"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO note VALUES ('a', 'b')",
        "UPDATE rule SET value = 1000",
        "DELETE FROM rule",
        "DROP TABLE rule",
        "CREATE TABLE other (id TEXT)",
    ],
)
async def test_the_reader_cannot_write(database: SqliteDatabase, reader: SqliteDatabase, statement: str) -> None:
    """Whatever a mistake in a report would try; it goes on reading afterwards."""
    await add(Rules(database), limit(1))
    before = await rows_of(database)
    with pytest.raises(DatabaseFailed, match="readonly"):
        await reader.fetch(statement)
    assert await rows_of(reader) == await rows_of(database) == before


async def test_the_reader_works_while_a_writer_holds_the_file(
    path: Path, rules: Rules, database: SqliteDatabase, book: RuleBook
) -> None:
    """It sees what was committed, at once, and not what is being written."""
    await add(rules, limit(1))
    await database.fetch("BEGIN IMMEDIATE")
    await add(rules, limit(2), at_ms=START_MS + 5000)
    with closing(sqlite3.connect(path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    async with asyncio.timeout(2):
        page = await book.audit(SPACE, None, page=1, size=50)
    assert values(page.entries) == [(Kind.LIMIT, 1)]
    await database.fetch("COMMIT")
    page = await book.audit(SPACE, None, page=1, size=50)
    assert values(page.entries) == [(Kind.LIMIT, 2), (Kind.LIMIT, 1)]


async def test_a_look_that_takes_long_does_not_hold_up_a_command(
    generations: Generations, reader: SqliteDatabase
) -> None:
    """An accept that comes while a report is being read is committed; the report shows the books as it found them."""
    count = "SELECT COUNT(*) AS rows FROM generation"
    await reader.fetch("BEGIN")
    assert await reader.fetch(count) == [{"rows": 0}]
    async with asyncio.timeout(2):
        assert await accept(generations, ordered(1))
    assert await reader.fetch(count) == [{"rows": 0}]
    await reader.fetch("COMMIT")
    assert await reader.fetch(count) == [{"rows": 1}]


async def test_a_database_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    """Every generation and picture stays as it was, and what was open is drawn; rules can be made at once."""
    version, script = migrations()[0]
    with closing(sqlite3.connect(path)) as old:
        old.executescript(f"{script}; CREATE TABLE migration (version BIGINT PRIMARY KEY);")
        old.execute("INSERT INTO migration VALUES (?)", (version,))
        columns = (
            "id, account, space, asked, charged, bonus, state, attempt, created, deadline, settled, request, address"
        )
        request = ordered(1).request.to_json()
        for number, (state, settled) in enumerate([("queued", None), ("running", None), ("delivered", START_MS)]):
            old.execute(
                f"INSERT INTO generation ({columns}) VALUES (?, ?, ?, 2, 2, 0, ?, 1, ?, ?, ?, ?, '{{}}')",  # noqa: S608
                (f"discord:{number}", ACCOUNT, SPACE, state, START_MS, START_MS + HOUR_MS, settled, request),
            )
        old.execute("INSERT INTO picture (generation, n, url) VALUES ('discord:1', 0, 'https://a.example')")
        old.commit()
        before = old.execute(f"SELECT {columns} FROM generation ORDER BY id").fetchall()  # noqa: S608
    for _ in range(2):
        async with open_sqlite(path) as database:
            rows = await database.fetch(f"SELECT {columns}, roles FROM generation ORDER BY id")  # noqa: S608
            assert [tuple(row.values()) for row in rows] == [(*row, "[]") for row in before]
            assert list(await Generations(database).open_ids()) == ["discord:0", "discord:1"]
            assert [
                picture.url for picture in (await Generations(database).pictures(GenerationId("discord:1"))).values()
            ]
    async with open_sqlite(path) as database:
        job = await Generations(database).claim(GenerationId("discord:0"))
        assert job is not None
        assert (job.roles, job.charged, job.account) == ((), 2, ACCOUNT)
        await add(Rules(database), granting(5))
        assert len(await Rules(database).standing([(ME, Kind.LIMIT)], account=Account(ACCOUNT))) == 1
        assert await total_charged(database) == 6
