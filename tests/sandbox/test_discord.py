"""The stand-in of Discord keeps the service's promises to the real discord.py."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image

from sandbox.discord import DiscordSandbox, InputRefusedError, Interaction, Permission

Start = Callable[..., Awaitable["Bot"]]


class Bot(discord.AutoShardedClient):
    """A bot that leaves every interaction to the test: `await bot.received()`, then answer it there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none(), **options
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(imagine)
        self.tree.add_command(Quotas(name="quota-admin", description="Quotas"))
        self.inbox: asyncio.Queue[discord.Interaction[Bot]] = asyncio.Queue()
        self.has_resumed = asyncio.Event()

    async def received(self) -> discord.Interaction["Bot"]:
        """The next interaction."""
        async with asyncio.timeout(5):
            return await self.inbox.get()

    async def setup_hook(self) -> None:
        """Sync before the gateway is asked for anything."""
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once, where the library would wait 5 s."""

    async def on_interaction(self, interaction: discord.Interaction["Bot"]) -> None:
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
    interaction: discord.Interaction[Bot],
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
        self, interaction: discord.Interaction[Bot], person: discord.Member, role: discord.Role | None = None
    ) -> None:
        """Show the quota of a person"""
        interaction.extras.update(person=person, role=role)
        interaction.client.inbox.put_nowait(interaction)


def picture(name: str = "fox.png", *, size_bytes: int = 0) -> discord.File:
    """A small PNG, padded to `size_bytes`."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4)).save(buffer, "PNG")
    return discord.File(io.BytesIO(buffer.getvalue().ljust(size_bytes)), name, description="a red fox")


@pytest.fixture
async def sandbox() -> AsyncIterator[DiscordSandbox]:
    """The stand-in, on a free port."""
    async with DiscordSandbox() as server:
        yield server


