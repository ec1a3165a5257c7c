"""The bot as an operator runs it: a process with an environment, signals and an exit code."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from e2e.ledger import rows, until

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, SlackStage, Stage, Typed
from sandbox.vitals import read_vitals


@asynccontextmanager
async def started(folder: Path, settings: dict[str, str]) -> AsyncIterator[BotProcess]:
    """A bot that is gone when the block ends, whatever happened in it."""
    bot = await BotProcess.start(folder, settings)
    try:
        yield bot
    finally:
        await bot.kill()


def settings_for(stage: Stage, dashscope: DashScopeSandbox) -> dict[str, str]:
    return {**stage.settings(), **dashscope.settings(), "DATABASE_URL": "sqlite:///data/bot.db"}


async def drawing(stage: Stage, dashscope: DashScopeSandbox) -> Typed:
    """A command that is being drawn, and stays so until the service is released."""
    await stage.ready()
    dashscope.hold()
    typed = await stage.imagine("a red fox")
    await typed.answer()
    await dashscope.wait_for_calls(1)
    return typed


async def test_kill_9_loses_nothing(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """A bot that is killed while it draws delivers after the next start, for one charge and in one message."""
    settings = settings_for(stage, dashscope)
    async with started(tmp_path, settings) as bot:
        typed = await drawing(stage, dashscope)
        await bot.kill()
        await stage.gone()
    dashscope.release()
    async with started(tmp_path, settings) as bot:
        ending = await typed.ending()
        assert await bot.terminate() == 0
    assert len(ending.pictures) == 1
    assert stage.results() == 1
    assert rows(tmp_path / "data" / "bot.db", "SELECT state, charged FROM generation") == [("delivered", 2)]


async def test_sigterm_lets_a_running_picture_finish(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """A bot that is asked to stop delivers what it draws, then ends with 0."""
    async with started(tmp_path, settings_for(stage, dashscope)) as bot:
        typed = await drawing(stage, dashscope)
        bot.request_stop()
        dashscope.release()
        ending = await typed.ending()
        assert await bot.wait() == 0
    assert len(ending.pictures) == 1
    assert rows(tmp_path / "data" / "bot.db", "SELECT state, charged FROM generation") == [("delivered", 2)]


async def test_a_doubled_sigterm_counts_once(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """Service managers signal the whole group, so that it comes twice: the running picture is still delivered."""
    async with started(tmp_path, settings_for(stage, dashscope)) as bot:
        typed = await drawing(stage, dashscope)
        bot.request_stop()
        await until(lambda: "stopping" in bot.log.read_text())
        bot.request_stop()
        dashscope.release()
        ending = await typed.ending()
        assert await bot.wait() == 0
    assert len(ending.pictures) == 1


async def test_sigterm_again_ends_at_once_and_loses_nothing(
    stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """Whoever asks again, later, is not kept waiting for the grace; the next start delivers, for one charge."""
    settings = settings_for(stage, dashscope) | {"SHUTDOWN_GRACE_S": "600"}
    async with started(tmp_path, settings) as bot:
        typed = await drawing(stage, dashscope)
        bot.request_stop()
        await until(lambda: "finishing" in bot.log.read_text())
        await asyncio.sleep(1.1)  # what tells a second wish from a doubled one is time itself
        bot.request_stop()
        assert await asyncio.wait_for(bot.wait(), 10) == 0
    assert "Traceback" not in bot.log.read_text()
    await stage.gone()
    dashscope.release()
    async with started(tmp_path, settings) as bot:
        ending = await typed.ending()
        assert await bot.terminate() == 0
    assert (len(ending.pictures), stage.results()) == (1, 1)
    assert rows(tmp_path / "data" / "bot.db", "SELECT state, charged FROM generation") == [("delivered", 2)]


async def test_while_it_stops_people_are_told(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """Up to the end of the grace whoever types reads that nothing was charged; what waited is drawn after the start."""
    settings = settings_for(stage, dashscope) | {"IMAGES_PER_MINUTE": "2"}
    async with started(tmp_path, settings) as bot:
        first = await drawing(stage, dashscope)
        queued = [await stage.imagine("a red fox", who=name) for name in ("ann", "ben", "cem", "dea")]
        for typed in queued:
            await typed.answer()
        bot.request_stop()
        await until(lambda: "finishing" in bot.log.read_text())
        for _ in range(2):
            refused = await stage.imagine("a late fox", who="eve")
            assert "restarting" in (await refused.ending()).text
        dashscope.release()
        assert len((await first.ending()).pictures) == 1
        bot.request_stop(signal.SIGINT)
        assert await bot.wait() == 0
    await stage.gone()
    database = tmp_path / "data" / "bot.db"
    assert len(rows(database, "SELECT id FROM generation WHERE settled IS NULL AND charged = 2")) == 4
    async with started(tmp_path, settings | {"IMAGES_PER_MINUTE": "6000"}) as bot:
        rows(database, "DELETE FROM throttle")  # half a minute for every call that was to leave before
        for typed in queued:
            assert len((await typed.ending(within_s=30)).pictures) == 1
        assert await bot.terminate() == 0
    assert rows(database, "SELECT DISTINCT state, charged FROM generation") == [("delivered", 2)]


async def test_ctrl_c_once_more_does_not_wait(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """The picture under way is left for the next start, without a traceback."""
    settings = settings_for(stage, dashscope)
    async with started(tmp_path, settings) as bot:
        await drawing(stage, dashscope)
        bot.request_stop(signal.SIGINT)
        await until(lambda: "stopping" in bot.log.read_text())
        bot.request_stop(signal.SIGINT)
        assert await asyncio.wait_for(bot.wait(), 10) == 0
    assert "Traceback" not in bot.log.read_text()
    assert rows(tmp_path / "data" / "bot.db", "SELECT state FROM generation") == [("running",)]


async def test_a_refused_platform_leaves_the_other_one_running(dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """A Slack token that was revoked is the operator's to mend; Discord goes on."""
    async with DiscordSandbox() as discord, SlackSandbox() as slack:
        stage = DiscordStage(discord)
        settings = {**SlackStage(slack).settings(), **settings_for(stage, dashscope), "SLACK_APP_TOKEN": "xapp-gone"}
        async with started(tmp_path, settings) as bot:
            await stage.ready()
            await until(lambda: "platform given up" in bot.log.read_text())
            ending = await (await stage.imagine("a red fox")).ending()
            assert await bot.terminate() == 0
    assert len(ending.pictures) == 1
    assert "slack ready" not in bot.log.read_text()


