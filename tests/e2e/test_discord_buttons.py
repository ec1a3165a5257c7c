"""Discord's buttons, forms and menus, pressed in the stand-in: what Discord alone has, and what goes wrong there.

What people do on both platforms is in `experience/`.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from e2e.conftest import Running, run_bot, settings_for
from e2e.ledger import charged, open_rows, rows, until

from bot.errors import DatabaseFailed
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import Channel, DiscordSandbox, Interaction, Message, Permission
from sandbox.discord.components import walk
from sandbox.discord.options import InputRefusedError
from sandbox.discord.world import MEMBER
from sandbox.stage import DiscordStage


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    async with DiscordSandbox() as discord:
        yield discord


@pytest.fixture
def bot(
    discord: DiscordSandbox,
    dashscope: DashScopeSandbox,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Running:
    monkeypatch.chdir(tmp_path)
    stage = DiscordStage(discord)
    return lambda **overrides: run_bot(settings_for(stage, dashscope, database, **overrides), stage)


def labels(message: Message) -> list[str]:
    """What stands on the buttons of a message, in order."""
    return [part["label"] for _, part in walk(message.components) if "label" in part]


async def drawn(discord: DiscordSandbox, prompt: str, **options: object) -> tuple[Interaction, Message]:
    """An `/imagine` and its result."""
    command = await discord.slash("imagine", {"prompt": prompt, **options})
    return command, await result(command)


async def result(command: Interaction) -> Message:
    """The message with its pictures."""
    await command.wait_until(lambda one: one.original is not None and bool(one.original.attachments))
    assert command.original is not None
    return command.original


async def said(press: Interaction) -> str:
    """What the person alone was told."""
    message = await press.wait_for_message()
    assert message.ephemeral
    return message.content


async def test_whoever_manages_messages_deletes(discord: DiscordSandbox, bot: Running) -> None:
    """A moderator need not be an admin."""
    moderator = discord.add_user("moderator", permissions=MEMBER | Permission.MANAGE_MESSAGES)
    async with bot():
        _, first = await drawn(discord, "a red fox")
        assert "Deleted" in await said(await discord.click(first, label="Delete", user=moderator))
        assert first.id not in {message.id for message in discord.messages}


async def test_what_is_shared_is_as_its_place_wants_it_and_in_its_log(discord: DiscordSandbox, bot: Running) -> None:
    """Rules that came later bind it; the log has the picture as soon as everybody has."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    log = discord.add_channel("log")
    async with bot():
        _, private = await drawn(discord, "a red fox", private=True)
        await said(await discord.slash("imagine-settings channel", {"pictures": "off"}, user=admin))
        assert "do not let it be shown there" in await said(await discord.click(private, label="Share"))
        server = {"pictures": "on", "log": log, "spoilers": "on"}
        await said(await discord.slash("imagine-settings server", server, user=admin))
        await said(await discord.slash("imagine-settings channel", {"pictures": "default"}, user=admin))
        press = await discord.click(private, label="Share")
        logged = await discord.wait_for_message(log)
        for copy in (logged, *press.followups):
            assert all(file.filename.startswith("SPOILER_") for file in copy.attachments)
        assert (labels(logged), logged.mentions) == ([], [])
        assert f"<@{discord.user.id}>" in logged.content
        assert "a red fox" in str(logged.embeds)
        assert [file.description for file in logged.attachments] == [file.description for file in private.attachments]


