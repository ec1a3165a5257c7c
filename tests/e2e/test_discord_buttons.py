"""Discord's buttons, forms and menus, pressed in the stand-in: the bot between them is the real one."""

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

DEFERRED, EDIT_MESSAGE = 5, 7


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


async def test_a_picture_is_drawn_again_larger_and_edited(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path, bot: Running
) -> None:
    """Each names what it came of, and costs what it costs."""
    async with bot():
        _, first = await drawn(discord, "a red fox --seed 7")
        assert labels(first) == ["Again", "Edit", "Larger", "Delete"]
        again = await result(await discord.click(first, label="Again"))
        assert again.id != first.id
        place = f"{discord.guild.id}/{discord.channel.id}"
        assert f"Again of [a red fox](<https://discord.com/channels/{place}/{first.id}>)" in str(again.embeds)
        larger = await result(await discord.click(first, label="Larger"))
        assert (larger.attachments[0].width, larger.attachments[0].height) == (1280, 1280)
        editing = await discord.click(first, label="Edit")
        form = await editing.wait_for_modal()
        assert form.inputs["prompt"]["value"] == "a red fox"
        assert "--seed 7" in form.inputs["options"]["value"]
        edited = await result(await discord.submit(editing, {"prompt": "a blue fox", "ar": "16:9", "n": "2"}))
        assert "Edited from" in str(edited.embeds)
        assert labels(edited) == ["Again", "Edit", "Delete", "Larger 1", "Larger 2"]
    seeds = [call.seed or 0 for call in dashscope.calls]
    assert (seeds[2], sorted(seeds[3:])) == (7, [7, 8])
    assert seeds[1] != 7
    assert charged(database) == 2 * len(dashscope.calls) == 10


async def test_buttons_outlive_the_process(discord: DiscordSandbox, database: Path, bot: Running) -> None:
    """A form that an earlier process opened too."""
    async with bot():
        _, first = await drawn(discord, "a red fox")
        editing = await discord.click(first, label="Edit")
        await editing.wait_for_modal()
    await discord.wait_until_disconnected()
    async with bot():
        await result(await discord.click(first, label="Again"))
        edited = await result(await discord.submit(editing, {"prompt": "a blue fox"}))
        assert "Edited from" in str(edited.embeds)
    assert charged(database) == 6


async def test_only_its_person_presses_and_moderators_delete(
    discord: DiscordSandbox, database: Path, bot: Running
) -> None:
    """Nobody is charged for what is refused; what is deleted is gone from the history too."""
    stranger = discord.add_user("stranger")
    moderator = discord.add_user("moderator", permissions=MEMBER | Permission.MANAGE_MESSAGES)
    async with bot():
        _, first = await drawn(discord, "a red fox")
        for label in ("Again", "Edit", "Larger", "Delete"):
            assert "Only whoever asked" in await said(await discord.click(first, label=label, user=stranger))
        assert "Deleted" in await said(await discord.click(first, label="Delete", user=moderator))
        assert first.id not in {message.id for message in discord.messages}
        assert "no pictures here yet" in await said(await discord.slash("imagine-history"))
        _, second = await drawn(discord, "a blue fox")
        editing = await discord.click(second, label="Edit")
        await editing.wait_for_modal()
        assert "Deleted" in await said(await discord.click(second, label="Delete"))
        assert "not on record" in await said(await discord.submit(editing))
    assert charged(database) == 4


async def test_a_private_picture_is_shared_once(discord: DiscordSandbox, bot: Running) -> None:
    """By its person, where they asked for it; its button goes."""
    async with bot():
        command, private = await drawn(discord, "a red fox", private=True)
        assert labels(private) == ["Again", "Edit", "Larger", "Share", "Delete"]
        press = await discord.click(private, label="Share")
        await press.wait_until(lambda one: bool(one.followups))
        [shared] = press.followups
        assert (shared.ephemeral, shared.mentions) == (False, [])
        assert f"<@{discord.user.id}>" in shared.content
        assert [file.data for file in shared.attachments] == [file.data for file in private.attachments]
        assert [file.description for file in shared.attachments] == [file.description for file in private.attachments]
        assert labels(shared) == ["Again", "Edit", "Larger", "Delete"]
        assert command.original is not None
        assert "Share" not in labels(command.original)


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


async def test_a_deleted_copy_takes_nothing_from_its_person(discord: DiscordSandbox, bot: Running) -> None:
    """What they had shared is gone; what they were drawn is theirs still."""
    async with bot():
        command, private = await drawn(discord, "a red fox", private=True)
        press = await discord.click(private, label="Share")
        await press.wait_until(lambda one: bool(one.followups))
        assert "Deleted" in await said(await discord.click(press.followups[0], label="Delete"))
        assert command.original is not None
        await result(await discord.click(command.original, label="Again"))
        assert "a red fox" in await said(await discord.slash("imagine-history"))


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


