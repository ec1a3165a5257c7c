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


async def test_a_nonce_that_is_enforced_makes_a_repeat_the_same_message(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession
) -> None:
    """A second post with it is answered with the first; without it there are two."""
    path = f"channels/{sandbox.channel.id}/messages"
    for body, count in (({"nonce": "7", "enforce_nonce": True}, 1), ({"nonce": "7"}, 3)):
        for _ in range(2):
            async with rest.post(path, json={"content": "drawn", **body}) as response:
                assert response.status == 200
        assert len(sandbox.messages) == count


async def test_a_bot_without_a_common_server_cannot_write_to_a_person(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession
) -> None:
    """403 code 50278, and 50001 for the channels of the server that it was removed from."""
    sandbox.remove_bot(sandbox.guild)
    for channel, code in ((sandbox.dm(), 50278), (sandbox.channel, 50001)):
        async with rest.post(f"channels/{channel.id}/messages", json={"content": "drawn"}) as response:
            assert (response.status, (await response.json())["code"]) == (403, code)


async def test_what_is_deleted_is_unknown(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """An answer, also one that is still thinking, and a channel with all that stands in it."""
    command, interaction = await deferred(sandbox, bot)
    sandbox.delete_answers()
    assert not command.thinking
    with pytest.raises(discord.NotFound, match="10008"):
        await interaction.edit_original_response(content="drawn")
    sandbox.delete_channel(sandbox.channel)
    with pytest.raises(discord.NotFound, match="10003"):
        await bot.get_partial_messageable(interaction.channel_id or 0).send("drawn")


async def test_an_answer_may_be_wrong_about_what_took_effect(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """A late fault lets the call happen, and then says that it did not."""
    unknown = {"message": "Unknown interaction", "code": 10062}
    sandbox.faults.inject("POST */callback", late=True, status=404, json=unknown)
    command = await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    with pytest.raises(discord.NotFound, match="10062"):
        await interaction.response.defer(thinking=True)
    assert command.thinking
