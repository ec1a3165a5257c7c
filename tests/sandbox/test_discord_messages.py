"""The stand-in of Discord holds messages to the service's rules, whoever sends them."""

import io
from typing import Any

import aiohttp
import discord
import pytest
from callers import DiscordBot, deferred, picture

from sandbox.discord import DiscordSandbox


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
    sandbox: DiscordSandbox, bot: DiscordBot, message: dict[str, Any], complaint: str
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
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, payload: dict[str, Any], place: str, code: str
) -> None:
    """What libraries would not send is refused as well."""
    async with rest.post(f"channels/{sandbox.channel.id}/messages", json=payload) as response:
        assert response.status == 400
        node = (await response.json())["errors"]
    for key in place.split("."):
        node = node[key]
    assert code in [error["code"] for error in node["_errors"]]
    assert sandbox.messages == []


async def test_a_layout_shows_an_attached_picture(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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


async def test_an_empty_message_is_refused(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """400 code 50006."""
    _, interaction = await deferred(sandbox, bot)
    with pytest.raises(discord.HTTPException) as caught:
        await interaction.edit_original_response(content=" ")
    assert (caught.value.status, caught.value.code) == (400, 50006)


async def test_a_file_over_the_limit_of_the_guild_is_refused(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """413 code 40005 above what the interaction says, and not at it."""
    guild = sandbox.add_guild("small", file_limit_bytes=1000)
    command, interaction = await deferred(sandbox, bot, guild=guild)
    assert interaction.filesize_limit == 1000
    with pytest.raises(discord.HTTPException) as caught:
        await interaction.edit_original_response(attachments=[picture(size_bytes=1001)])
    assert (caught.value.status, caught.value.code) == (413, 40005)
    await interaction.edit_original_response(attachments=[picture(size_bytes=1000)])
    assert (await command.wait_for_message()).attachments[0].size == 1000


async def test_an_edit_keeps_the_files_it_lists(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, allowed: discord.AllowedMentions | None, pinged: set[str]
) -> None:
    """People by name or by role, everyone by @everyone; an embed pings nobody."""
    role = sandbox.add_role("painters")
    holder = sandbox.add_user("holder", roles=(role,))
    everyone = "@everyone " if allowed is not None else ""
    payload: dict[str, Any] = {"content": f"{everyone}<@{sandbox.user.id}> <@&{role.id}> <@1>"}
    payload["embeds"] = [{"title": f"<@{holder.id}>"}]
    if allowed is not None:
        payload["allowed_mentions"] = allowed.to_dict()
    async with rest.post(f"channels/{sandbox.channel.id}/messages", json=payload) as response:
        assert response.status == 200
    message = await sandbox.wait_for_message(sandbox.channel)
    people = {sandbox.user.id: "someone", holder.id: "holder"}
    assert {people.get(user_id, "owner") for user_id in message.mentions} == pinged
    assert message.mention_everyone == ("owner" in pinged)


async def test_the_bot_posts_edits_and_deletes_by_itself(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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


async def test_the_bot_may_not_post_everywhere(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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


async def test_a_repeat_with_the_same_nonce_is_the_first_message(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession
) -> None:
    """For some minutes, and only where that is asked for."""
    path = f"channels/{sandbox.channel.id}/messages"

    async def post(**more: object) -> str:
        async with rest.post(path, json={"content": "x", "nonce": "7", **more}) as answer:
            return str((await answer.json())["id"])

    first = await post(enforce_nonce=True)
    assert await post(enforce_nonce=True) == first
    assert await post() != first
    sandbox.clock.advance(600)
    assert await post(enforce_nonce=True) != first
    assert len(sandbox.messages) == 3
    async with rest.post(path, json={"content": "x", "nonce": "7" * 26}) as refused:
        assert refused.status == 400
