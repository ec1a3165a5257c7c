"""The first answer under stress: slow databases, lost answers, defects. Nobody is stranded, nobody pays."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from e2e.conftest import Running
from e2e.ledger import charged, open_rows, reasons, rows, until
from structlog.testing import capture_logs

from bot.model import Balance
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, Place, SlackStage, Stage

UNKNOWN_INTERACTION = {"message": "Unknown interaction", "code": 10062}


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process writes for as long as the block lasts."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_a_slow_database_refuses_and_a_late_commit_is_refunded(
    stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """After 1.5 s the person reads that nothing was charged; what still lands is given back and never drawn."""
    async with running():
        with locked(database):
            typed = await stage.imagine("a red fox")
            ending = await typed.ending()
        assert "did not take your command. Nothing was charged" in ending.text
        await until(lambda: reasons(database) and not open_rows(database))
    assert reasons(database) == ["database_slow"]
    assert charged(database) == 0
    assert dashscope.calls == []


async def test_a_slow_database_keeps_nobody_waiting_for_their_quota(
    stage: Stage, running: Running, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a command that waits for another program's lock the read would come too late to be answered."""
    monkeypatch.setattr("bot.store.database._BUSY_TIMEOUT_S", 30.0)
    async with running():
        with locked(database):
            await (await stage.imagine("a red fox")).ending()
            refused = await (await stage.quota()).ending()
        assert "The bot is slow right now" in refused.text
        await until(lambda: reasons(database) and not open_rows(database))
        read = await (await stage.quota()).ending()
    assert re.search(r"You have (\d+) of \1 credits left", read.text)


async def test_a_quota_that_cannot_be_read_is_said_politely(stage: Stage, running: Running, database: Path) -> None:
    """A database that fails is the operator's to mend, and no defect that needs a reference."""
    async with running():
        rows(database, "ALTER TABLE generation RENAME TO mislaid")
        ending = await (await stage.quota()).ending()
        rows(database, "ALTER TABLE mislaid RENAME TO generation")
    assert "The bot cannot save anything right now" in ending.text
    assert "mislaid" not in ending.text


async def test_a_defect_is_told_with_a_reference_that_the_log_has(
    stage: Stage, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in a handler becomes a sentence, logged once under a reference that the person also sees."""

    def broken(*_: object) -> Balance:
        raise ZeroDivisionError("mislaid")

    monkeypatch.setattr("bot.quotas._balance", broken)
    with capture_logs() as logs:
        async with running():
            ending = await (await stage.quota()).ending()
    assert "Something went wrong inside the bot" in ending.text
    assert "mislaid" not in ending.text
    [reference] = re.findall(r"\b[0-9a-f]{8}\b", ending.text)
    assert [entry["event"] for entry in logs if entry.get("reference") == reference] == ["handler failed"]


async def test_a_row_past_its_deadline_is_refunded_and_told(
    stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """A command that waited too long while the bot was down is not drawn any more."""
    dashscope.hold()
    async with running(shutdown_grace_s=0):
        typed = await stage.imagine("a red fox")
        await typed.answer()
        await dashscope.wait_for_calls(1)
    dashscope.release()
    rows(database, "UPDATE generation SET deadline = 0")
    async with running():
        ending = await typed.ending()
    assert "took too long, so it was not drawn" in ending.text
    assert "Your 2 credits are back" in ending.text
    assert charged(database) == 0


async def test_an_ending_that_could_not_be_told_before_a_crash_is_told_after_it(
    stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """The refund is committed first; the word of it survives the process that committed it."""
    dashscope.hold()
    async with running(shutdown_grace_s=0):
        typed = await stage.imagine("a red fox")
        await typed.answer()
        await dashscope.wait_for_calls(1)
    rows(database, "UPDATE generation SET state = 'refunded', charged = 0, reason = 'service_broken'")
    dashscope.release()
    async with running():
        ending = await typed.ending()
    assert "failed several times" in ending.text
    assert open_rows(database) == 0


@pytest.fixture
def discord(stage: Stage) -> DiscordSandbox:
    """For what only Discord has."""
    if not isinstance(stage, DiscordStage):
        pytest.skip("only Discord has interactions")
    return stage.discord


@pytest.fixture
def slack(stage: Stage) -> SlackSandbox:
    """For what only Slack has."""
    if not isinstance(stage, SlackStage):
        pytest.skip("only Slack has response_urls")
    return stage.slack


async def test_a_defer_that_failed_twice_is_saved_by_an_edit(
    stage: Stage, discord: DiscordSandbox, running: Running, database: Path
) -> None:
    """Both answers were lost, not the defers: the edit of the message tells, and the picture comes."""
    async with running():
        discord.faults.inject("POST */callback", drop="answer")
        discord.faults.inject("POST */callback", status=404, json=UNKNOWN_INTERACTION)
        typed = await stage.imagine("a red fox")
        ending = await typed.ending()
    assert len(ending.pictures) == 1
    assert charged(database) == 2


async def test_a_command_that_cannot_be_answered_is_given_back_by_a_database_that_fails_at_first(
    stage: Stage,
    discord: DiscordSandbox,
    dashscope: DashScopeSandbox,
    running: Running,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody waits for the refund any more: it is tried until it works, and the command is not stranded."""
    monkeypatch.setattr("bot.store.database._BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr("bot.intake._RETRY_S", 0.1)
    lock = ExitStack()

    async def hold() -> None:
        lock.enter_context(locked(database))

    with capture_logs() as logs:
        async with running():
            with lock:
                discord.faults.inject("POST */callback", status=404, json=UNKNOWN_INTERACTION, hook=hold)
                discord.faults.inject("PATCH */@original", status=404, json=UNKNOWN_INTERACTION)
                await stage.imagine("a red fox")
                await until(lambda: any(entry["event"] == "cannot be given back yet" for entry in logs))
                assert open_rows(database) == 1
            await until(lambda: not open_rows(database))
    assert reasons(database) == ["unreachable"]
    assert charged(database) == 0
    assert dashscope.calls == []


async def test_after_15_minutes_the_requester_alone_is_mentioned(
    stage: Stage, discord: DiscordSandbox, dashscope: DashScopeSandbox, running: Running
) -> None:
    """The bot's own post mentions who asked, whatever the prompt holds."""
    dashscope.hold()
    async with running():
        typed = await stage.imagine("@everyone <@1>")
        await typed.answer()
        stage.advance(960)
        dashscope.release()
        ending = await typed.ending()
    assert ending.pings == [str(discord.user.id)]


async def test_commands_are_synced_only_when_their_definition_changed(
    discord: DiscordSandbox, running: Running
) -> None:
    """A restart registers nothing anew."""
    async with running():
        pass
    async with running():
        pass
    assert discord.syncs == 1


async def test_who_types_where_the_bot_may_not_post_reads_how_to_invite_it(
    stage: Stage, slack: SlackSandbox, running: Running
) -> None:
    """The picture comes by direct message, and a note that only they see says what to type."""
    async with running():
        ending = await (await stage.imagine("a red fox", where=Place.CLOSED)).ending()
        hint = await slack.wait_for_message(where=lambda message: "/invite" in message.text)
    assert ending.place == "a direct message"
    assert hint.ephemeral_for == slack.user.id
