"""The API of the stand-in of Discord: who may call it, and how a call goes wrong."""

import aiohttp
import discord
import pytest
from callers import DiscordBot, deferred
from discord.http import Route

from sandbox.discord import DiscordSandbox


async def test_a_wrong_token_is_refused(sandbox: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library calls it a failed login."""
    monkeypatch.setattr(Route, "BASE", sandbox.api_url)
    async with DiscordBot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("other")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "users/@me", 401, 0),
        ("PUT", "applications/1/commands", 401, 0),
        ("POST", "channels/1/messages", 401, 0),
        ("GET", "nothing/here", 404, 0),
        ("POST", "interactions/1/none/callback", 404, 10062),
        ("PATCH", "webhooks/1/none/messages/@original", 401, 50027),
    ],
)
async def test_a_stranger_is_turned_away(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, method: str, path: str, status: int, code: int
) -> None:
    """Without the bot's token, or with no interaction's."""
    headers = {"Authorization": "Bot other"}
    async with rest.request(method, path, json={}, headers=headers) as response:
        assert (response.status, response.headers["Content-Type"]) == (status, "application/json")
        assert (await response.json())["code"] == code
    assert sandbox.requests == [(method, f"/api/v10/{path}", status)]


async def test_a_rate_limit_is_waited_out_by_the_library(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """429 with what the library needs; the next try passes."""
    command, interaction = await deferred(sandbox, bot)
    fault = sandbox.rate_limit("PATCH */messages/@original", retry_after_s=0.01)
    await interaction.edit_original_response(content="drawn")
    assert (fault.hits, command.edits) == (1, 1)
    statuses = [status for method, _, status in sandbox.requests if method == "PATCH"]
    assert statuses == [429, 200]


async def test_a_lost_answer_of_the_defer_leaves_it_deferred(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """The library raises, yet an edit fills the answer."""
    sandbox.faults.inject("POST */callback", drop="answer")
    command = await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    with pytest.raises(aiohttp.ClientError):
        await interaction.response.defer(thinking=True)
    assert command.thinking
    await interaction.edit_original_response(content="drawn")
    assert (await command.wait_for_message()).content == "drawn"
    assert ("POST", f"/api/v10/interactions/{command.id}/{command.token}/callback", 0) in sandbox.requests
