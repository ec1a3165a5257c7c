"""`/quota-admin` between a directory that a test makes and a real database: what is answered, and what is changed."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from fakes import ACCOUNT, SPACE, FakeClock
from pauses import longest_pause_s

from adapters.admin import QUOTA_ADMIN, AdminAsked, AdminCommands, Found
from adapters.charts import Chart, ChartFailed, Charts
from adapters.console import plain
from adapters.reporting import Money, rows_as_csv
from adapters.responses import Answer, Silence
from adapters.sentences import Mention
from bot.admin import COMMAND_LINE, MOST_ENTRIES, Actor, Admin
from bot.errors import OperatorNeeded, PlatformBusy
from bot.model import Account, Reason, Space
from bot.policy import Policy, Prices
from bot.quotas import Quotas
from bot.reports import Entry, Report
from bot.rules import Kind, Noted, role_of
from bot.store import Generations, Reports, RuleBook, Rules
from bot.store.database import SqliteDatabase, open_reader, open_sqlite
from bot.vocabulary import REASON, say
from bot.windows import Window

DRAWN = b"\x89PNG of a fake"
ADMIN = Actor(id="discord:5", account=Account("discord:1:5"), space=SPACE, manages=True)
MEMBER = replace(ADMIN, manages=False)
OWNER = replace(ADMIN, id="discord:7")
ELSEWHERE = replace(OWNER, space=None)
BOB = Account("discord:1:3")

DREW = """
INSERT INTO generation (id, account, space, asked, charged, bonus, state, attempt, created, deadline, reason, request)
VALUES (:id, :account, :space, :asked, :charged, 0, :state, 1, :at, 0, :reason, '{}')
"""
FILL = """
INSERT INTO generation (id, account, space, asked, charged, bonus, state, attempt, created, deadline, request)
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :rows)
SELECT 'discord:' || n, 'discord:1:' || (n % 20), 'discord:1', 1, 1, 0, 'delivered', 1, :at - n, 0, '{}' FROM number
"""


@dataclass(kw_only=True)
class FakeDirectory:
    """People and roles by their names; `fault` is what every look-up ends with, if anything."""

    people: dict[str, Found] = field(
        default_factory=lambda: {
            "@ann": Found(id="2", roles=(role_of(SPACE, "9"),)),
            "@bob": Found(id="3"),
            "@robot": Found(id="4", is_bot=True),
        }
    )
    roles: dict[str, str] = field(default_factory=lambda: {"@artists": "9", "@everyone": "1"})
    fault: Exception | None = None

    async def person(self, text: str) -> Found | None:
        self._look_up()
        return self.people.get(text)

    async def role(self, text: str) -> str | None:
        self._look_up()
        return self.roles.get(text)

    async def names(self, accounts: Iterable[Account]) -> Mapping[Account, str]:
        self._look_up()
        ids = {found.id: name for name, found in self.people.items()}
        return {account: ids[local] for account in accounts if (local := account.rpartition(":")[2]) in ids}

    def _look_up(self) -> None:
        if self.fault is not None:
            raise self.fault


@dataclass(kw_only=True)
class FakeCharts(Charts):
    """Draws nothing, and keeps what it was given; `fault` is what happens instead."""

    fault: ChartFailed | None = None
    drawn: list[Chart] = field(default_factory=list)

    async def draw(self, chart: Chart) -> bytes:
        if self.fault is not None:
            raise self.fault
        self.drawn.append(chart)
        return DRAWN


@dataclass(kw_only=True)
class Desk:
    """The admin commands of one bot, and who can be found."""

    database: SqliteDatabase
    rule_book: RuleBook
    clock: FakeClock
    charts: FakeCharts
    admin: Admin
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    money: Money | None = None
    asked: int = 0

    async def say(self, line: str, *, by: Actor = ADMIN, id: str | None = None) -> Answer | Silence:
        """Type `line` behind the command, as `by`."""
        self.asked += 1
        self.clock.advance(1)
        commands = AdminCommands(admin=self.admin, charts=self.charts, money=self.money)
        asked = AdminAsked(
            id=id or f"discord:{self.asked}",
            actor=by,
            line=line,
            command=QUOTA_ADMIN,
            directory=self.directory,
            locale="en",
        )
        return await commands.run(asked, say(line))

    async def reads(self, line: str, *, by: Actor = ADMIN) -> str:
        """What is answered to `line`, as text."""
        answer = await self.say(line, by=by)
        assert isinstance(answer, Answer)
        return plain(answer.sentence)

    async def noted(self) -> list[Noted]:
        """Everything in the audit, newest first."""
        found = await self.rule_book.audit(None, None, page=1, size=100)
        return list(found.entries)

    async def drew(
        self, number: int, *, credits: int = 1, account: Account = ACCOUNT, state: str = "delivered"
    ) -> None:
        """Command `number` of `account` has come to `state`."""
        reason = Reason.SERVICE_BUSY if state == "refunded" else None
        await self.database.fetch(
            DREW,
            id=f"discord:{number}",
            account=account,
            space=SPACE,
            asked=credits,
            charged=credits if reason is None else 0,
            state=state,
            at=self.clock.now_ms(),
            reason=reason,
        )


@asynccontextmanager
async def open_desk(folder: Path, **facts: Any) -> AsyncIterator[Desk]:
    """A desk in Berlin, where a person has 20 credits a day."""
    path = folder / "bot.db"
    async with open_sqlite(path) as database, open_reader(path) as reader:
        clock, charts, rules = FakeClock(), FakeCharts(), Rules(database)
        window = Window(name="day", zone=ZoneInfo("Europe/Berlin"), rolling_ms=None)
        policy = Policy(window=window, own=20, space=None, total=None)
        quotas = Quotas(
            generations=Generations(database),
            rules=rules,
            policy=policy,
            prices=Prices(plain=1, extended=2),
            clock=clock,
        )
        rule_book = RuleBook(reader)
        admin = Admin(
            rules=rules,
            rule_book=rule_book,
            reports=Reports(reader),
            quotas=quotas,
            policy=policy,
            clock=clock,
            owners=frozenset({OWNER.id}),
        )
        yield Desk(database=database, rule_book=rule_book, clock=clock, charts=charts, admin=admin, **facts)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as desk:
        yield desk


@pytest.mark.parametrize(
    "line",
    [
        "show {who}",
        "set {who} 5",
        "grant {who} 5",
        "reset {who}",
        "block {who} spam",
        "unblock {who}",
        "audit {who}",
    ],
)
class TestPeople:
    """Every word that is about somebody."""

    async def test_somebody_who_is_there_is_found(self, desk: Desk, line: str) -> None:
        """The tests below are about these very lines."""
        assert "Nothing was changed" not in await desk.reads(line.format(who="@ann"))

    async def test_a_bot_has_no_quota(self, desk: Desk, line: str) -> None:
        """It is named, and nothing is noted."""
        answer = await desk.say(line.format(who="@robot"))
        assert isinstance(answer, Answer)
        assert answer.sentence[0] == Mention("4")
        assert "is a bot" in plain(answer.sentence)
        assert await desk.noted() == []

    async def test_nobody_by_that_name_is_a_sentence(self, desk: Desk, line: str) -> None:
        """With the name as it was typed."""
        assert "There is nobody here called “@nobody”" in await desk.reads(line.format(who="@nobody"))
        assert await desk.noted() == []

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (PlatformBusy("429"), "cannot be looked up right now"),
            (OperatorNeeded("missing scope"), "the scopes users:read and usergroups:read are missing"),
        ],
        ids=["busy", "missing scope"],
    )
    async def test_a_platform_that_looks_nobody_up_is_a_sentence(
        self, desk: Desk, line: str, fault: Exception, words: str
    ) -> None:
        """That it is not the admin's mistake, and what to do."""
        desk.directory.fault = fault
        assert words in await desk.reads(line.format(who="@ann"))
        assert await desk.noted() == []

    async def test_there_has_to_be_a_place(self, desk: Desk, line: str) -> None:
        """The owner's direct messages are none; nobody is looked up."""
        desk.directory.fault = AssertionError("looked up")
        assert "That is about one server or workspace" in await desk.reads(line.format(who="@ann"), by=ELSEWHERE)
        assert await desk.noted() == []

    async def test_a_member_may_not(self, desk: Desk, line: str) -> None:
        """Refused before anybody is looked up, and noted as it was typed."""
        desk.directory.fault = AssertionError("looked up")
        typed = line.format(who="@ann")
        assert "Only people who manage this place" in await desk.reads(typed, by=MEMBER)
        [noted] = await desk.noted()
        assert (noted.rule.kind, noted.rule.reason, noted.rule.by) == (Kind.REFUSED, typed, MEMBER.id)