@pytest.fixture
async def start(sandbox: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Connect a bot to the stand-in; it is closed after the test."""
    monkeypatch.setattr(Route, "BASE", sandbox.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
    async with AsyncExitStack() as stack:

        async def connect(**options: Any) -> Bot:
            bot = await stack.enter_async_context(Bot(**options))
            task = asyncio.create_task(bot.start(sandbox.token))
            stack.push_async_callback(asyncio.wait, [task])
            stack.push_async_callback(bot.close)
            await sandbox.wait_until_ready()
            return bot

        yield connect


@pytest.fixture
async def bot(start: Start) -> Bot:
    """A connected bot on one shard."""
    return await start()


@pytest.fixture
async def http(sandbox: DiscordSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client that speaks with the bot's token."""
    headers = {"Authorization": f"Bot {sandbox.token}"}
    async with aiohttp.ClientSession(f"{sandbox.api_url}/", headers=headers) as session:
        yield session


async def deferred(sandbox: DiscordSandbox, bot: Bot, **where: Any) -> tuple[Interaction, discord.Interaction[Bot]]:
    """A command as the person sees it and as the bot does, deferred."""
    command = await sandbox.slash("imagine", {"prompt": "a red fox"}, **where)
    interaction = await bot.received()
    await interaction.response.defer(thinking=True)
    return command, interaction


async def test_a_reply_is_seen_with_its_timing(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A command reaches the bot with its options, and the type-4 reply is the first message."""
    command = await sandbox.slash("imagine", {"prompt": "a red fox", "ratio": "wide", "count": 2})
    interaction = await bot.received()
    assert interaction.extras == {"prompt": "a red fox", "ratio": "16:9", "count": 2}
    assert (interaction.user.id, interaction.channel_id) == (sandbox.user.id, sandbox.channel.id)
    assert interaction.guild is not None
    assert interaction.guild.name == "sandbox"
    assert isinstance(interaction.channel, discord.TextChannel)
    await interaction.response.send_message("drawing", ephemeral=True)
    answer = await command.wait_for_answer()
    message = await command.wait_for_message()
    assert (answer.type, answer.ephemeral, answer.message) == (4, True, message)
    assert 0 < answer.after_s < 3
    assert message.content == "drawing"
    assert sandbox.messages == [message]
    assert sandbox.syncs == 1
    assert ("PUT", f"/api/v10/applications/{sandbox.application_id}/commands", 200) in sandbox.requests


async def test_a_deferred_answer_is_filled_by_an_edit_with_a_picture(
    sandbox: DiscordSandbox, bot: Bot, http: aiohttp.ClientSession
) -> None:
    """The defer fixes who sees it; a file in an embed has a URL here, and the API does not list it again."""
    command = await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    await interaction.response.defer(ephemeral=True, thinking=True)
    assert command.thinking
    assert (command.original, sandbox.messages) == (None, [])
    embed = discord.Embed(title="a red fox").set_image(url="attachment://fox.png")
    edited = await interaction.edit_original_response(embed=embed, attachments=[picture()])
    assert edited.attachments == []
    message = await command.wait_for_message()
    assert message.ephemeral
    assert (command.original, command.edits, command.thinking) == (message, 1, False)
    attachment = message.attachments[0]
    assert (attachment.filename, attachment.description) == ("fox.png", "a red fox")
    assert (attachment.content_type, attachment.width, attachment.height) == ("image/png", 8, 4)
    assert message.embeds[0]["image"]["url"] == attachment.url == edited.embeds[0].image.url
    async with http.get(attachment.url) as response:
        assert (await response.read(), response.content_type) == (attachment.data, "image/png")


async def test_an_answer_after_three_seconds_is_refused(sandbox: DiscordSandbox, bot: Bot) -> None:
    """404 code 10062, and nothing is shown."""
    await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    sandbox.clock.advance(3.1)
    with pytest.raises(discord.NotFound) as caught:
        await interaction.response.defer()
    assert caught.value.code == 10062
    assert sandbox.messages == []


async def test_a_repeated_interaction_is_answered_once(sandbox: DiscordSandbox, bot: Bot) -> None:
    """The second delivery is the same interaction, and answering it is 400 code 40060."""
    command, first = await deferred(sandbox, bot)
    await sandbox.repeat(command)
    second = await bot.received()
    assert (second.id, second.token) == (first.id, first.token)
    with pytest.raises(discord.HTTPException) as caught:
        await second.response.defer()
    assert (caught.value.status, caught.value.code) == (400, 40060)


async def test_the_token_works_from_the_first_answer_for_fifteen_minutes(
    sandbox: DiscordSandbox, bot: Bot, http: aiohttp.ClientSession
) -> None:
    """Before it 404 code 10015, then edits by the token alone, then 401 code 50027."""
    await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    webhook: Any = discord.Webhook.partial(sandbox.application_id, interaction.token, session=http)
    with pytest.raises(discord.NotFound) as early:
        await webhook.edit_message("@original", content="too early")
    assert early.value.code == 10015
    await interaction.response.defer()
    sandbox.clock.advance(890)
    await webhook.edit_message("@original", content="in time")
    sandbox.clock.advance(11)
    with pytest.raises(discord.HTTPException) as late:
        await webhook.edit_message("@original", content="too late")
    assert (late.value.status, late.value.code) == (401, 50027)
    assert [message.content for message in sandbox.messages] == ["in time"]


async def test_the_first_followup_fills_a_deferred_answer(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Its ephemeral flag is ignored; the next one is a message of its own."""
    command, interaction = await deferred(sandbox, bot)
    await interaction.followup.send("first", ephemeral=True)
    await interaction.followup.send("second", ephemeral=True)
    assert command.original is not None
    assert (command.original.content, command.original.ephemeral) == ("first", False)
    assert [(message.content, message.ephemeral) for message in command.followups] == [("second", True)]
    await interaction.delete_original_response()
    assert command.original is None
    assert sandbox.messages == command.followups
    with pytest.raises(discord.NotFound) as caught:
        await interaction.edit_original_response(content="gone")
    assert caught.value.code == 10008


async def test_a_user_install_gets_five_followups(sandbox: DiscordSandbox, bot: Bot) -> None:
    """In a guild without the app: owned by the user alone, and the sixth followup is refused."""
    elsewhere = sandbox.add_guild("elsewhere", installed=False)
    with pytest.raises(InputRefusedError):
        await sandbox.slash("imagine", {"prompt": "a red fox"}, guild=elsewhere)
    command, interaction = await deferred(sandbox, bot, guild=elsewhere, user_install=True)
    assert interaction.is_user_integration()
    assert not interaction.is_guild_integration()
    await interaction.edit_original_response(content="edits are no followups")
    for number in range(5):
        await interaction.followup.send(str(number))
    with pytest.raises(discord.HTTPException) as caught:
        await interaction.followup.send("one too many")
    assert caught.value.code == 40094
    assert len(command.followups) == 5


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({"content": "x" * 2001}, "In content: Must be 2000 or fewer in length."),
        ({"embed": discord.Embed(title="x" * 257)}, "In embeds.0.title: Must be 256 or fewer in length."),
        ({"embed": discord.Embed(description="x" * 4097)}, "In embeds.0.description: Must be 4096 or fewer"),
        ({"embeds": [discord.Embed(description="x" * 3001)] * 2}, "In embeds: Embed size exceeds maximum"),
        ({"embed": discord.Embed(title="x").set_footer(text="x" * 2049)}, "In embeds.0.footer.text"),
        ({"embed": discord.Embed().set_image(url="attachment://cat.png")}, "In embeds.0.image.url"),
        ({"embed": discord.Embed().set_image(url="file://cat.png")}, "Scheme must be one of"),
        ({"attachments": 11}, "In attachments: Must be 10 or fewer in length."),
        ({"attachments": "x" * 1025}, "In attachments.0.description: Must be 1024 or fewer in length."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_message_over_a_limit_is_refused(
    sandbox: DiscordSandbox, bot: Bot, message: dict[str, Any], complaint: str
) -> None:
    """400 code 50035 names the place; the answer keeps thinking."""
    message = dict(message)
    match message.get("attachments"):
        case int(count):
            message["attachments"] = [picture(f"{number}.png") for number in range(count)]
        case str(description):
            message["attachments"] = [discord.File(io.BytesIO(b"x"), "x.txt", description=description)]
        case _:
            pass
    command, interaction = await deferred(sandbox, bot)
    with pytest.raises(discord.HTTPException) as caught:
        await interaction.edit_original_response(**message)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert complaint in caught.value.text
    assert command.thinking


BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "x"}
ROW = {"type": 1, "components": [BUTTON]}


@pytest.mark.parametrize(
    ("payload", "place", "code"),
    [
        ({"components": [ROW, ROW]}, "components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ({"components": [{"type": 1, "components": []}]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        ({"components": [BUTTON]}, "components.0.type", "BASE_TYPE_CHOICES"),
        ({"components": [ROW] * 6}, "components", "BASE_TYPE_MAX_LENGTH"),
        (
            {"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "x"}]},
            "content",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 4001}]}, "components", "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "attachments": [{"id": 0}]}, "attachments.0", "ATTACHMENT_NOT_FOUND"),
        ({"content": 7}, "content", "STRING_TYPE_CONVERT"),
        ({"content": "x", "embeds": "x"}, "embeds", "LIST_TYPE_CONVERT"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", "BASE_TYPE_CHOICES"),
    ],
)
async def test_a_body_against_the_rules_names_the_place(
    sandbox: DiscordSandbox, http: aiohttp.ClientSession, payload: dict[str, Any], place: str, code: str
) -> None:
    """What libraries would not send is refused as well."""
    async with http.post(f"channels/{sandbox.channel.id}/messages", json=payload) as response:
        assert response.status == 400
        node = (await response.json())["errors"]
    for key in place.split("."):
        node = node[key]
    assert code in [error["code"] for error in node["_errors"]]
    assert sandbox.messages == []


async def test_a_layout_shows_an_attached_picture(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Components V2 come with the edit, and their `attachment://` becomes the file's URL."""
    command, interaction = await deferred(sandbox, bot)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("a red fox"))
    view.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://fox.png")))
    shown = await interaction.edit_original_response(attachments=[picture()], view=view)
    assert shown.flags.components_v2
    assert shown.attachments == []
    message = await command.wait_for_message()
    assert message.components[1]["items"][0]["media"]["url"] == message.attachments[0].url


async def test_an_empty_message_is_refused(sandbox: DiscordSandbox, bot: Bot) -> None:
    """400 code 50006."""
    _, interaction = await deferred(sandbox, bot)
    with pytest.raises(discord.HTTPException) as caught:
        await interaction.edit_original_response(content=" ")
    assert (caught.value.status, caught.value.code) == (400, 50006)


async def test_a_file_over_the_limit_of_the_guild_is_refused(sandbox: DiscordSandbox, bot: Bot) -> None:
    """413 code 40005 above what the interaction says, and not at it."""
    guild = sandbox.add_guild("small", file_limit_bytes=1000)
    command, interaction = await deferred(sandbox, bot, guild=guild)
    assert interaction.filesize_limit == 1000
    with pytest.raises(discord.HTTPException) as caught:
        await interaction.edit_original_response(attachments=[picture(size_bytes=1001)])
    assert (caught.value.status, caught.value.code) == (413, 40005)
    await interaction.edit_original_response(attachments=[picture(size_bytes=1000)])
    assert (await command.wait_for_message()).attachments[0].size == 1000


async def test_an_edit_keeps_the_files_it_lists(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A file that is not in the list goes, and so does its URL."""
    command, interaction = await deferred(sandbox, bot)
    shown = await interaction.edit_original_response(attachments=[picture("a.png"), picture("b.png")])
    await interaction.edit_original_response(attachments=[shown.attachments[1], picture("c.png")])
    assert command.original is not None
    assert [attachment.filename for attachment in command.original.attachments] == ["b.png", "c.png"]
    assert await shown.attachments[1].read()
    with pytest.raises(discord.NotFound):
        await shown.attachments[0].read()


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, {"someone", "holder"}),
        (discord.AllowedMentions.none(), set()),
        (discord.AllowedMentions(everyone=False, users=False, roles=True), {"holder"}),
        (discord.AllowedMentions.all(), {"owner", "someone", "holder"}),
    ],
)
async def test_only_those_allowed_are_pinged(
    sandbox: DiscordSandbox, http: aiohttp.ClientSession, allowed: discord.AllowedMentions | None, pinged: set[str]
) -> None:
    """People by name or by role, everyone by @everyone; an embed pings nobody."""
    role = sandbox.add_role("painters")
    holder = sandbox.add_user("holder", roles=(role,))
    everyone = "@everyone " if allowed is not None else ""
    payload: dict[str, Any] = {"content": f"{everyone}<@{sandbox.user.id}> <@&{role.id}> <@1>"}
    payload["embeds"] = [{"title": f"<@{holder.id}>"}]
    if allowed is not None:
        payload["allowed_mentions"] = allowed.to_dict()
    async with http.post(f"channels/{sandbox.channel.id}/messages", json=payload) as response:
        assert response.status == 200
    message = await sandbox.wait_for_message(sandbox.channel)
    people = {sandbox.user.id: "someone", holder.id: "holder"}
    assert {people.get(user_id, "owner") for user_id in message.mentions} == pinged
    assert message.mention_everyone == ("owner" in pinged)


async def test_the_bot_posts_edits_and_deletes_by_itself(sandbox: DiscordSandbox, bot: Bot) -> None:
    """In a channel and in a DM, where nothing forbids it."""
    channel = bot.get_partial_messageable(sandbox.channel.id)
    posted = await channel.send("drawn", file=picture())
    assert (await sandbox.wait_for_message(sandbox.channel)).attachments[0].filename == "fox.png"
    await posted.edit(content="drawn again")
    assert [message.content async for message in channel.history()] == ["drawn again"]
    await posted.delete()
    assert sandbox.messages == []
    direct = await bot.create_dm(discord.Object(sandbox.user.id))
    await direct.send("hello")
    assert (await sandbox.wait_for_message(sandbox.dm(), after=0)).content == "hello"


async def test_the_bot_may_not_post_everywhere(sandbox: DiscordSandbox, bot: Bot) -> None:
    """50013 without the permission, 50001 in a foreign guild, 50007 to closed DMs, 10003 to nowhere."""
    foreign = sandbox.add_channel("general", sandbox.add_guild("elsewhere", installed=False))
    muted = sandbox.add_channel("muted", bot_may_post=False)
    closed = sandbox.dm(sandbox.add_user("shy", dms_closed=True))
    codes = []
    for channel_id in (muted.id, foreign.id, closed.id, 1):
        with pytest.raises(discord.HTTPException) as caught:
            await bot.get_partial_messageable(channel_id).send("hello")
        codes.append((caught.value.status, caught.value.code))
    assert codes == [(403, 50013), (403, 50001), (403, 50007), (404, 10003)]
    command = await sandbox.slash("imagine", {"prompt": "a red fox"}, channel=muted)
    interaction = await bot.received()
    assert not interaction.app_permissions.send_messages
    await interaction.response.send_message("answers need no permission")
    await command.wait_for_message()


async def test_a_command_in_a_dm_carries_the_person_and_their_language(sandbox: DiscordSandbox, bot: Bot) -> None:
    """No guild, the DM's context and the user's locale."""
    anna = sandbox.add_user("anna", locale="de")
    _, interaction = await deferred(sandbox, bot, user=anna, in_dm=True)
    assert (interaction.guild, interaction.user.id) == (None, anna.id)
    assert interaction.context.dm_channel
    assert interaction.locale is discord.Locale.german
    assert isinstance(interaction.channel, discord.DMChannel)
    with pytest.raises(InputRefusedError):
        await sandbox.slash("quota-admin show", {"person": anna}, in_dm=True)


async def test_a_subcommand_gets_its_people_and_roles_resolved(sandbox: DiscordSandbox, bot: Bot) -> None:
    """With the permissions that the person has by their role."""
    role = sandbox.add_role("admins", permissions=Permission.MANAGE_GUILD)
    admin = sandbox.add_user("admin", roles=(role,))
    await sandbox.slash("quota-admin show", {"person": sandbox.user, "role": role}, user=admin)
    interaction = await bot.received()
    assert (interaction.extras["person"].id, interaction.extras["role"].id) == (sandbox.user.id, role.id)
    assert interaction.permissions.manage_guild
    assert isinstance(interaction.user, discord.Member)
    assert [held.name for held in interaction.user.roles] == ["@everyone", "admins"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("draw", {"prompt": "a red fox"}),
        ("imagine", {}),
        ("imagine", {"prompt": "a red fox", "colour": "red"}),
        ("imagine", {"prompt": "a red fox", "ratio": "1:3"}),
        ("imagine", {"prompt": "x" * 201}),
        ("imagine", {"prompt": 7}),
        ("imagine", {"prompt": "a red fox", "count": 5}),
        ("imagine", {"prompt": "a red fox", "count": True}),
        ("quota-admin", {}),
        ("quota-admin hide", {}),
        ("quota-admin show", {"person": "someone"}),
    ],
)
async def test_the_client_refuses_what_does_not_fit_the_command(
    sandbox: DiscordSandbox, bot: Bot, name: str, options: dict[str, Any]
) -> None:
    """As Discord's client does; the bot hears nothing of it."""
    with pytest.raises(InputRefusedError):
        await sandbox.slash(name, options)
    assert bot.inbox.empty()


async def test_a_button_is_pressed_and_its_message_edited_and_deleted(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Type 7 edits the message of the button; after type 6 @original is that message."""
    command, interaction = await deferred(sandbox, bot)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Delete", custom_id="delete:1"))
    await interaction.edit_original_response(content="drawn", view=view)
    message = await command.wait_for_message()
    with pytest.raises(InputRefusedError):
        await sandbox.click(message, "other")
    await sandbox.click(message, label="Delete")
    pressed = await bot.received()
    data: Any = pressed.data
    assert data["custom_id"] == "delete:1"
    assert pressed.message is not None
    assert pressed.message.interaction_metadata is not None
    assert pressed.message.interaction_metadata.user.id == sandbox.user.id
    await pressed.response.edit_message(content="sure?")
    assert [message.content for message in sandbox.messages] == ["sure?"]
    await sandbox.click(sandbox.messages[0])
    pressed = await bot.received()
    await pressed.response.defer()
    await pressed.delete_original_response()
    assert sandbox.messages == []


async def test_commands_keep_their_ids_when_overwritten(
    sandbox: DiscordSandbox, bot: Bot, http: aiohttp.ClientSession
) -> None:
    """A name that stays keeps its id; one that goes is gone; a guild has its own list."""
    before = {command["name"]: command["id"] for command in sandbox.commands}
    bot.tree.remove_command("quota-admin")
    await bot.tree.sync()
    assert [(command["name"], command["id"]) for command in sandbox.commands] == [("imagine", before["imagine"])]
    assert sandbox.syncs == 2
    route = f"applications/{sandbox.application_id}/guilds/{sandbox.guild.id}/commands"
    async with http.post(route, json={"name": "local", "description": "Here only"}) as response:
        assert response.status == 201
        local = await response.json()
    assert local["guild_id"] == str(sandbox.guild.id)
    async with http.delete(f"{route}/{local['id']}") as response:
        assert response.status == 204
    async with http.get(f"{route}/{local['id']}") as response:
        assert (response.status, (await response.json())["code"]) == (404, 10063)


OPTION = {"name": "o", "description": "An option", "type": 3}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "Imagine"}, ["name", "APPLICATION_COMMAND_INVALID_NAME"]),
        ({"name": "two words"}, ["name", "APPLICATION_COMMAND_INVALID_NAME"]),
        ({"name": "x" * 33}, ["name", "BASE_TYPE_BAD_LENGTH"]),
        ({"description": ""}, ["description", "BASE_TYPE_REQUIRED"]),
        ({"description": "x" * 101}, ["description", "BASE_TYPE_BAD_LENGTH"]),
        ({"description_localizations": {"de": "x" * 101}}, ["description_localizations", "de"]),
        ({"options": [{**OPTION, "name": f"o{n}"} for n in range(26)]}, ["options", "BASE_TYPE_MAX_LENGTH"]),
        ({"options": [OPTION, OPTION]}, ["options", "1", "name"]),
        (
            {"options": [OPTION, {**OPTION, "name": "p", "required": True}]},
            ["options", "1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"],
        ),
        (
            {"options": [{**OPTION, "choices": [{"name": str(n), "value": str(n)} for n in range(26)]}]},
            ["options", "0", "choices", "BASE_TYPE_MAX_LENGTH"],
        ),
        ({"options": [{**OPTION, "max_length": 6001}]}, ["options", "0", "max_length"]),
        (
            {
                "options": [
                    {
                        **OPTION,
                        "name": f"o{n}",
                        "choices": [{"name": "x" * 97 + f"{m:03}", "value": "x"} for m in range(25)],
                    }
                    for n in range(4)
                ]
            },
            ["APPLICATION_COMMAND_TOO_LARGE"],
        ),
    ],
)
async def test_a_command_against_the_rules_is_refused(
    sandbox: DiscordSandbox, http: aiohttp.ClientSession, change: dict[str, Any], place: list[str]
) -> None:
    """400 code 50035, its errors nested to the place; what was registered stays."""
    command = {"name": "imagine", "description": "Draw a picture", **change}
    async with http.put(f"applications/{sandbox.application_id}/commands", json=[command]) as response:
        assert (response.status, response.headers["Content-Type"]) == (400, "application/json")
        body = await response.json()
    assert (body["code"], body["message"]) == (50035, "Invalid Form Body")
    node = body["errors"]["0"]
    for key in place:
        codes = [error["code"] for error in node.get("_errors", [])]
        node = {} if key in codes else node[key]
    assert sandbox.commands == []


async def test_a_scope_holds_a_hundred_commands(sandbox: DiscordSandbox, http: aiohttp.ClientSession) -> None:
    """400 code 30032 for one more."""
    commands = [{"name": f"c{number}", "description": "x"} for number in range(101)]
    route = f"applications/{sandbox.application_id}/commands"
    async with http.put(route, json=commands) as response:
        assert (response.status, (await response.json())["code"]) == (400, 30032)
    async with http.put(route, json=commands[:100]) as response:
        assert response.status == 200


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
async def test_a_stranger_is_turned_away(  # noqa: PLR0917 - a table of four columns
    sandbox: DiscordSandbox, http: aiohttp.ClientSession, method: str, path: str, status: int, code: int
) -> None:
    """Without the bot's token, or with no interaction's."""
    headers = {"Authorization": "Bot other"}
    async with http.request(method, path, json={}, headers=headers) as response:
        assert (response.status, response.headers["Content-Type"]) == (status, "application/json")
        assert (await response.json())["code"] == code
    assert sandbox.requests == [(method, f"/api/v10/{path}", status)]


async def test_a_rate_limit_is_waited_out_by_the_library(sandbox: DiscordSandbox, bot: Bot) -> None:
    """429 with what the library needs; the next try passes."""
    command, interaction = await deferred(sandbox, bot)
    fault = sandbox.rate_limit("PATCH */messages/@original", retry_after_s=0.01)
    await interaction.edit_original_response(content="drawn")
    assert (fault.hits, command.edits) == (1, 1)
    statuses = [status for method, _, status in sandbox.requests if method == "PATCH"]
    assert statuses == [429, 200]


async def test_a_lost_answer_of_the_defer_leaves_it_deferred(sandbox: DiscordSandbox, bot: Bot) -> None:
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


async def test_a_resumed_session_gets_what_it_missed(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A command sent while the bot is away arrives, and can be answered, after the resume."""
    await sandbox.disconnect_gateway()
    command = await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    await bot.has_resumed.wait()
    await interaction.response.send_message("drawing")
    assert (await command.wait_for_answer()).type == 4


async def test_a_session_that_is_gone_is_identified_anew(sandbox: DiscordSandbox, bot: Bot) -> None:
    """INVALID_SESSION on resume, and the bot is there again."""
    await sandbox.disconnect_gateway(resumable=False)
    with pytest.raises(InputRefusedError):
        await sandbox.slash("imagine", {"prompt": "a red fox"})
    await sandbox.wait_until_ready()
    await deferred(sandbox, bot)
    assert not bot.has_resumed.is_set()


async def test_a_bot_that_is_asked_to_reconnect_resumes(sandbox: DiscordSandbox, bot: Bot) -> None:
    """Op 7 ends the connection, not the session."""
    sandbox.ask_to_reconnect()
    async with asyncio.timeout(5):
        await bot.has_resumed.wait()
    await deferred(sandbox, bot)


async def test_every_shard_gets_its_own_guilds(sandbox: DiscordSandbox, start: Start) -> None:
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


async def test_a_wrong_token_is_refused(sandbox: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library calls it a failed login."""
    monkeypatch.setattr(Route, "BASE", sandbox.api_url)
    async with Bot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("other")


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
    sandbox: DiscordSandbox, http: aiohttp.ClientSession, payload: object, code: int
) -> None:
    """With the close code of the rule."""
    async with http.ws_connect(f"{sandbox.gateway_url}?v=10&encoding=json") as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json(payload)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == code


async def test_the_gateway_speaks_without_compression(sandbox: DiscordSandbox, http: aiohttp.ClientSession) -> None:
    """Hello, heartbeat, READY and the guild as plain text; an unknown compression is refused."""
    async with http.ws_connect(f"{sandbox.gateway_url}?v=10&encoding=json") as socket:
        assert (await socket.receive_json())["d"]["heartbeat_interval"] > 0
        await socket.send_json({"op": 1, "d": None})
        assert await socket.receive_json() == {"op": 11}
        await socket.send_json({"op": 2, "d": IDENTIFY})
        ready = await socket.receive_json()
        assert (ready["t"], ready["s"]) == ("READY", 1)
        assert ready["d"]["resume_gateway_url"] == sandbox.gateway_url
        assert (await socket.receive_json())["t"] == "GUILD_CREATE"
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(f"{sandbox.gateway_url}?v=10&compress=other")
