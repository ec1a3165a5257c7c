"""Those who call the stand-ins: a small bot for Discord, one for Slack, and requests to DashScope."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import httpx
import pytest
from discord import app_commands
from PIL import Image
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox, Interaction
from sandbox.slack import File, SlackSandbox

Payload = dict[str, Any]
StartDiscordBot = Callable[..., Awaitable["DiscordBot"]]

GENERATION_PATH = "/services/aigc/multimodal-generation/generation"
SIZE = "512*512"


class DiscordBot(discord.AutoShardedClient):
    """A bot that leaves every interaction to the test: `await bot.received()`, then answer it there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none(), **options
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(imagine)
        self.tree.add_command(Quotas(name="quota-admin", description="Quotas"))
        self.inbox: asyncio.Queue[discord.Interaction[DiscordBot]] = asyncio.Queue()
        self.has_resumed = asyncio.Event()

    async def received(self) -> discord.Interaction["DiscordBot"]:
        """The next interaction."""
        async with asyncio.timeout(5):
            return await self.inbox.get()

    async def setup_hook(self) -> None:
        """Sync before the gateway is asked for anything."""
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once, where the library would wait 5 s."""

    async def on_interaction(self, interaction: discord.Interaction["DiscordBot"]) -> None:
        """Take the buttons; commands come through the tree."""
        if interaction.type is discord.InteractionType.component:
            self.inbox.put_nowait(interaction)

    async def on_resumed(self) -> None:
        """Let a test wait for it."""
        self.has_resumed.set()


@app_commands.command()
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.choices(ratio=[app_commands.Choice(name="wide", value="16:9")])
async def imagine(
    interaction: discord.Interaction[DiscordBot],
    prompt: app_commands.Range[str, 1, 200],
    ratio: app_commands.Choice[str] | None = None,
    count: app_commands.Range[int, 1, 4] = 1,
) -> None:
    """Draw a picture"""
    interaction.extras.update(prompt=prompt, ratio=ratio and ratio.value, count=count)
    interaction.client.inbox.put_nowait(interaction)


@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
class Quotas(app_commands.Group):
    """A group, for subcommands and for options that are resolved."""

    @app_commands.command()
    async def show(
        self, interaction: discord.Interaction[DiscordBot], person: discord.Member, role: discord.Role | None = None
    ) -> None:
        """Show the quota of a person"""
        interaction.extras.update(person=person, role=role)
        interaction.client.inbox.put_nowait(interaction)


def picture(name: str = "fox.png", *, size_bytes: int = 0) -> discord.File:
    """A small PNG, padded to `size_bytes`."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4)).save(buffer, "PNG")
    return discord.File(io.BytesIO(buffer.getvalue().ljust(size_bytes)), name, description="a red fox")


async def deferred(
    sandbox: DiscordSandbox, bot: DiscordBot, **where: Any
) -> tuple[Interaction, discord.Interaction[DiscordBot]]:
    """A command as the person sees it and as the bot does, deferred."""
    command = await sandbox.slash("imagine", {"prompt": "a red fox"}, **where)
    interaction = await bot.received()
    await interaction.response.defer(thinking=True)
    return command, interaction


class SlackBot:
    """A bot of the usual making; `seen` holds the payloads that reached it."""

    def __init__(
        self, slack: SlackSandbox, session: aiohttp.ClientSession, *, answer: str | Payload | None = None
    ) -> None:
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        self.seen: list[Payload] = []
        self.may_ack = asyncio.Event()
        self.may_ack.set()
        self.answer = answer

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=slack.team_id,
                bot_user_id=slack.bot_user_id,
                bot_token=slack.bot_token,
            )

        app = AsyncApp(client=self.client, authorize=authorize, process_before_response=True)

        async def take(ack: AsyncAck, body: Payload) -> None:
            self.seen.append(body)
            await self.may_ack.wait()
            await ack(self.answer) if self.answer is not None else await ack()

        app.command("/imagine")(take)
        anything = re.compile("")
        for kind in (app.action, app.shortcut, app.view, app.view_closed):
            kind(anything)(take)
        app.event("app_mention")(take)
        app.event("app_home_opened")(take)
        self.handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)


@asynccontextmanager
async def running(slack: SlackSandbox, *, answer: str | Payload | None = None) -> AsyncIterator[SlackBot]:
    """A bot that is connected."""
    async with aiohttp.ClientSession() as session:
        bot = SlackBot(slack, session, answer=answer)
        await bot.handler.connect_async()
        try:
            await slack.wait_until_ready()
            yield bot
        finally:
            await bot.handler.close_async()


def png() -> bytes:
    """A small real PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(buffer, "PNG")
    return buffer.getvalue()


def picture_blocks(file_id: str) -> list[Payload]:
    """The blocks of a picture with a caption and a button, as a bot would post it."""
    return [
        {"type": "image", "slack_file": {"id": file_id}, "alt_text": "a red fox"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "a red fox"}]},
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": "delete", "text": {"type": "plain_text", "text": "Delete"}}],
        },
    ]


async def uploaded(slack: SlackSandbox, client: AsyncWebClient, *, is_ready: bool = True) -> File:
    """A private upload, past its scan if `is_ready`."""
    await client.files_upload_v2(file=png(), filename="fox.png")
    if is_ready:
        slack.clock.advance(1)
    return slack.files[-1]


async def refusal(call: Any) -> Payload:
    """The answer of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response.data
    assert isinstance(answer, dict)
    return answer


async def blocks_refusal(slack: SlackSandbox, client: AsyncWebClient, *blocks: object) -> list[str]:
    """The faults that Slack finds in `blocks`; the same in both places of the answer."""
    answer = await refusal(client.chat_postMessage(channel=slack.channel.id, text="x", blocks=blocks))  # type: ignore[arg-type]
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {error}" for error in answer["errors"]]
    return list(answer["errors"])


def wish(text: str = "a red fox", **parameters: Any) -> dict[str, Any]:
    """A request that the service accepts, with `parameters` laid over."""
    return {
        "model": "z-image-turbo",
        "input": {"messages": [{"role": "user", "content": [{"text": text}]}]},
        "parameters": {"size": SIZE, "seed": 7} | parameters,
    }


async def ask(http: httpx.AsyncClient, dashscope: DashScopeSandbox, body: Any = None, **headers: str) -> httpx.Response:
    """One generation call with the right key, unless `headers` say otherwise."""
    return await http.post(
        dashscope.base_url + GENERATION_PATH,
        # Escaped JSON: httpx's own refuses half a surrogate pair before the service could.
        content=json.dumps(wish() if body is None else body),
        headers={"Authorization": f"Bearer {dashscope.api_key}", "Content-Type": "application/json"} | headers,
    )


def content_of(answer: httpx.Response) -> dict[str, str]:
    """The parts of the answer's only message, by key."""
    assert answer.status_code == 200, answer.text
    parts = answer.json()["output"]["choices"][0]["message"]["content"]
    return {key: value for part in parts for key, value in part.items()}