async def test_the_log_is_in_the_bots_own_language(discord: DiscordSandbox, bot: Running) -> None:
    """Whoever reads it, a picture of somebody's who reads another is described alike."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    reader = discord.add_user("reader", locale="de")
    log = discord.add_channel("log")
    async with bot():
        await said(await discord.slash("imagine-settings server", {"log": log}, user=admin))
        command = await discord.slash("imagine", {"prompt": "a red fox"}, user=reader)
        assert "Überarbeiteter Prompt" in str((await result(command)).embeds)
        assert "Revised prompt" in str((await discord.wait_for_message(log)).embeds)


async def test_in_a_thread_a_private_picture_is_shared_there(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, bot: Running
) -> None:
    """By the rules of the channel that it hangs on; also from direct messages, where the picture may have come."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    thread = discord.add_thread("aside")
    fox = {"prompt": "a red fox", "private": True}
    off = "imagine-settings channel"
    async with bot():
        private = await result(await discord.slash("imagine", fox, channel=thread))
        await said(await discord.slash(off, {"pictures": "off"}, user=admin))
        assert "do not let it be shown there" in await said(await discord.click(private, label="Share"))
        await said(await discord.slash(off, {"pictures": "default"}, user=admin))
        press = await discord.click(private, label="Share")
        await press.wait_until(lambda one: bool(one.followups))
        assert (press.followups[0].channel_id, press.followups[0].ephemeral) == (thread.id, False)
        dashscope.hold()
        late = await discord.slash("imagine", fox, channel=thread)
        await late.wait_for_answer()
        discord.clock.advance(15 * 60 + 1)
        dashscope.release()
        sent = await discord.wait_for_message(discord.dm())
        await said(await discord.slash(off, {"pictures": "off"}, user=admin))
        assert "do not let it be shown there" in await said(await discord.click(sent, label="Share"))
        await said(await discord.slash(off, {"pictures": "default"}, user=admin))
        assert "where you asked for it" in await said_after(await discord.click(sent, label="Share"))
        assert [one.channel_id for one in discord.messages if one.attachments and not one.ephemeral][-1] == thread.id


async def test_a_copy_whose_answer_was_lost_is_looked_for(discord: DiscordSandbox, bot: Running) -> None:
    """It stands below the private one, so nobody is told that it does not, and the log has it."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    log = discord.add_channel("log")
    async with bot():
        command, private = await drawn(discord, "a red fox", private=True)
        await said(await discord.slash("imagine-settings server", {"log": log}, user=admin))
        lost = discord.faults.inject("POST /api/v10/webhooks/*", drop="answer")
        press = await discord.click(private, label="Share")
        await discord.wait_for_message(log)
        assert (lost.hits, len(press.followups)) == (1, 1)
        assert command.original is not None
        assert "Share" not in labels(command.original)


async def test_a_copy_whose_answer_was_lost_is_not_posted_twice(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, bot: Running
) -> None:
    """By the bot in its own name: Discord knows a repeat by its mark."""
    dashscope.hold()
    async with bot():
        command = await discord.slash("imagine", {"prompt": "a red fox", "private": True})
        await command.wait_for_answer()
        discord.clock.advance(15 * 60 + 1)
        dashscope.release()
        private = await discord.wait_for_message(discord.dm())
        discord.faults.inject(f"POST /api/v10/channels/{discord.channel.id}/messages", drop="answer")
        press = await discord.click(private, label="Share")
        assert "could not be shared" in await said_after(press)
        await press.wait_until(lambda one: one.original is not None and "Share" in labels(one.original))
        assert "where you asked for it" in await said_after(await discord.click(private, label="Share"))
    assert len([one for one in discord.messages if one.channel_id == discord.channel.id and one.attachments]) == 1


async def test_what_cannot_be_shared_may_be_tried_again(discord: DiscordSandbox, bot: Running) -> None:
    """Its file is gone from Discord's servers, say: nothing is posted, and the button is back."""
    async with bot():
        command, private = await drawn(discord, "a red fox", private=True)
        discord.faults.inject("GET /attachments/*", status=404, text="gone")
        assert "could not be shared" in await said_after(await discord.click(private, label="Share"))
        assert command.original is not None
        await command.wait_until(lambda one: one.original is not None and "Share" in labels(one.original))
        press = await discord.click(command.original, label="Share")
        await press.wait_until(lambda one: bool(one.followups))


