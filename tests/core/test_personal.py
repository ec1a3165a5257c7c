"""What is kept about people can be had and can go: the books stay right, and no crash leaves a rest."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes import ACCOUNT, RECEIPT, RESULT, SPACE, START_MS, Crash, FakeClock, Life, MortalDatabase, order
from stores import HOUR_MS, accept, begin, limits, ordered, row_of, rows_of, total_charged

from bot.errors import DatabaseFailed
from bot.model import Account, Drawing, Generation, GenerationId, ImageRequest, Pot, Reason
from bot.personal import DAY_MS, Erased, PersonalData
from bot.rules import Change, Kind, Subject, is_erased
from bot.store import Draft, Drafts, Generations, History, Notes, PersonalRecords, Rules
from bot.store.database import Database, Row, SqliteDatabase, open_reader

ELSEWHERE = Account("discord:9:2")
STRANGER = Account("discord:1:3")
SECRETS = ("a red fox", "rewritten", "link.example", "file-1", "request-1")


async def settled(
    generations: Generations,
    number: int,
    *,
    account: Account = ACCOUNT,
    at_ms: int = START_MS,
    bonus: bool = False,
) -> GenerationId:
    """Command `number` of two credits, delivered; with `bonus` out of a pot."""
    within = limits(own=0) if bonus else limits()
    if bonus:
        within = replace(within, pot=Pot(credits=99, since_ms=0, expires_ms=None))
    assert await accept(generations, ordered(number, account=account), within=within, price=2, now_ms=at_ms)
    return await finish(generations, number)


async def finish(generations: Generations, number: int) -> GenerationId:
    job = await begin(generations, GenerationId(f"discord:{number}"))
    assert job is not None
    drawing = Drawing(url="https://link.example", revised="rewritten", request_id="request-1")
    assert await generations.keep_picture(job, 0, drawing)
    assert await generations.delivering(job, charge=2)
    assert await generations.keep_file(job, 0, "file-1")
    assert await generations.delivered(
        job,
        now_ms=job.created_ms + 1,
        result=replace(RESULT, receipt=replace(RECEIPT, link="https://link.example/message")),
    )
    return job.id


@pytest.fixture
async def reader(path: Path, database: SqliteDatabase) -> AsyncIterator[SqliteDatabase]:  # noqa: ARG001 - opened first
    async with open_reader(path) as reader:
        yield reader


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START_MS + HOUR_MS)


@dataclass(kw_only=True)
class ExplainingDatabase:
    """Runs statements, and keeps what SQLite plans for each on `tables`."""

    database: Database
    tables: tuple[str, ...] = ("generation",)
    steps: list[str] = field(default_factory=list)

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        plan = await self.database.fetch(f"EXPLAIN QUERY PLAN {sql}", **params)
        details = [str(step["detail"]) for step in plan]
        self.steps += [step for step in details if step.partition(" ")[2].split(" ")[0] in self.tables]
        return await self.database.fetch(sql, **params)


def desk(database: Database, reader: Database, clock: FakeClock, *, retention_ms: int | None = None) -> PersonalData:
    return PersonalData(
        records=PersonalRecords(database, reader, by_account={"preference": "at", "draft": "created"}),
        drafts=Drafts(database),
        notes=Notes(database),
        clock=clock,
        keep_account_ms=2 * DAY_MS,
        retention_ms=retention_ms,
    )


async def everything(database: Database) -> str:
    return json.dumps(await rows_of(database))


async def test_an_erased_person_leaves_sums_and_nothing_else(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """Under every account of theirs; the window is still spent, and others keep everything."""
    ids = [await settled(generations, 1), await settled(generations, 2, account=ELSEWHERE)]
    other = await settled(generations, 3, account=STRANGER)
    before, charged = await row_of(database, other), await total_charged(database)
    usage = await generations.usage(ACCOUNT, SPACE, limits(own=5, space=9, total=9))
    await database.fetch("INSERT INTO preference VALUES (:account, '{}', 1)", account=ACCOUNT)
    assert await desk(database, reader, clock).erase(ACCOUNT) == Erased(count=2, open=0)
    assert await row_of(database, other) == before
    assert await total_charged(database) == charged
    assert await generations.usage(ACCOUNT, SPACE, limits(own=5, space=9, total=9)) == usage
    assert not await database.fetch("SELECT * FROM preference")
    assert not await History(database).prompts(ACCOUNT, limit=9)
    for known in ids:
        row = await row_of(database, known)
        request = ImageRequest.from_json(row["request"])
        assert request.erased
        assert (request.count, request.size.width) == (1, 1024)
        assert (row["result"], row["address"], row["roles"]) == (None, None, "[]")
        [picture] = await database.fetch("SELECT * FROM picture WHERE generation = :id", id=known)
        assert (picture["url"], picture["revised"], picture["request_id"], picture["file_id"]) == ("", None, None, None)


async def test_what_is_under_way_is_erased_after_its_end(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """It is drawn as asked for; what is asked for later is not touched."""
    assert await accept(generations, ordered(1), price=2)
    data = desk(database, reader, clock)
    assert await data.erase(ACCOUNT) == Erased(count=0, open=1)
    await data.sweep()
    assert "a red fox" in await everything(database)
    await finish(generations, 1)
    later = await settled(generations, 2, at_ms=clock.now_ms() + 1)
    await data.sweep()
    assert ImageRequest.from_json((await row_of(database, GenerationId("discord:1")))["request"]).erased
    assert not ImageRequest.from_json((await row_of(database, later))["request"]).erased


async def test_names_go_when_no_window_counts_them_any_more(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """Account and id; then also that they ever asked for it is forgotten."""
    known, data = await settled(generations, 1), desk(database, reader, clock)
    await data.erase(ACCOUNT)
    clock.at_ms = START_MS + 2 * DAY_MS
    await data.sweep()
    assert (await row_of(database, known))["account"] == ACCOUNT
    clock.at_ms += 2 * HOUR_MS
    await data.sweep()
    [row] = await database.fetch("SELECT * FROM generation")
    assert row["account"] == "discord:1:erased"
    assert is_erased(row["account"])
    assert row["id"].startswith("discord:erased:")
    assert (row["space"], row["charged"], row["created"]) == (SPACE, 2, START_MS)
    assert not await database.fetch("SELECT * FROM picture")
    assert not await database.fetch("SELECT * FROM erasure")


@pytest.mark.parametrize(("expires_ms", "named"), [(None, True), (START_MS + 99 * DAY_MS, True), (START_MS + 1, False)])
@pytest.mark.parametrize("asked", [True, False], ids=["erased", "retired"])
async def test_bonus_credits_do_not_come_back(
    database: SqliteDatabase,
    reader: SqliteDatabase,
    clock: FakeClock,
    generations: Generations,
    *,
    expires_ms: int | None,
    named: bool,
    asked: bool,
) -> None:
    """A pot is summed over its rows for as long as it lives: so long they are the account's."""
    grant = Change(space=SPACE, subject=Subject(ACCOUNT), kind=Kind.GRANT, value=9, expires_ms=expires_ms)
    assert await Rules(database).add(grant, id="grant", by="discord:7", now_ms=START_MS - 1)
    await settled(generations, 1, bonus=True)
    data = desk(database, reader, clock, retention_ms=None if asked else DAY_MS)
    if asked:
        await data.erase(ACCOUNT)
    clock.at_ms = START_MS + 30 * DAY_MS
    await data.sweep()
    [row] = await database.fetch("SELECT * FROM generation")
    assert ImageRequest.from_json(row["request"]).erased
    assert is_erased(row["account"]) is not named