async def test_a_persons_roles_count_in_what_is_shown(desk: Desk) -> None:
    """The directory tells them, not the command."""
    await desk.say("role @artists 50")
    assert "50 credits a day, from their role" in await desk.reads("show @ann")
    assert "20 credits a day, from the bot's default" in await desk.reads("show @bob")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("role @strangers 5", "There is no role or group “@strangers” here"),
        ("role @everyone 5", "say default rather than role"),
        ("role @artists many", "amount cannot be “many”"),
        ("set @ann -1", "amount cannot be “-1”"),
        ("pool ٣", "amount cannot be “٣”"),
        ("grant @ann 0", "credits cannot be “0”"),
        ("grant @ann 5 expires=2020-01-01", "in the past"),
        ("report days=0", "days cannot be “0”"),
        ("report days=10000", "days cannot be “10000”"),
        ("list page=0", "page cannot be “0”"),
        ("audit page=x", "page cannot be “x”"),
        ("graant @ann 5", "Did you mean “grant”?"),
        ("grant", "“person” is missing"),
        ("reset @ann now", "“now” is one word too many"),
    ],
)
async def test_bad_input_is_one_sentence_and_changes_nothing(desk: Desk, line: str, says: str) -> None:
    """And it is not in the audit."""
    said = await desk.reads(line)
    assert says in said
    assert "Nothing was changed" in said
    assert await desk.noted() == []


