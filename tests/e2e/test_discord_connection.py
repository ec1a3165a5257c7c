"""The gateway as it really is: resumed, forgotten and unreachable. Commands are answered afterwards."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from e2e.conftest import run_bot, settings_for
from e2e.faults.scene import HurriedClock
from e2e.ledger import open_rows, until
from structlog.testing import capture_logs

from bot.settings import Settings
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.stage import DiscordStage


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    async with DiscordSandbox() as discord:
        yield discord


@pytest.fixture
def settings(discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path) -> Settings:
    return settings_for(DiscordStage(discord), dashscope, database)


async def answers(discord: DiscordSandbox) -> bool:
    """Whether a command is answered now."""
    return "credits left" in (await (await discord.slash("quota")).wait_for_message()).content


@pytest.mark.parametrize("call", ["GET */users/@me", "GET */gateway/bot", "PUT */commands"])
@pytest.mark.parametrize("fault", [{"status": 503, "text": "down"}, {"drop": "request"}], ids=str)
async def test_a_start_while_discord_is_down_is_waited_out(
    call: str, fault: dict[str, object], discord: DiscordSandbox, settings: Settings
) -> None:
    """A bot that starts in an outage is there when it is over."""
    injected = discord.faults.inject(call, **fault)
    async with run_bot(settings, DiscordStage(discord), clock=HurriedClock(discord.clock)):
        assert await answers(discord)
    assert injected.hits == 1


async def test_a_picture_is_delivered_while_the_gateway_is_away(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, settings: Settings, database: Path
) -> None:
    """The courier needs no gateway."""
    dashscope.hold()
    async with run_bot(settings, DiscordStage(discord)):
        typed = await discord.slash("imagine", {"prompt": "a red fox"})
        await typed.wait_for_answer()
        discord.faults.inject("GET /gateway", times=99, status=503, text="down")
        await discord.disconnect_gateway(resumable=False)
        dashscope.release()
        message = await typed.wait_for_message()
        await until(lambda: not open_rows(database))
        discord.faults.clear()
    assert len(message.attachments) == 1


async def test_the_bot_stops_while_a_shard_reconnects(discord: DiscordSandbox, settings: Settings) -> None:
    """The library swallows a cancellation there, and would go on for ever."""
    async with asyncio.timeout(10), run_bot(settings, DiscordStage(discord)):
        stuck = discord.faults.inject("GET /gateway", delay_s=30)
        await discord.disconnect_gateway(resumable=False)
        await until(lambda: stuck.hits)


async def test_an_apology_that_is_lost_too_is_logged_and_nothing_more(
    discord: DiscordSandbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is cut off, twice, then the word that something went wrong; the next command is answered."""
    with capture_logs() as logs:
        async with run_bot(settings, DiscordStage(discord)):
            cut = discord.faults.inject("POST */callback", times=4, drop="request")
            await discord.slash("quota")
            await until(lambda: [entry for entry in logs if entry["event"] == "answer failed" and "reference" in entry])
            assert await answers(discord)
    assert cut.hits == 4
    gc.collect()
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_what_is_lost_on_the_way_is_said_once_more(
    discord: DiscordSandbox, settings: Settings, lost: Literal["request", "answer"]
) -> None:
    """No defect of ours, so none is logged, and nobody reads of one."""
    with capture_logs() as logs:
        async with run_bot(settings, DiscordStage(discord)):
            cut = discord.faults.inject("POST */callback", drop=lost)
            assert await answers(discord)
            await until(lambda: [call for call in discord.requests if call[1].endswith("/callback")][1:])
    assert cut.hits == 1
    assert not [entry for entry in logs if entry["event"] == "handler failed"]
    assert len(discord.messages) == 1


async def test_the_gateway_that_was_set_wins_over_the_one_that_the_server_names(
    discord: DiscordSandbox, settings: Settings
) -> None:
    """A compatible server may name another gateway than the one that it can be reached at."""
    limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    named = {"url": "ws://127.0.0.1:9/", "shards": 1, "session_start_limit": limits}
    discord.faults.inject("GET */gateway/bot", times=9, status=200, json=named)
    async with run_bot(settings, DiscordStage(discord)):
        assert await answers(discord)