async def test_old_prompts_are_wiped_on_a_schedule(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """Whoever's they are; the name goes with the window, and unset keeps everything."""
    for number in range(3):
        await settled(generations, number, at_ms=START_MS + number * DAY_MS)
    clock.at_ms = START_MS + DAY_MS + HOUR_MS
    await desk(database, reader, clock).sweep()
    assert "a red fox" in (await row_of(database, GenerationId("discord:0")))["request"]
    data = desk(database, reader, clock, retention_ms=DAY_MS)
    await data.sweep()
    rows = await database.fetch("SELECT * FROM generation ORDER BY created")
    assert [ImageRequest.from_json(row["request"]).erased for row in rows] == [True, False, False]
    assert {row["account"] for row in rows} == {ACCOUNT}
    clock.at_ms += DAY_MS
    await data.sweep()
    rows = await database.fetch("SELECT * FROM generation ORDER BY created")
    assert [ImageRequest.from_json(row["request"]).erased for row in rows] == [True, True, False]
    assert [is_erased(row["account"]) for row in rows] == [True, False, False]


async def test_what_is_open_for_ever_keeps_nothing_else(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """It may be of a platform that is not set up any more; once it is settled, it goes as well."""
    assert await accept(generations, order(1, prompt="a blue dog"), price=2)
    await settled(generations, 2, at_ms=START_MS + 1)
    clock.at_ms = START_MS + 9 * DAY_MS
    data = desk(database, reader, clock, retention_ms=DAY_MS)
    await data.sweep()
    kept = await everything(database)
    assert "a blue dog" in kept
    assert not any(secret in kept for secret in SECRETS)
    await finish(generations, 1)
    await data.sweep()
    kept = await everything(database)
    assert not any(secret in kept for secret in ("a blue dog", ACCOUNT, *SECRETS))


async def test_a_refunded_row_goes_too(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """It stays refunded, with its reason."""
    assert await accept(generations, ordered(1))
    job: Generation | None = await generations.claim(ordered(1).id)
    assert job is not None
    assert await generations.refund(job, Reason.PROMPT_REFUSED)
    data = desk(database, reader, clock)
    assert await data.erase(ACCOUNT) == Erased(count=0, open=1)
    assert await generations.told(job, now_ms=START_MS + 1)
    assert await data.erase(ACCOUNT) == Erased(count=1, open=0)
    assert (await row_of(database, job.id))["reason"] == Reason.PROMPT_REFUSED


@pytest.mark.parametrize("asked", [True, False], ids=["erased", "retired"])
async def test_a_crash_anywhere_is_finished_by_the_next_sweep(
    database: SqliteDatabase, reader: SqliteDatabase, generations: Generations, *, asked: bool
) -> None:
    """After each statement and before it: once the wish is noted, or the time is up, it happens."""
    cut, until = True, 0
    while cut:
        until += 1
        for table in ("picture", "generation", "erasure", "note", "preference"):
            await database.fetch(f"DELETE FROM {table}")  # noqa: S608 - a table's name
        for number in range(2):
            await settled(generations, number)
        clock, life = FakeClock(START_MS + 9 * DAY_MS), Life(until=until)
        await database.fetch("INSERT INTO preference VALUES (:account, '{}', 1)", account=ACCOUNT)
        mortal = MortalDatabase(database=database, life=life)
        retention_ms = None if asked else DAY_MS
        data = desk(mortal, reader, clock, retention_ms=retention_ms)
        try:
            if asked:
                await data.erase(ACCOUNT)
            await data.sweep()
            cut = False
        except Crash:
            pass
        wished = bool(await database.fetch("SELECT * FROM erasure"))
        clock.advance(3 * 86_400)
        await desk(database, reader, clock, retention_ms=retention_ms).sweep()
        await desk(database, reader, clock, retention_ms=retention_ms).sweep()
        kept = await everything(database)
        assert await total_charged(database) == 4
        if wished or not asked or not cut:
            assert not any(secret in kept for secret in SECRETS), until
            assert ACCOUNT not in kept, until
            assert not await database.fetch("SELECT * FROM erasure")
            assert not (asked and await database.fetch("SELECT * FROM preference"))
    assert until > 6


async def test_an_export_is_complete(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """Over chunks and accounts; whoever made a rule is an admin."""
    for number in range(450):
        assert await accept(generations, ordered(number), now_ms=START_MS + number // 300)
    await settled(generations, 900, account=ELSEWHERE)
    await settled(generations, 901, account=STRANGER)
    block = Change(space=SPACE, subject=Subject(ACCOUNT), kind=Kind.BLOCK, reason="too many foxes")
    assert await Rules(database).add(block, id="rule", by="discord:7654321", now_ms=START_MS)
    await database.fetch("INSERT INTO preference VALUES (:account, '{\"count\": 2}', 1)", account=ACCOUNT)
    found = await desk(database, reader, clock).export(ACCOUNT)
    text = json.dumps(found)
    assert found["accounts"] == [ACCOUNT, ELSEWHERE]
    assert len({row["id"] for row in found["generations"]}) == 451
    delivered = found["generations"][-1]
    assert delivered["request"]["prompt"] == "a red fox"
    assert delivered["revised_prompts"] == {"0": "rewritten"}
    assert delivered["link"] == "https://link.example/message"
    assert delivered["charged"] == 2
    assert found["preference"][0]["value"] == {"count": 2}
    assert (found["rules"][0]["by"], found["rules"][0]["reason"]) == ("an admin", "too many foxes")
    assert "7654321" not in text
    assert STRANGER not in text


async def test_an_export_reads_the_persons_own_rows_alone(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """However many other people's pictures there are."""
    for number in range(200):
        assert await accept(generations, ordered(number))
    explaining = ExplainingDatabase(database=reader, tables=("generation", "picture", "rule"))
    await desk(database, explaining, clock).export(ACCOUNT)
    assert {step for step in explaining.steps if "account>?" not in step and "subject>?" not in step} == {
        "SEARCH generation USING INDEX generation_account (account=? AND created>?)",
        "SEARCH picture USING INDEX sqlite_autoindex_picture_1 (generation=?)",
        "SEARCH rule USING INDEX rule_newest (subject=?)",
    }


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("discord:1:2", ["discord:1:2", "discord:9:2", "discord:user:2"]),
        ("discord:5:22", ["discord:5:22"]),
        ("slack:T1:2", ["slack:T1:2"]),
    ],
)
async def test_a_person_is_found_under_every_account(
    database: SqliteDatabase, reader: SqliteDatabase, generations: Generations, account: str, expected: list[str]
) -> None:
    """On Discord across servers, and not by an id that only ends alike or is a role's."""
    for number, known in enumerate(["discord:1:2", "discord:9:2", "discord:1:12", "discord:1:2", "slack:T2:2"]):
        assert await accept(generations, ordered(number, account=Account(known)))
    for subject in ("discord:user:2", "discord:1:role:2"):
        change = Change(space=SPACE, subject=Subject(subject), kind=Kind.LIMIT, value=1)
        assert await Rules(database).add(change, id=subject, by="discord:7", now_ms=1)
    assert await PersonalRecords(database, reader).accounts_of(Account(account)) == expected


async def test_a_failing_sweep_is_tried_at_the_next_turn(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock
) -> None:
    """A database that is locked for a while must not end the bot."""

    class Stopped(BaseException):
        """The test has seen enough."""

    class Sweeping(PersonalData):
        turns = 0

        async def sweep(self) -> None:
            self.turns += 1
            if self.turns > 2:
                raise Stopped
            raise DatabaseFailed("locked")

    data = Sweeping(
        records=PersonalRecords(database, reader),
        drafts=Drafts(database),
        notes=Notes(database),
        clock=clock,
        keep_account_ms=DAY_MS,
    )
    with pytest.raises(Stopped):
        await data.keep_tidy()
    assert clock.sleeps == [3600, 3600]


async def test_no_statement_changes_many_rows(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """A command waits for one of them at the most, however much there is to wipe."""
    for number in range(120):
        await settled(generations, number, at_ms=START_MS + number)
    request = ordered(1).request.to_json()
    for number in range(450):
        await database.fetch(
            "INSERT INTO draft (id, account, request, created) VALUES (:id, :account, :request, 1)",
            id=f"discord:draft:{number}",
            account=STRANGER,
            request=request,
        )
    changed: dict[str, list[int]] = {"draft": [], "picture": [], "generation": []}

    class Counting:
        async def fetch(self, sql: str, **params: Any) -> list[Row]:
            rows = await database.fetch(sql, **params)
            [row] = await database.fetch("SELECT CHANGES() AS rows")
            for table, counts in changed.items():
                if re.search(rf"(UPDATE|DELETE FROM) {table}\s", sql):
                    counts.append(row["rows"])
            return rows

    clock.at_ms = START_MS + 9 * DAY_MS
    await desk(Counting(), reader, clock, retention_ms=DAY_MS).sweep()
    # Wiped, and then without a name; their pictures are emptied, and then gone.
    assert {table: sum(counts) for table, counts in changed.items()} == {
        "draft": 450,
        "picture": 240,
        "generation": 240,
    }
    assert max(changed["draft"]) == 200
    assert max(changed["picture"]) == max(changed["generation"]) == 50


async def test_a_person_is_found_by_a_seek_for_each_account(database: SqliteDatabase, reader: SqliteDatabase) -> None:
    """In every table that knows one, however many rows each of them has."""
    tables = ("generation", "rule", "erasure", "preference", "draft")
    explaining = ExplainingDatabase(database=reader, tables=tables)
    others = {"preference": "at", "draft": "created"}
    await PersonalRecords(database, explaining, by_account=others).accounts_of(ACCOUNT)
    accounts = ("sqlite_autoindex_erasure_1", "sqlite_autoindex_preference_1", "draft_account")
    indexes = ("generation_account", "rule_newest", *accounts)
    # The first account, and from there each time the next one.
    assert [step.split("(")[0] for step in explaining.steps] == [
        f"SEARCH {table} USING COVERING INDEX {index} "
        for table, index in zip(tables, indexes, strict=True)
        for _ in "12"
    ]


@pytest.mark.parametrize("asked", [True, False], ids=["erased", "retired"])
async def test_erasing_and_sweeping_read_each_row_once(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations, *, asked: bool
) -> None:
    """By account or by time through an index, each chunk from where the last one ended; what is open has its own."""
    for number in range(30):
        await settled(generations, number, at_ms=START_MS + number, bonus=number % 9 == 0)
    steps: list[str] = []
    writing, reading = (ExplainingDatabase(database=each, steps=steps) for each in (database, reader))
    data = desk(writing, reading, clock, retention_ms=None if asked else DAY_MS)
    if asked:
        await data.erase(ACCOUNT)
    clock.at_ms = START_MS + 9 * DAY_MS
    await data.sweep()
    by_key = "SEARCH generation USING INDEX sqlite_autoindex_generation_1 (id=?)"
    expected = {
        "SEARCH generation USING COVERING INDEX generation_account (account>? AND account<?)",
        "SEARCH generation USING COVERING INDEX generation_account (account=? AND created<?)",
        "SEARCH generation USING INDEX generation_account (account=? AND created>? AND created<?)",
        "SEARCH generation USING INDEX generation_queued (account=?)",
    }
    if not asked:
        expected = {
            "SEARCH generation USING INDEX generation_open",
            "SEARCH generation USING INDEX generation_total (created>? AND created<?)",
            "SEARCH generation USING INDEX generation_bonus ((account,created)>(?,?))",
        }
    assert set(steps) == {*expected, by_key}


async def test_drafts_are_erased_and_do_not_outlive_a_day(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock
) -> None:
    """They hold prompts, too: the person's go at once, those that nobody answers with the day."""
    drafts, data = Drafts(database), desk(database, reader, clock)
    request = ordered(1).request
    for number, account in enumerate((ACCOUNT, STRANGER)):
        await drafts.keep(ordered(number).id, Draft(account=account, request=request), now_ms=START_MS)
    await data.erase(ACCOUNT)
    await data.sweep()
    assert await drafts.find(ordered(0).id) is None
    assert await drafts.find(ordered(1).id) is not None
    clock.at_ms = START_MS + DAY_MS + 1
    await data.sweep()
    assert await drafts.find(ordered(1).id) is None


async def test_what_it_was_made_from_goes_as_well(
    database: SqliteDatabase, reader: SqliteDatabase, clock: FakeClock, generations: Generations
) -> None:
    """The parent's id is that of an interaction."""
    first = await settled(generations, 1)
    await settled(generations, 2)
    await database.fetch("UPDATE generation SET parent = :first, action = 'again' WHERE id <> :first", first=first)
    await desk(database, reader, clock).erase(ACCOUNT)
    assert not await database.fetch("SELECT * FROM generation WHERE parent IS NOT NULL OR action IS NOT NULL")
