"""The stand-in of Discord takes answers to interactions as the service does."""

from typing import Any

import aiohttp
import discord
import pytest
from callers import DiscordBot, deferred, picture

from sandbox.discord import DiscordSandbox, InputRefusedError


async def test_a_reply_is_seen_with_its_timing(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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
    sandbox: DiscordSandbox, bot: DiscordBot, rest: aiohttp.ClientSession
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
    async with rest.get(attachment.url) as response:
        assert (await response.read(), response.content_type) == (attachment.data, "image/png")


async def test_an_answer_after_three_seconds_is_refused(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """404 code 10062, and nothing is shown."""
    await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    sandbox.clock.advance(3.1)
    with pytest.raises(discord.NotFound) as caught:
        await interaction.response.defer()
    assert caught.value.code == 10062
    assert sandbox.messages == []


async def test_a_repeated_interaction_is_answered_once(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """The second delivery is the same interaction, and answering it is 400 code 40060."""
    command, first = await deferred(sandbox, bot)
    await sandbox.repeat(command)
    second = await bot.received()
    assert (second.id, second.token) == (first.id, first.token)
    with pytest.raises(discord.HTTPException) as caught:
        await second.response.defer()
    assert (caught.value.status, caught.value.code) == (400, 40060)


async def test_the_token_works_from_the_first_answer_for_fifteen_minutes(
    sandbox: DiscordSandbox, bot: DiscordBot, rest: aiohttp.ClientSession
) -> None:
    """Before it 404 code 10015, then edits by the token alone, then 401 code 50027."""
    await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    webhook: Any = discord.Webhook.partial(sandbox.application_id, interaction.token, session=rest)
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


async def test_the_first_followup_fills_a_deferred_answer(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Its ephemeral flag is ignored; the next one is a message of its own."""
    command, interaction = await deferred(sandbox, bot)
    await interaction.followup.send("first", ephemeral=True)
    await interaction.followup.send("second", ephemeral=True)
    assert command.original is not None
    assert (command.original.content, command.original.ephemeral) == ("first", False)
    assert [(message.content, message.ephemeral) for message in command.followups] == [("second", True)]
    await interaction.delete_original_response()
    assert sandbox.messages == command.followups
    with pytest.raises(discord.NotFound) as caught:
        await interaction.edit_original_response(content="gone")
    assert caught.value.code == 10008


async def test_a_user_install_gets_five_followups(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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


async def test_a_button_is_pressed_and_its_message_edited_and_deleted(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
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