async def test_what_is_cut_off_by_a_stop_may_be_shared_after_it(
    discord: DiscordSandbox, database: Path, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is posted, so nothing says that it is shared."""
    monkeypatch.setattr("adapters.background._FINISH_S", 0.2)
    async with bot():
        _, private = await drawn(discord, "a red fox", private=True)
        slow = discord.faults.inject("GET /attachments/*", delay_s=3)
        await discord.click(private, label="Share")
        await until(lambda: slow.hits == 1)
        assert rows(database, "SELECT shared FROM generation") != [(None,)]
    assert rows(database, "SELECT shared FROM generation") == [(None,)]


async def test_a_private_picture_that_came_as_a_direct_message_is_shared_where_it_was_asked_for(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, bot: Running
) -> None:
    """Its command's token was dead by then; the bot posts in its own name, and pings nobody."""
    dashscope.hold()
    async with bot():
        command = await discord.slash("imagine", {"prompt": "a red fox", "private": True})
        await command.wait_for_answer()
        discord.clock.advance(15 * 60 + 1)
        dashscope.release()
        private = await discord.wait_for_message(discord.dm())
        assert "Share" in labels(private)
        press = await discord.click(private, label="Share")
        assert "where you asked for it" in await said_after(press)
        [shared] = [one for one in discord.messages if one.channel_id == discord.channel.id and one.attachments]
        assert (shared.mentions, labels(shared)) == ([], ["Again", "Edit", "Larger", "Delete"])
        [left] = [one for one in discord.messages if one.id == private.id]
        assert "Share" not in labels(left)


async def said_after(press: Interaction) -> str:
    """What the person alone was told once their message was changed."""
    await press.wait_until(lambda one: bool(one.followups))
    [message] = press.followups
    assert message.ephemeral
    return message.content


async def test_a_cancelling_whose_answer_is_lost_is_told_where_it_was_typed(
    discord: DiscordSandbox, database: Path, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credits are back all the same, and nothing is left to be told."""
    monkeypatch.setattr("bot.progress._LOOK_S", 0.02)
    async with bot(images_per_minute=2, shutdown_grace_s=0):
        await drawn(discord, "fox 0")
        for n in range(3):
            await (await discord.slash("imagine", {"prompt": f"fox {n}"})).wait_for_answer()
        waiting = await discord.slash("imagine", {"prompt": "a blue fox"})
        await waiting.wait_until(lambda one: one.original is not None)
        assert waiting.original is not None
        fault = discord.faults.inject("POST */callback", drop="request")
        await discord.click(waiting.original, label="Cancel")
        await until(lambda: fault.hits and charged(database) == 8)
        await until(lambda: open_rows(database) == 3)
        assert waiting.original is not None
        assert "You cancelled this" in waiting.original.content


@pytest.mark.parametrize("statement", ["find", "drop"])
async def test_a_question_stays_where_the_database_fails(
    discord: DiscordSandbox, bot: Running, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """Whoever is asked to try again has a button to try it with."""

    async def fails(*_: object) -> None:
        raise DatabaseFailed

    async with bot():
        command = await discord.slash("imagine", {"prompt": "a {red,blue} fox"})
        question = await command.wait_for_message()
        with monkeypatch.context() as broken:
            broken.setattr(f"bot.store.Drafts.{statement}", fails)
            assert "try again" in await said(await discord.click(question, label="Discard"))
        assert command.original is not None
        assert labels(command.original) == ["Draw", "Discard"]
        await (await discord.click(question, label="Discard")).wait_for_answer()
        assert "Discarded" in command.original.content


@pytest.mark.parametrize("button", ["Discard", "Older", "Size"])
async def test_an_answer_that_gets_lost_is_no_defect(discord: DiscordSandbox, bot: Running, button: str) -> None:
    """The message stays as it was: whoever presses once more gets there."""
    commands = {"Discard": "imagine", "Older": "imagine-history", "Size": "imagine-settings mine"}
    async with bot():
        for n in range(5 if button == "Older" else 0):
            await drawn(discord, f"fox {n}")
        options = {"prompt": "a {red,blue} fox"} if button == "Discard" else {}
        shown = await (await discord.slash(commands[button], options)).wait_for_message()

        async def press() -> Interaction:
            if button == "Size":
                return await discord.select(shown, "large", "setting:size")
            return await discord.click(shown, label=button)

        lost = discord.faults.inject("POST /api/v10/interactions/*", drop="request")
        with structlog.testing.capture_logs() as logged:
            await press()
            await until(lambda: [event for event in logged if event["log_level"] in {"warning", "error"}])
        assert lost.hits == 1
        assert "handler failed" not in [event["event"] for event in logged]
        await (await press()).wait_for_answer()


async def test_a_message_becomes_a_prompt(discord: DiscordSandbox, bot: Running) -> None:
    """After a look at the form, where people are: a thread, a forum's post, a voice channel, a group DM, their DM."""
    thread = discord.add_thread("aside")
    post = discord.add_thread("a post", discord.add_forum("pictures"))
    lounge = discord.add_voice_channel("lounge")
    group = discord.add_group_dm(discord.user, discord.add_user("friend"))
    elsewhere = discord.add_channel("far", discord.add_guild("elsewhere", installed=False))
    home = discord.guild.id

    async def play(place: Channel, guild_id: object, *, brought: bool = False) -> None:
        message = discord.say("a fox in **snow** <:snow:12345>", channel=place)
        menu = await discord.message_menu("Imagine this", message, user_install=brought)
        form = await menu.wait_for_modal()
        assert form.inputs["prompt"]["value"] == "a fox in **snow** snow"
        pictures = await result(await discord.submit(menu))
        assert pictures.channel_id == place.id
        again = await result(await discord.click(pictures, label="Again"))
        assert f"https://discord.com/channels/{guild_id}/{place.id}/{pictures.id}" in str(again.embeds)
        assert "Deleted" in await said(await discord.click(again, label="Delete"))

    async with bot(), asyncio.TaskGroup() as group_of_tasks:
        for place in (thread, post, lounge):
            group_of_tasks.create_task(play(place, home))
        group_of_tasks.create_task(play(group, "@me", brought=True))
        group_of_tasks.create_task(play(discord.dm(), "@me"))
        guild = elsewhere.guild
        assert guild is not None
        group_of_tasks.create_task(play(elsewhere, guild.id, brought=True))


async def test_a_press_is_answered_whatever_it_says(discord: DiscordSandbox, database: Path, bot: Running) -> None:
    """Of an older version, or of what there is none: a sentence, and no charge."""
    async with bot():
        _, first = await drawn(discord, "a red fox")
        known = first.components[0]["components"][0]["custom_id"].partition(":")[2]
        for custom_id, words in (
            ("upscale:3", "older version"),
            ("larger:x:discord:1", "older version"),
            ("history:", "older version"),
            (f"larger:3:{known}", "no larger size"),
        ):
            changed = put(discord, first, custom_id)
            assert words in await said(await discord.click(changed))
    assert charged(database) == 2


def put(discord: DiscordSandbox, message: Message, custom_id: str) -> Message:
    """The message with one button, as an older version might have left it."""
    button = {"type": 2, "style": 2, "label": "Old", "custom_id": custom_id}
    changed = replace(message, components=[{"type": 1, "components": [button]}])
    discord._world.put(changed)  # noqa: SLF001 - nobody can bring this about by pressing
    return changed


async def test_a_defect_is_told_under_a_reference(
    discord: DiscordSandbox, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library alone would leave the person with a failed interaction."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("adapters.actions.Actions.again", broken)
    async with bot():
        _, first = await drawn(discord, "a red fox")
        assert "reference" in (await said(await discord.click(first, label="Again"))).lower()


async def test_the_log_has_every_picture_and_of_private_ones_a_line(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, bot: Running
) -> None:
    """Also of one that the bot posted in its own name: the copy in the log is no repeat of it."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    log = discord.add_channel("log")

    def logged() -> list[Message]:
        return [message for message in discord.messages if message.channel_id == log.id]

    async with bot():
        await said(await discord.slash("imagine-settings server", {"log": log}, user=admin))
        await drawn(discord, "a secret fox", private=True)
        await until(lambda: len(logged()) == 1)
        [line] = logged()
        assert (line.attachments, line.embeds, line.mentions) == ([], [], [])
        assert f"<@{discord.user.id}>" in line.content
        assert "secret" not in line.content
        dashscope.hold()
        late = await discord.slash("imagine", {"prompt": "a late fox"})
        await late.wait_for_answer()
        discord.clock.advance(15 * 60 + 1)
        dashscope.release()
        await until(lambda: len(logged()) == 2)
        [posted] = [one for one in discord.messages if one.channel_id == discord.channel.id and not one.ephemeral]
        assert logged()[1].embeds == posted.embeds
        assert [file.description for file in logged()[1].attachments] == [posted.attachments[0].description]


async def test_a_log_is_kept_only_where_the_bot_may_post(discord: DiscordSandbox, database: Path, bot: Running) -> None:
    """Else an admin would wait for pictures in vain; a forum, which holds posts alone, is not even offered."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    closed, forum = discord.add_channel("closed", bot_may_post=False), discord.add_forum("forum")
    server = "imagine-settings server"
    async with bot():
        with pytest.raises(InputRefusedError, match="does not offer"):
            await discord.slash(server, {"log": forum}, user=admin)
        assert f"may not post pictures in <#{closed.id}>" in await said(
            await discord.slash(server, {"log": closed, "spoilers": "on"}, user=admin)
        )
        assert "Only people who manage" in await said(await discord.slash(server, {"log": closed}))
    with closing(sqlite3.connect(database)) as store:
        assert [kind for (kind,) in store.execute("SELECT kind FROM rule")] == ["refused"]


async def test_a_thread_is_as_age_restricted_as_its_channel(
    discord: DiscordSandbox, database: Path, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord says so of the channel alone; where it does not answer in time, nothing is drawn and nothing charged."""
    monkeypatch.setattr("adapters.discord.adults._LOOK_S", 10.0)
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    thread = discord.add_thread("aside", discord.add_channel("late", nsfw=True))
    post = discord.add_thread("a post", discord.add_forum("later", nsfw=True))
    open_thread = discord.add_thread("open")
    fox = {"prompt": "a red fox"}
    async with bot():
        await said(await discord.slash("imagine-settings server", {"restricted": "on"}, user=admin))
        for place in (thread, post):
            first = await result(await discord.slash("imagine", fox, channel=place))
            await result(await discord.click(first, label="Again"))
        assert "only in age-restricted" in await said(await discord.slash("imagine", fox, channel=open_thread))
        monkeypatch.setattr("adapters.discord.adults._LOOK_S", 0.2)
        looked_up = "GET /api/v10/channels/*"
        for fault in (discord.faults.inject(looked_up, status=500), discord.faults.inject(looked_up, delay_s=2)):
            assert "only in age-restricted" in await said(await discord.slash("imagine", fox, channel=thread))
            assert fault.hits == 1
    assert charged(database) == 8


async def test_a_file_that_nobody_takes_is_not_shown_elsewhere(discord: DiscordSandbox, bot: Running) -> None:
    """Its person reads what to do: open their direct messages, or wait until Discord is well again."""
    closed = discord.add_user("closed", dms_closed=True)
    async with bot():
        export = await discord.slash("imagine-data export", user=closed)
        assert "allow direct messages" in await said(export)
        assert export.original is not None
        assert export.original.attachments == []
        discord.faults.inject(f"POST /api/v10/channels/{discord.dm().id}/messages", drop="request")
        assert "try again later" in await said(await discord.slash("imagine-data export"))