async def test_a_press_has_a_way_back_of_its_own(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path, bot: Running
) -> None:
    """Pressed when the first command's is all but dead; and once its own is, the bot posts in its own name."""
    async with bot():
        _, first = await drawn(discord, "a red fox")
        discord.clock.advance(15 * 60 - 1)
        dashscope.hold()
        press = await discord.click(first, label="Again")
        await press.wait_for_answer()
        seen = len(discord.messages)
        discord.clock.advance(15 * 60 + 1)
        dashscope.release()
        posted = await discord.wait_for_message(discord.channel, after=seen)
        assert posted.mentions == [discord.user.id]
        assert labels(posted) == ["Again", "Edit", "Larger", "Delete"]
        assert "Deleted" in await said(await discord.click(posted, label="Delete"))
    assert charged(database) == 4


async def said_after(press: Interaction) -> str:
    """What the person alone was told once their message was changed."""
    await press.wait_until(lambda one: bool(one.followups))
    [message] = press.followups
    assert message.ephemeral
    return message.content


async def test_who_waits_sees_where_they_stand_and_can_call_it_off(
    discord: DiscordSandbox,
    dashscope: DashScopeSandbox,
    database: Path,
    bot: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The credits are back, and the service is not called."""
    monkeypatch.setattr("bot.progress._LOOK_S", 0.02)
    async with bot(images_per_minute=2, shutdown_grace_s=0):
        await drawn(discord, "fox 0")
        for n in range(1, 4):
            await (await discord.slash("imagine", {"prompt": f"fox {n}"})).wait_for_answer()
        command = await discord.slash("imagine", {"prompt": "a red fox"})
        await command.wait_until(lambda one: one.original is not None)
        assert command.original is not None
        assert "ahead of yours" in command.original.content
        press = await discord.click(command.original, label="Cancel")
        assert (await press.wait_for_answer()).type == EDIT_MESSAGE
        assert "Cancelled" in command.original.content
        assert labels(command.original) == []
        await until(lambda: open_rows(database) == 3)
    assert [call.prompt for call in dashscope.calls] == ["fox 0"]
    assert charged(database) == 8


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


async def test_pressed_twice_is_drawn_once(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path, bot: Running
) -> None:
    """And once it is there, it may be pressed again."""
    async with bot():
        _, first = await drawn(discord, "a red fox")
        dashscope.hold()
        presses = [await discord.click(first, label="Again") for _ in range(3)]
        said_of = [press for press in presses if (await press.wait_for_answer()).type != DEFERRED]
        assert len(said_of) == 2
        for press in said_of:
            assert "being drawn already" in await said(press)
        dashscope.release()
        [drawing] = [press for press in presses if press not in said_of]
        await result(drawing)
        await until(lambda: open_rows(database) == 0)
        await result(await discord.click(first, label="Again"))
    assert charged(database) == 6


async def test_several_prompts_are_drawn_once_they_are_confirmed(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path, bot: Running
) -> None:
    """The question goes with the yes; pressed twice at once, it is one command."""
    async with bot():
        command = await discord.slash("imagine", {"prompt": "a {red,blue} fox"})
        question = await command.wait_for_message()
        assert question.ephemeral
        assert labels(question) == ["Draw", "Discard"]
        presses = [await discord.click(question, label="Draw") for _ in range(2)]
        pictures = await result(presses[0])
        assert not pictures.ephemeral
        assert len(pictures.attachments) == 2
        assert "said yes to that before" in await said(presses[1])
        assert command.original is None
        other = await discord.slash("imagine", {"prompt": "a {red,blue} fox"})
        discarding = await discord.click(await other.wait_for_message(), label="Discard")
        assert (await discarding.wait_for_answer()).type == EDIT_MESSAGE
        assert other.original is not None
        assert labels(other.original) == []
    assert charged(database) == 4
    assert len(dashscope.calls) == 2


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


async def test_the_history_is_turned_page_by_page(discord: DiscordSandbox, bot: Running) -> None:
    """Newest first, each with a way back to its message."""
    async with bot():
        results = [(await drawn(discord, f"fox {n}"))[1] for n in range(5)]
        command = await discord.slash("imagine-history")
        page = await command.wait_for_message()
        assert page.ephemeral
        assert labels(page)[:3] == ["Again 1", "Edit 1", "Open 1"]
        assert f"https://discord.com/channels/{discord.guild.id}/{discord.channel.id}/{results[-1].id}" in page.content
        await (await discord.click(page, label="Older")).wait_for_answer()
        assert command.original is not None
        assert "fox 0" in command.original.content
        assert labels(command.original) == ["Again 5", "Edit 5", "Open 5", "Newer"]
        again = await result(await discord.click(command.original, label="Again 5"))
        assert "Again of" in str(again.embeds)


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


async def test_what_is_typed_is_completed(discord: DiscordSandbox, bot: Running) -> None:
    """With one's own recent prompts, ratios, sizes, and pixels where they can be drawn."""
    async with bot():
        await drawn(discord, "a red fox")
        assert await discord.complete("imagine", "prompt", "a r") == ["a r", "a red fox"]
        assert await discord.complete("imagine", "prompt", "") == ["a red fox"]
        assert await discord.complete("imagine", "aspect", "16", {"prompt": "x"}) == ["16:9"]
        assert await discord.complete("imagine", "size", "me", {"prompt": "x"}) == ["medium"]
        assert await discord.complete("imagine", "size", "1000x800", {"prompt": "x"}) == ["1000x800"]


async def test_a_press_is_answered_whatever_it_says(discord: DiscordSandbox, database: Path, bot: Running) -> None:
    """Of an older version, of a row that never was, of another server: a sentence, and no charge."""
    elsewhere = discord.add_guild("elsewhere")
    async with bot():
        _, first = await drawn(discord, "a red fox")
        known = first.components[0]["components"][0]["custom_id"].partition(":")[2]
        for custom_id, words in (
            ("upscale:3", "older version"),
            ("larger:x:discord:1", "older version"),
            ("history:", "older version"),
            ("again:discord:1", "not on record"),
            (f"larger:3:{known}", "no larger size"),
        ):
            changed = put(discord, first, custom_id)
            assert words in await said(await discord.click(changed))
        away = await discord.slash("quota", guild=elsewhere)
        there = put(discord, await away.wait_for_message(), f"again:{known}")
        assert "another place" in await said(await discord.click(there))
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


async def test_settings_are_picked_and_hold_for_what_is_drawn_next(discord: DiscordSandbox, bot: Running) -> None:
    """Each pick is kept at once, and the menus show what is so; one of another version changes nothing."""
    async with bot():
        command = await discord.slash("imagine-settings mine")
        shown = await command.wait_for_message()
        assert shown.ephemeral
        pick = await discord.select(shown, "16:9", "setting:aspect")
        assert (await pick.wait_for_answer()).type == EDIT_MESSAGE
        assert command.original is not None
        pick = await discord.select(command.original, "medium", "setting:size")
        await pick.wait_for_answer()
        defaults = [
            option["label"]
            for _, part in walk(command.original.components)
            for option in part.get("options", [])
            if option.get("default")
        ]
        assert defaults[:2] == ["Aspect ratio: 16:9", "Size: medium"]
        assert "default" in defaults[2]
        _, pictures = await drawn(discord, "a red fox")
        assert (pictures.attachments[0].width, pictures.attachments[0].height) == (1536, 864)
        old = {"type": 3, "custom_id": "setting:mood", "options": [{"label": "dark", "value": "dark"}]}
        changed = replace(shown, components=[{"type": 1, "components": [old]}])
        discord._world.put(changed)  # noqa: SLF001 - nobody can bring this about by picking
        assert "not there any more" in await said(await discord.select(changed, "dark"))


async def test_admins_set_what_holds_in_a_channel_and_in_the_server(
    discord: DiscordSandbox, database: Path, bot: Running
) -> None:
    """Others are refused; nothing is charged for what a channel does not allow, also by a button or a form."""
    admin = discord.add_user("admin", permissions=MEMBER | Permission.MANAGE_GUILD)
    log = discord.add_channel("log")
    async with bot():
        refused = await discord.slash("imagine-settings channel", {"pictures": "off"})
        assert "Only people who manage this place" in await said(refused)
        server = {"spoilers": "on", "words": "ass, blue moon", "log": log}
        assert "words: ass, blue moon" in await said(await discord.slash("imagine-settings server", server, user=admin))
        _, first = await drawn(discord, "a first class fox")
        assert first.attachments[0].filename.startswith("SPOILER_")
        logged = await discord.wait_for_message(log)
        assert logged.mentions == []
        assert labels(logged) == []
        assert "“blue moon”" in await said(await discord.slash("imagine", {"prompt": "a Blue  Moon"}))
        off = await discord.slash("imagine-settings channel", {"pictures": "off"}, user=admin)
        assert "pictures off" in await said(off)
        assert "switched pictures off" in await said(await discord.click(first, label="Again"))
        stop = await discord.slash("imagine-settings server", {"stop-log": True}, user=admin)
        await said(stop)
    assert charged(database) == 2


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


async def test_people_have_their_data_and_have_it_erased(discord: DiscordSandbox, database: Path, bot: Running) -> None:
    """The file comes as a direct message; after the press, old buttons find nothing to act on."""
    async with bot():
        _, first = await drawn(discord, "a red fox")
        export = await discord.slash("imagine-data export")
        assert "direct message" in await said(export)
        [file] = (await discord.wait_for_message(discord.dm())).attachments
        assert b"a red fox" in file.data
        erase = await discord.slash("imagine-data erase")
        question = await erase.wait_for_message()
        assert labels(question) == ["Erase my data"]
        press = await discord.click(question, label="Erase my data")
        await press.wait_until(lambda one: one.edits == 1)
        assert erase.original is not None
        assert "is erased" in erase.original.content
        assert labels(erase.original) == []
        assert "not on record" in await said(await discord.click(first, label="Again"))
    assert charged(database) == 2


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
