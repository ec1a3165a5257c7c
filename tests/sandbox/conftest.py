"""The stand-ins, each on a free port, and who calls them."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import httpx
import pytest
import yarl
from callers import DiscordBot, StartDiscordBot
from discord.gateway import DiscordWebSocket
from discord.http import Route
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[DiscordSandbox]:
    """The stand-in of Discord."""
    async with DiscordSandbox() as server:
        yield server


@pytest.fixture
async def start(sandbox: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StartDiscordBot]:
    """Connect a bot to the stand-in; it is closed after the test."""
    monkeypatch.setattr(Route, "BASE", sandbox.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
    async with AsyncExitStack() as stack:

        async def connect(**options: Any) -> DiscordBot:
            bot = await stack.enter_async_context(DiscordBot(**options))
            task = asyncio.create_task(bot.start(sandbox.token))
            stack.push_async_callback(asyncio.wait, [task])
            stack.push_async_callback(bot.close)
            await sandbox.wait_until_ready()
            return bot

        yield connect


@pytest.fixture
async def bot(start: StartDiscordBot) -> DiscordBot:
    """A bot connected to Discord, on one shard."""
    return await start()


@pytest.fixture
async def rest(sandbox: DiscordSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client of Discord's API that speaks with the bot's token."""
    headers = {"Authorization": f"Bot {sandbox.token}"}
    async with aiohttp.ClientSession(f"{sandbox.api_url}/", headers=headers) as session:
        yield session


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def client(slack: SlackSandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
async def dashscope() -> AsyncIterator[DashScopeSandbox]:
    async with DashScopeSandbox() as running:
        yield running


@pytest.fixture
async def http(tls: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=10, verify=tls) as client:
        yield client