async def test_a_role_while_the_platform_looks_none_up_is_a_sentence(desk: Desk) -> None:
    """The same as for people."""
    desk.directory.fault = PlatformBusy("503")
    assert "cannot be looked up right now" in await desk.reads("role @artists 5")
    assert await desk.noted() == []


@pytest.mark.parametrize("line", ["set @ann 5", "grant @ann 5", "pool 9", "block @ann"])
async def test_the_same_command_again_is_silence(desk: Desk, line: str) -> None:
    """A platform that delivers twice neither grants twice nor is answered twice."""
    assert isinstance(await desk.say(line, id="discord:same"), Answer)
    assert await desk.say(line, id="discord:same") == Silence()
    assert len(await desk.noted()) == 1


async def test_a_long_reason_is_kept_in_part(desk: Desk) -> None:
    """As many characters as the vocabulary says; a blank one is none."""
    await desk.say(f"block @ann {'x' * 5000}")
    await desk.say('block @bob reason="  "')
    blank, long = await desk.noted()
    assert long.rule.reason == "x" * REASON
    assert blank.rule.reason is None


@pytest.mark.parametrize("word", ["ceiling", "budget"])
async def test_only_the_operator_sets_what_admins_cannot_exceed(desk: Desk, word: str) -> None:
    """Whoever manages the place is refused, and that is noted."""
    assert "Only the bot's operator" in await desk.reads(f"{word} 9")
    assert "9 credits a day" in await desk.reads(f"{word} 9", by=OWNER)
    made, refused = await desk.noted()
    assert (made.rule.kind, refused.rule.kind) == (word, Kind.REFUSED)