async def test_a_lock_file_that_cannot_be_used_is_named(
    stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """One sentence, no traceback."""
    (tmp_path / "data" / "bot.db.lock").mkdir(parents=True)
    async with started(tmp_path, settings_for(stage, dashscope)) as bot:
        assert await bot.wait() == 1
    said = bot.log.read_text()
    assert "lock file" in said
    assert "Traceback" not in said


def _garbage(database: Path) -> None:
    database.write_bytes(b"\x00\xff" * 5000)


def _damaged(database: Path) -> None:
    [(page,)] = rows(database, "SELECT rootpage FROM sqlite_master WHERE name = 'generation_open'")
    with database.open("r+b") as file:
        file.seek((int(str(page)) - 1) * 4096)
        file.write(b"\xff" * 4096)


def _newer(database: Path) -> None:
    rows(database, "INSERT INTO migration VALUES (9999)")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_garbage, "restore a backup"), (_damaged, "restore a backup"), (_newer, "made by a newer version")],
    ids=["garbage", "a damaged page", "newer"],
)
async def test_a_database_that_cannot_be_used_is_named_and_left_alone(
    dashscope: DashScopeSandbox, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    """One message, no traceback, exit code 1, before any person is answered; not a byte is changed."""
    async with DiscordSandbox() as discord:
        settings = settings_for(DiscordStage(discord), dashscope)
        database = tmp_path / "data" / "bot.db"
        async with started(tmp_path, settings) as bot:
            await discord.wait_until_ready()
            assert await bot.terminate() == 0
        spoil(database)
        before = await asyncio.to_thread(database.read_bytes)
        bot.log.write_text("")
        async with started(tmp_path, settings) as bot:
            assert await bot.wait() == 1
        assert await asyncio.to_thread(database.read_bytes) == before
    log = bot.log.read_text()
    assert said in log
    assert "bot.db" in log or said.startswith("made")
    assert "Traceback" not in log
    assert "ready" not in log


async def test_a_database_that_is_locked_at_the_start_is_named(dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """After its patience the bot says that another program has it, and ends with 1."""
    async with DiscordSandbox() as discord:
        settings = settings_for(DiscordStage(discord), dashscope)
        (tmp_path / "data").mkdir()
        with closing(sqlite3.connect(tmp_path / "data" / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            async with started(tmp_path, settings) as bot:
                assert await bot.wait() == 1
    assert "Another program keeps it locked" in bot.log.read_text()
    assert "Traceback" not in bot.log.read_text()


async def test_it_tells_how_it_is_doing(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """SIGUSR1 adds a line to the log, and disturbs nothing."""
    async with started(tmp_path, settings_for(stage, dashscope) | {"LOG_FORMAT": "json"}) as bot:
        await stage.ready()
        vitals = await read_vitals(bot, database=tmp_path / "data" / "bot.db")
        assert vitals.tasks > 1
        assert vitals.connections == 2  # one writes, one looks
        assert len((await (await stage.imagine("a red fox")).ending()).pictures) == 1
        assert await bot.terminate() == 0


async def test_a_second_bot_on_the_same_database_is_refused(
    stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """Two processes would run each other's rows: the later one says so and ends with 1."""
    settings = settings_for(stage, dashscope)
    async with started(tmp_path, settings):
        await stage.ready()
        (second := tmp_path / "second").mkdir()
        shared = {**settings, "DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'bot.db'}"}
        async with started(second, shared) as other:
            assert await other.wait() == 1
            assert "Another bot process runs on this database" in other.log.read_text()


async def test_without_a_token_it_says_what_to_set(tmp_path: Path) -> None:
    """Production never falls back to a stand-in: it stops with one message."""
    async with started(tmp_path, {}) as bot:
        assert await bot.wait() == 1
    said = bot.log.read_text()
    for name in ("DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DASHSCOPE_API_KEY", "make demo"):
        assert name in said
    assert "Traceback" not in said


async def test_a_refused_token_ends_with_a_message(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """A token that the platform does not know is the operator's to mend: no traceback, no endless retries."""
    name = "DISCORD_TOKEN" if isinstance(stage, DiscordStage) else "SLACK_BOT_TOKEN"
    async with started(tmp_path, settings_for(stage, dashscope) | {name: "xoxb-not.the.right-one"}) as bot:
        assert await bot.wait() == 1
    said = bot.log.read_text()
    assert f"refuses {name}" in said
    assert "Traceback" not in said
    assert "not.the.right-one" not in said


async def test_logs_hold_no_secret_and_no_prompt(stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """At INFO neither tokens nor signed links nor what people ask for can be read."""
    settings = settings_for(stage, dashscope)
    async with started(tmp_path, settings) as bot:
        await stage.ready()
        await (await stage.imagine("a very private unicorn")).ending()
        assert await bot.terminate() == 0
    log = bot.log.read_text()
    assert "delivered" in log
    secrets = [value for name, value in settings.items() if name.endswith(("TOKEN", "KEY"))]
    assert secrets
    for secret in (*secrets, "Signature=", "unicorn", "ticket="):
        assert secret not in log


async def operator(*words: str, folder: Path, settings: dict[str, str]) -> tuple[int | None, str, str]:
    """`zimage-bot` with `words`: its exit code, and what it says and complains of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *words),
        cwd=folder,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await process.communicate()
    return process.returncode, said.decode(), complaints.decode()


async def test_a_persons_data_is_handed_out_and_erased_on_their_behalf(
    stage: Stage, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """While the bot runs, for somebody who cannot type it any more; erasing has to be meant."""
    settings = settings_for(stage, dashscope)
    stage.add_person("member")
    place = f"slack:{stage.slack.team_id}" if isinstance(stage, SlackStage) else "discord:user"
    [user] = [one for one, name in stage.names().items() if name == "member"]
    async with started(tmp_path, settings):
        await stage.ready()
        assert (await (await stage.imagine("a red fox", who="member")).ending()).pictures
        await until(lambda: not rows(tmp_path / "data" / "bot.db", "SELECT id FROM generation WHERE settled IS NULL"))
        code, said, _ = await operator("data", "export", f"{place}:{user}", folder=tmp_path, settings=settings)
        assert (code, [one["request"]["prompt"] for one in json.loads(said)["generations"]]) == (0, ["a red fox"])
        code, said, complaints = await operator("data", "erase", f"{place}:{user}", folder=tmp_path, settings=settings)
        assert (code, said) == (1, "")
        assert "Nothing was erased" in complaints
        code, said, _ = await operator("data", "erase", f"{place}:{user}", "--yes", folder=tmp_path, settings=settings)
        assert (code, said.partition(".")[0]) == (0, "Commands erased: 1")
        code, said, _ = await operator("data", "export", f"{place}:{user}", folder=tmp_path, settings=settings)
        assert (code, [one["request"]["prompt"] for one in json.loads(said)["generations"]]) == (0, [""])


async def test_every_word_is_explained_before_there_is_a_database(tmp_path: Path) -> None:
    """A newcomer asks for help first; what needs the database names the one that is missing."""
    code, said, _ = await operator("quota", "help", folder=tmp_path, settings={})
    assert (code, "budget amount" in said) == (0, True)
    for words in (("quota", "list"), ("data", "export", "discord:user:2")):
        code, said, complaints = await operator(*words, folder=tmp_path, settings={})
        assert (code, said) == (1, "")
        assert "There is no database at" in complaints
    code, _, complaints = await operator("data", "erase", "456", "--yes", folder=tmp_path, settings={})
    assert (code, "'456' is nobody" in complaints) == (2, True)
