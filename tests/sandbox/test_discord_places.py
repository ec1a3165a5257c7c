"""Where people are in the stand-in of Discord, and whose messages the bot may touch there."""

import discord
import pytest
from callers import DiscordBot, deferred

from sandbox.discord import DiscordSandbox, InputRefusedError


async def test_commands_work_in_voice_chat_forum_posts_and_restricted_channels(
    sandbox: DiscordSandbox, bot: DiscordBot
) -> None:
    """Each channel is what discord.py takes it for, and says whether it is age-restricted."""
    forum = sandbox.add_forum("pictures", nsfw=True)
    post = sandbox.add_thread("foxes", forum)
    with pytest.raises(InputRefusedError, match="forum"):
        await sandbox.slash("imagine", {"prompt": "x"}, channel=forum)
    with pytest.raises(InputRefusedError, match="forum"):
        sandbox.say("x", channel=forum)
    _, interaction = await deferred(sandbox, bot, channel=post)
    assert isinstance(interaction.channel, discord.Thread)
    assert isinstance(interaction.channel.parent, discord.ForumChannel)
    assert (interaction.channel.parent_id, interaction.channel.is_nsfw()) == (forum.id, True)
    for nsfw in (True, False):
        _, interaction = await deferred(sandbox, bot, channel=sandbox.add_voice_channel("lounge", nsfw=nsfw))
        assert isinstance(interaction.channel, discord.VoiceChannel)
        assert interaction.channel.is_nsfw() is nsfw
        _, interaction = await deferred(sandbox, bot, channel=sandbox.add_channel("late", nsfw=nsfw))
        assert isinstance(interaction.channel, discord.TextChannel)
        assert interaction.channel.is_nsfw() is nsfw
    await interaction.edit_original_response(content="drawn")
    assert sandbox.messages[-1].content == "drawn"
    with pytest.raises(ValueError, match="a thread hangs"):
        sandbox.add_thread("below a thread", post)


async def test_a_group_of_people_can_bring_the_app_along(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """By user install only; the bot answers, and sees nothing else of the place."""
    kim = sandbox.add_user("kim")
    group = sandbox.add_group_dm(sandbox.user, kim)
    with pytest.raises(InputRefusedError, match="user_install"):
        await sandbox.slash("imagine", {"prompt": "x"}, channel=group)
    _, interaction = await deferred(sandbox, bot, channel=group, user=kim, user_install=True)
    assert interaction.context.private_channel
    assert interaction.is_user_integration()
    assert isinstance(interaction.channel, discord.GroupChannel)
    assert {person.id for person in interaction.channel.recipients} == {sandbox.user.id, kim.id}
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Again", custom_id="again:1"))
    await interaction.edit_original_response(content="drawn", view=view)
    with pytest.raises(discord.Forbidden) as caught:
        await bot.http.send_message(group.id, params=discord.http.handle_message_parameters(content="x"))
    assert caught.value.code == 50001
    await sandbox.click(sandbox.messages[-1], label="Again")
    pressed = await bot.received()
    assert pressed.is_user_integration()


async def test_the_bot_touches_only_its_own_messages(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Others' it may delete with MANAGE_MESSAGES, never edit; in a DM neither."""
    moderated = sandbox.add_channel("moderated", bot_may_moderate=True)
    codes = []
    for place in (sandbox.channel, moderated, sandbox.dm()):
        said = sandbox.say("hello", channel=place)
        for call in (
            bot.http.edit_message(place.id, said.id, params=discord.http.handle_message_parameters(content="x")),
            bot.http.delete_message(place.id, said.id),
        ):
            try:
                await call
                codes.append(0)
            except discord.Forbidden as refusal:
                codes.append(refusal.code)
    assert codes == [50005, 50013, 50005, 0, 50005, 50003]
    assert [message.channel_id for message in sandbox.messages] == [sandbox.channel.id, sandbox.dm().id]
    _, interaction = await deferred(sandbox, bot, channel=moderated)
    assert interaction.app_permissions.manage_messages


async def test_people_write_within_the_limits(sandbox: DiscordSandbox) -> None:
    """1 to 2000 characters, as the client allows."""
    for text in (" ", "x" * 2001):
        with pytest.raises(InputRefusedError):
            sandbox.say(text)
    assert sandbox.messages == []