async def test_the_budget_and_everything_need_no_place(desk: Desk) -> None:
    """The owner says them in direct messages, too."""
    assert "The whole deployment: 9 credits" in await desk.reads("budget 9", by=ELSEWHERE)
    assert "The whole deployment: 9 credits" in await desk.reads("list everything=yes", by=ELSEWHERE)
    assert "That is about one server or workspace" in await desk.reads("list", by=ELSEWHERE)


async def test_everything_is_yes_or_no(desk: Desk) -> None:
    """Anything else would be a guess."""
    assert "everything cannot be “perhaps”" in await desk.reads("report everything=perhaps", by=OWNER)
    assert "Nothing here differs" in await desk.reads("list everything=no")


async def test_a_report_without_rows_has_nothing_to_attach(desk: Desk) -> None:
    """One sentence, and no process is started for an empty picture."""
    answer = await desk.say("report")
    assert answer == Answer(sentence=("Nobody has asked for a picture in that time.",))
    assert desk.charts.drawn == []


async def test_a_report_is_a_picture_figures_and_the_rows(desk: Desk) -> None:
    """In that order, named for the day, with words for those who do not see the picture."""
    await desk.drew(1, credits=4)
    await desk.drew(2, credits=3, state="refunded")
    await desk.drew(3, credits=2, account=BOB, state="running")
    answer = await desk.say("report days=7")
    assert isinstance(answer, Answer)
    said = plain(answer.sentence)
    assert "the last 7 days\n4 credits delivered, 3 given back, 2 under way." in said
    assert "By person:\n• 2: 4 credits for 1 command\n• 3: 2 credits for 0 commands" in said
    picture, rows = answer.files
    assert (picture.filename, picture.data) == ("quota-report-2030-03-17.png", DRAWN)
    assert picture.alt_text is not None
    assert "4 credits delivered, 3 given back, 2 under way." in picture.alt_text
    assert (rows.filename, rows.alt_text) == ("quota-report-2030-03-17.csv", None)
    [chart] = desk.charts.drawn
    assert chart.people == (("@ann", 4), ("@bob", 2))
    assert len(chart.dates) == 7
    assert [sum(values) for values in chart.series.values()] == [4, 3, 2]


async def test_a_report_tells_what_it_cost(tmp_path: Path) -> None:
    """Where the operator has said what a credit costs: what was delivered, and each person's part."""
    async with open_desk(tmp_path, money=Money(price=Decimal("0.015"), currency="USD")) as desk:
        await desk.drew(1, credits=1000)
        await desk.drew(2, credits=7, account=BOB)
        said = await desk.reads("report")
    assert "1,007 credits delivered (15.10 USD)" in said
    assert "1,000 credits for 1 command, 15.00 USD" in said
    assert "7 credits for 1 command, 0.10 USD" in said


async def test_a_report_is_about_its_own_place(desk: Desk) -> None:
    """Unless the operator asks for everything."""
    await desk.drew(1, credits=4)
    await desk.database.fetch("UPDATE generation SET space = 'discord:2'")
    await desk.drew(2, credits=3)
    assert "3 credits delivered" in await desk.reads("report", by=OWNER)
    assert "Whole deployment, the last 30 days\n7 credits delivered" in await desk.reads(
        "report everything=yes", by=ELSEWHERE
    )


@pytest.mark.parametrize("fault", [PlatformBusy("429"), OperatorNeeded("missing scope")], ids=repr)
async def test_a_report_comes_although_nobody_can_be_looked_up(desk: Desk, fault: Exception) -> None:
    """Ids say the same, if less well."""
    await desk.drew(1)
    desk.directory.fault = fault
    answer = await desk.say("report")
    assert isinstance(answer, Answer)
    assert len(answer.files) == 2
    [chart] = desk.charts.drawn
    assert chart.people == (("2", 1),)


