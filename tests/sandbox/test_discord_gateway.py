"""The gateway of the stand-in of Discord: sessions, shards and close codes."""

import asyncio

import aiohttp
import pytest
from callers import DiscordBot, StartDiscordBot, deferred

from sandbox.discord import DiscordSandbox, InputRefusedError


async def test_a_resumed_session_gets_what_it_missed(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """A command sent while the bot is away arrives, and can be answered, after the resume."""
    await sandbox.disconnect_gateway()
    command = await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    await bot.has_resumed.wait()
    await interaction.response.send_message("drawing")
    assert (await command.wait_for_answer()).type == 4


async def test_a_session_that_is_gone_is_identified_anew(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """INVALID_SESSION on resume, and the bot is there again."""
    await sandbox.disconnect_gateway(resumable=False)
    with pytest.raises(InputRefusedError):
        await sandbox.slash("imagine", {"prompt": "a red fox"})
    await sandbox.wait_until_ready()
    await deferred(sandbox, bot)
    assert not bot.has_resumed.is_set()


async def test_a_bot_that_is_asked_to_reconnect_resumes(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Op 7 ends the connection, not the session."""
    sandbox.ask_to_reconnect()
    async with asyncio.timeout(5):
        await bot.has_resumed.wait()
    await deferred(sandbox, bot)


async def test_every_shard_gets_its_own_guilds(sandbox: DiscordSandbox, start: StartDiscordBot) -> None:
    """A guild's commands go to its shard, direct messages to shard 0."""
    neighbour = sandbox.add_guild("neighbour")
    sandbox.shards = 2
    bot = await start()
    assert bot.shard_count == 2
    for guild in (sandbox.guild, neighbour):
        _, interaction = await deferred(sandbox, bot, guild=guild)
        assert interaction.guild is not None
        assert interaction.guild.shard_id == sandbox.shard_of(guild, 2)
    assert sandbox.shard_of(sandbox.guild, 2) != sandbox.shard_of(neighbour, 2)
    await deferred(sandbox, bot, in_dm=True)


IDENTIFY = {"token": "sandbox.discord.token", "intents": 1, "properties": {}}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"op": 2, "d": {**IDENTIFY, "token": "other"}}, 4004),
        ({"op": 2, "d": {**IDENTIFY, "intents": 1 << 15}}, 4014),
        ({"op": 2, "d": {**IDENTIFY, "intents": 1 << 30}}, 4013),
        ({"op": 2, "d": {**IDENTIFY, "shard": [2, 2]}}, 4010),
        ({"op": 2, "d": {**IDENTIFY, "properties": {"os": "x" * 4096}}}, 4002),
        ({"op": 3, "d": {}}, 4003),
        ({"op": 99}, 4001),
        ([], 4002),
    ],
)
async def test_the_gateway_closes_on_whoever_breaks_its_rules(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, payload: object, code: int
) -> None:
    """With the close code of the rule."""
    async with rest.ws_connect(f"{sandbox.gateway_url}?v=10&encoding=json") as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json(payload)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == code


async def test_the_gateway_speaks_without_compression(sandbox: DiscordSandbox, rest: aiohttp.ClientSession) -> None:
    """Hello, heartbeat, READY and the guild as plain text; an unknown compression is refused."""
    async with rest.ws_connect(f"{sandbox.gateway_url}?v=10&encoding=json") as socket:
        assert (await socket.receive_json())["d"]["heartbeat_interval"] > 0
        await socket.send_json({"op": 1, "d": None})
        assert await socket.receive_json() == {"op": 11}
        await socket.send_json({"op": 2, "d": IDENTIFY})
        ready = await socket.receive_json()
        assert (ready["t"], ready["s"]) == ("READY", 1)
        assert ready["d"]["resume_gateway_url"] == sandbox.gateway_url
        assert (await socket.receive_json())["t"] == "GUILD_CREATE"
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await rest.ws_connect(f"{sandbox.gateway_url}?v=10&compress=other")