async def test_a_report_comes_without_a_picture_that_cannot_be_drawn(desk: Desk) -> None:
    """It says so, the rows are there, and the log has what the drawing process said."""
    await desk.drew(1)
    complete = await desk.reads("report")
    desk.charts.fault = ChartFailed("no such font")
    with structlog.testing.capture_logs() as logged:
        answer = await desk.say("report")
    assert isinstance(answer, Answer)
    assert plain(answer.sentence) == f"{complete}\nThe chart could not be drawn this time; the figures are complete."
    [rows] = answer.files
    assert rows.filename.endswith(".csv")
    [event] = logged
    assert (event["event"], event["log_level"], event["exc_info"]) == ("chart failed", "error", True)


async def test_the_csv_has_a_line_a_command_newest_first(desk: Desk) -> None:
    """In the quota's time zone, with its offset, marked as UTF-8, for any spreadsheet."""
    await desk.drew(1, credits=4)
    desk.clock.advance(3600)
    await desk.drew(2, credits=3, account=BOB, state="refunded")
    answer = await desk.say("report")
    assert isinstance(answer, Answer)
    data = answer.files[1].data
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [
        ["time", "place", "person", "outcome", "reason", "asked", "charged", "bonus"],
        ["2030-03-17T19:46:40+01:00", "discord:1", "3", "refunded", "service_busy", "3", "0", "0"],
        ["2030-03-17T18:46:40+01:00", "discord:1", "2", "delivered", "", "4", "4", "0"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start: str) -> None:
    """What a spreadsheet would compute, or open a connection for, is text; numbers stay numbers."""
    nasty = f'{start}HYPERLINK("https://evil.example","a, b")'
    entry = Entry(
        created_ms=0,
        account=Account(nasty),
        space=Space(nasty),
        state=nasty,
        reason=nasty,
        asked=1,
        charged=1,
        bonus=0,
    )
    report = Report(space=None, days=(), people=(), num_people=0, entries=(entry,), num_entries=1)
    data = rows_as_csv(report, ZoneInfo("UTC")).decode("utf-8-sig")
    _, cells = csv.reader(io.StringIO(data, newline=""))
    # The part of an account behind its last colon is the person's own id.
    person = '//evil.example","a, b")'
    assert cells == ["1970-01-01T00:00:00+00:00", f"'{nasty}", person, f"'{nasty}", f"'{nasty}", "1", "1", "0"]


async def test_nobody_waits_for_the_longest_report(desk: Desk) -> None:
    """As many rows as a CSV can hold are read, and written, beside everything else that the bot does."""
    await desk.database.fetch(FILL, rows=MOST_ENTRIES, at=desk.clock.now_ms())

    async def work() -> None:
        answer = await desk.say("report")
        assert isinstance(answer, Answer)
        assert answer.files[1].data.count(b"\r\n") == MOST_ENTRIES + 1

    assert await longest_pause_s(work, bound_s=0.2) < 0.2


async def test_a_cut_csv_says_so(desk: Desk) -> None:
    """The figures are those of all rows."""
    await desk.database.fetch(FILL, rows=MOST_ENTRIES + 1, at=desk.clock.now_ms())
    said = await desk.reads("report")
    assert "The CSV holds the newest 50,000 of 50,001 rows." in said
    assert "50,001 credits delivered" in said


async def test_the_command_line_is_an_operator(desk: Desk) -> None:
    """Whoever reaches the database may do everything, everywhere."""
    somebody = Actor(id=COMMAND_LINE, account=Account(COMMAND_LINE), space=SPACE)
    assert "9 credits a day" in await desk.reads("budget 9", by=somebody)
    assert "the command line → The whole deployment" in await desk.reads("audit everything=yes", by=somebody)


async def test_the_help_is_for_everybody_and_names_what_each_may_say(desk: Desk) -> None:
    """An empty line asks for it, too; nothing is noted, and only operators read of their words."""
    assert await desk.reads("") == await desk.reads("help")
    assert "grant person credits" in await desk.reads("help")
    assert "grant person credits" in await desk.reads("", by=MEMBER)
    assert "budget" not in await desk.reads("help", by=MEMBER)
    assert "was refused" not in await desk.reads("audit")
