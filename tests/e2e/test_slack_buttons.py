"""Buttons, forms, shortcuts, mentions and the App Home, as Slack's own client drives them."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from e2e.conftest import run_bot, settings_for
from e2e.ledger import charged, open_rows, rows, until

from bot.errors import DatabaseFailed
from sandbox.dashscope import DashScopeSandbox
from sandbox.slack import Delivery, Message, SlackSandbox, View
from sandbox.slack.inputs import find
from sandbox.stage import SlackStage

DRAWING = "Drawing …"


@dataclass(frozen=True, slots=True)
class Desk:
    """A person in front of Slack, while the bot runs."""

    slack: SlackSandbox
    dashscope: DashScopeSandbox
    database: Path

    async def imagine(self, line: str = "a red fox --raw --seed 7") -> Message:
        """The result of a command."""
        seen = len(self.slack.messages)
        await self.slack.slash("/imagine", line)
        return await self.result(seen)

    async def result(self, after: int, **where: Any) -> Message:
        """The next message with pictures."""
        return await self.slack.wait_for_message(after=after, where=lambda one: bool(one.files), **where)

    async def said(self, delivery: Delivery) -> Message:
        """What a press was answered with, through its own response URL."""
        return await self.slack.wait_for_message(where=lambda one: one in delivery.responses)

    async def changed(self, message: Message) -> Message:
        """A message once another stands in its place."""
        return await self.slack.wait_for_message(where=lambda one: one is message and one.is_edited)

    async def line(self, after: int) -> Message:
        """The next words for one person alone."""
        return await self.slack.wait_for_message(after=after, where=lambda one: one.ephemeral_for is not None)


@pytest.fixture
async def desk(
    dashscope: DashScopeSandbox, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    monkeypatch.chdir(tmp_path)
    async with opened(dashscope, database) as desk:
        yield desk


@asynccontextmanager
async def opened(
    dashscope: DashScopeSandbox, database: Path, *, http_port: int | None = None, **overrides: object
) -> AsyncIterator[Desk]:
    async with SlackSandbox(file_ready_after_s=0) as slack:
        stage = SlackStage(slack, http_port=http_port)
        async with run_bot(settings_for(stage, dashscope, database, **overrides), stage):
            yield Desk(slack, dashscope, database)
            # Screen readers and notifications do not look into blocks; a file alone is announced by its title.
            ours = [message for message in slack.messages if message.user == slack.bot_user_id]
            assert [message for message in ours if message.blocks and not message.text.strip()] == []


def labels(message: Any) -> list[str]:
    """What stands on the buttons of a message or a view."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]


def words(message: Any) -> str:
    """Everything that is read in a message or a view."""
    shown = [block.get("text", {}).get("text", "") for block in message.blocks]
    shown += [one["text"] for block in message.blocks if block["type"] == "context" for one in block["elements"]]
    return "\n".join(shown)


async def test_again_draws_the_same_with_another_seed(desk: Desk) -> None:
    """The press is answered for the person alone, the picture says what it was made of, and links it."""
    first = await desk.imagine()
    assert labels(first) == ["Again", "Edit", "Larger", "Delete"]
    seen = len(desk.slack.messages)
    said = await desk.said(await desk.slack.click(first, "again"))
    assert said.text.startswith(DRAWING)
    assert labels(said) == ["Cancel", "How long?"]
    again = await desk.result(seen)
    link = f"/archives/{desk.slack.channel.id}/p{first.ts.replace('.', '')}|a red fox>"
    assert "Again of <https://" in words(again)
    assert link in words(again)
    assert [call.prompt for call in desk.dashscope.calls] == ["a red fox", "a red fox"]
    assert desk.dashscope.calls[0].seed != desk.dashscope.calls[1].seed


async def test_each_of_several_pictures_is_drawn_larger(desk: Desk) -> None:
    """With its own seed; what is the largest already has no such button."""
    four = await desk.imagine("a red fox --raw --seed 7 --n 2 --size medium")
    assert labels(four) == ["Again", "Edit", "Larger 1", "Larger 2", "Delete"]
    seen = len(desk.slack.messages)
    await desk.slack.click(four, "larger_2")
    large = await desk.result(seen)
    assert labels(large) == ["Again", "Edit", "Delete"]
    assert (desk.dashscope.calls[-1].seed, desk.dashscope.calls[-1].size) == (8, "1536*1536")


async def test_a_press_in_a_thread_is_answered_there(desk: Desk) -> None:
    """The line and the picture stand where the button stood."""
    asked = desk.slack.say("look at this")
    seen = len(desk.slack.messages)
    await desk.slack.mention("a red fox --raw", thread_ts=asked.ts)
    assert (await desk.line(seen)).thread_ts == asked.ts
    first = await desk.result(seen)
    assert first.thread_ts == asked.ts
    seen = len(desk.slack.messages)
    said = await desk.said(await desk.slack.click(first, "again"))
    assert (said.thread_ts, (await desk.result(seen)).thread_ts) == (asked.ts, asked.ts)


async def test_an_edited_form_is_a_command_like_any_other(desk: Desk) -> None:
    """Filled with what was drawn; what is wrong is said at its field, and charged for nothing."""
    first = await desk.imagine("a red fox --ar 16:9 --raw --seed 7")
    await desk.slack.click(first, "edit")
    modal = await desk.slack.wait_for_modal()
    held = {name: entry for entries in modal.state.values() for name, entry in entries.items()}
    assert held["prompt"]["value"] == "a red fox"
    assert [held[name]["selected_option"]["value"] for name in ("ar", "size", "n")] == ["16:9", "small", "1"]
    assert (await (await desk.slack.submit(modal, {"seed": "many"})).wait_for_ack()).error is None
    assert list(modal.errors) == ["seed"]
    await (await desk.slack.submit(modal, {"seed": "7", "prompt": "   "})).wait_for_ack()
    assert list(modal.errors) == ["prompt"]
    assert charged(desk.database) == 1
    seen = len(desk.slack.messages)
    await desk.slack.submit(modal, {"prompt": "a blue fox --n 2"})
    assert (await desk.line(seen)).text.startswith(DRAWING)
    edited = await desk.result(seen)
    assert len(edited.files) == 2
    assert desk.slack.modal_of() is None
    assert {(call.prompt, call.size) for call in desk.dashscope.calls[1:]} == {("a blue fox", "1280*720")}
    assert "Edited from" in words(edited)


async def test_a_form_says_what_it_cannot_have_drawn(dashscope: DashScopeSandbox, database: Path) -> None:
    """A spent quota, and a picture that is gone by the time the form is sent."""
    async with opened(dashscope, database, quota_credits=1) as desk:
        first = await desk.imagine()
        await desk.slack.click(first, "edit")
        modal = await desk.slack.wait_for_modal()
        await (await desk.slack.submit(modal)).wait_for_ack()
        assert "Nothing was charged" in modal.errors["prompt"]
        await desk.said(await desk.slack.click(first, "delete"))
        await (await desk.slack.submit(modal)).wait_for_ack()
        assert "not on record any more" in modal.errors["prompt"]
        assert (charged(database), len(dashscope.calls)) == (1, 1)


async def test_what_waits_can_be_called_off(dashscope: DashScopeSandbox, database: Path) -> None:
    """The estimate is renewed by its own button alone, and cancelling takes the buttons away."""
    async with opened(dashscope, database, images_per_minute=2, shutdown_grace_s=0.1) as desk:
        first = await desk.imagine()
        delivery = await desk.slack.slash("/imagine", "a blue fox --raw")
        await delivery.wait_for_ack()
        line = delivery.answer
        assert line is not None
        assert labels(line) == ["Cancel", "How long?"]
        told = len(desk.slack.messages)
        await desk.slack.click(line, "waiting")
        assert (await desk.changed(line)).text.startswith("Waiting …")
        assert labels(line) == ["Cancel", "How long?"]
        line.is_edited = False
        await desk.slack.click(line, "cancel")
        assert "Cancelled, and nothing was drawn. Your 1 credit is back." in (await desk.changed(line)).text
        assert labels(line) == []
        await until(lambda: open_rows(database) == 0)
        assert (charged(database), len(desk.slack.messages), len(dashscope.calls)) == (1, told, 1)
        assert labels(first)


async def test_a_cancelling_whose_answer_is_lost_is_told_where_it_was_typed(
    dashscope: DashScopeSandbox, database: Path
) -> None:
    """The credits are back all the same, and nothing is left to be told."""
    async with opened(dashscope, database, images_per_minute=2, shutdown_grace_s=0.1) as desk:
        await desk.imagine()
        delivery = await desk.slack.slash("/imagine", "a blue fox --raw")
        await delivery.wait_for_ack()
        assert delivery.answer is not None
        fault = desk.slack.faults.inject("POST /commands/*", drop="request")
        await desk.slack.click(delivery.answer, "cancel")
        assert "You cancelled this" in (await desk.said(delivery)).text
        await until(lambda: open_rows(database) == 0)
        assert (fault.hits, charged(database), len(dashscope.calls)) == (1, 1, 1)


async def test_what_is_being_drawn_cannot_be_called_off(desk: Desk) -> None:
    """The person reads so, and the picture comes."""
    with desk.dashscope.hold():
        delivery = await desk.slack.slash("/imagine", "a red fox --raw")
        await delivery.wait_for_ack()
        assert delivery.answer is not None
        await until(lambda: rows(desk.database, "SELECT id FROM generation WHERE state = 'running'"))
        assert "Too late to cancel" in (await desk.said(await desk.slack.click(delivery.answer, "cancel"))).text
        assert labels(delivery.answer) == ["Cancel", "How long?"]
    await desk.result(0)
    assert charged(desk.database) == 1


async def test_delete_is_for_whoever_asked_and_for_admins(desk: Desk) -> None:
    """Others read why not; a button of what is gone does nothing."""
    first, second = await desk.imagine(), await desk.imagine()
    ann, boss = desk.slack.add_user("ann"), desk.slack.add_user("boss", is_admin=True)
    for user in (ann, boss):
        desk.slack.channel.members.add(user.id)
    refused = await desk.said(await desk.slack.click(first, "delete", user=ann))
    assert "Only whoever asked" in refused.text
    assert first in desk.slack.messages
    assert "Deleted." in (await desk.said(await desk.slack.click(first, "delete", user=boss))).text
    assert first not in desk.slack.messages
    assert "Deleted." in (await desk.said(await desk.slack.click(second, "delete"))).text
    assert second not in desk.slack.messages
    assert charged(desk.database) == 2


async def test_a_private_result_is_shared_once(desk: Desk) -> None:
    """Where it was asked for, with the name of whoever shares; a failure leaves it as it was."""
    private = await desk.imagine("a red fox --raw --private")
    assert private.channel_id == desk.slack.im(desk.slack.user).id
    desk.slack.fail("chat.postMessage", "is_archived")
    assert "could not be shared" in (await desk.said(await desk.slack.click(private, "share"))).text
    seen = len(desk.slack.messages)
    await desk.slack.click(private, "share")
    shared = await desk.result(seen)
    assert shared.channel_id == desk.slack.channel.id
    assert [file.id for file in shared.files] == [file.id for file in private.files]
    assert shared.pings == [desk.slack.user.id]
    assert labels(shared) == ["Again", "Edit", "Larger", "Delete"]
    assert "already" in (await desk.said(await desk.slack.click(private, "share"))).text
    await desk.said(await desk.slack.click(shared, "delete"))
    assert (shared.is_deleted, private.is_deleted) == (True, False)


async def test_a_shared_copy_is_deleted_after_its_original(desk: Desk) -> None:
    """Whoever has thrown theirs away may still take the other one back; an admin may as well."""
    boss = desk.slack.add_user("boss", is_admin=True)
    desk.slack.channel.members.add(boss.id)
    for user in (desk.slack.user, boss):
        private = await desk.imagine("a red fox --raw --private")
        seen = len(desk.slack.messages)
        await desk.slack.click(private, "share")
        shared = await desk.result(seen)
        assert "Deleted." in (await desk.said(await desk.slack.click(private, "delete"))).text
        assert "Deleted." in (await desk.said(await desk.slack.click(shared, "delete", user=user))).text
        assert (private.is_deleted, shared.is_deleted) == (True, True)


async def test_a_picture_of_a_thread_is_shared_there(desk: Desk) -> None:
    """With the model's wording, and once, though the answer to the post was lost."""
    desk.slack.grant("channels:history")
    asked = desk.slack.say("look at this")
    await desk.slack.mention("a red fox --private", thread_ts=asked.ts)
    private = await desk.result(0)
    assert private.thread_ts is None
    seen = len(desk.slack.messages)
    desk.slack.faults.inject("POST /api/chat.postMessage", drop="answer")
    assert "Shared with everybody" in (await desk.said(await desk.slack.click(private, "share"))).text
    [shared] = [message for message in desk.slack.messages[seen:] if message.files]
    assert (shared.channel_id, shared.thread_ts) == (desk.slack.channel.id, asked.ts)
    wording = next(line for line in words(private).splitlines() if line.startswith("Revised prompt: "))
    assert wording in words(shared)
    assert "already" in (await desk.said(await desk.slack.click(private, "share"))).text


async def test_a_shared_picture_is_bound_and_logged_like_any_other(desk: Desk) -> None:
    """By the rules of where it is shown, as they are by then; while it was private the log heard of it alone."""
    boss, log = desk.slack.add_user("boss", is_admin=True), desk.slack.add_channel("log")
    for channel in (desk.slack.channel, log):
        channel.members.add(boss.id)

    async def rule(line: str) -> None:
        await desk.said(await desk.slack.slash("/imagine-settings", line, user=boss))

    await rule(f"workspace log=<#{log.id}|log>")
    private = await desk.imagine("a red fox --raw --private")
    line = await desk.slack.wait_for_message(channel=log)
    assert ("had a private picture drawn" in line.text, line.files) == (True, [])
    await rule("channel pictures=off")
    said = await desk.said(await desk.slack.click(private, "share"))
    assert "do not let it be shown there" in said.text
    assert [message for message in desk.slack.messages if message.files] == [private]
    await rule("channel pictures=on")
    seen = len(desk.slack.messages)
    await desk.slack.click(private, "share")
    logged = await desk.result(seen, channel=log)
    assert (logged.files, logged.pings, labels(logged)) == (private.files, [], [])
    assert (desk.slack.user.name in logged.text, "a red fox" in words(logged)) == (True, True)
    assert len([message for message in desk.slack.messages if message.files]) == 3


async def test_sharing_that_got_lost_may_be_tried_again(desk: Desk) -> None:
    """Where the app may not look whether the message stands, too."""
    private = await desk.imagine("a red fox --raw --private")
    seen = len(desk.slack.messages)
    desk.slack.faults.inject("POST /api/chat.postMessage", drop="request")
    assert "could not be shared" in (await desk.said(await desk.slack.click(private, "share"))).text
    await desk.slack.click(private, "share")
    assert (await desk.result(seen)).channel_id == desk.slack.channel.id


async def test_several_prompts_wait_for_a_yes(desk: Desk) -> None:
    """Nothing is charged for a draft; drawing takes its place, and a second yes is told so."""
    delivery = await desk.slack.slash("/imagine", "a {red,blue} fox --raw")
    await delivery.wait_for_ack()
    draft = delivery.answer
    assert draft is not None
    assert labels(draft) == ["Draw", "Discard"]
    assert charged(desk.database) == 0
    seen = len(desk.slack.messages)
    await desk.slack.click(draft, "draw")
    assert (await desk.changed(draft)).text.startswith(DRAWING)
    assert len((await desk.result(seen)).files) == 2
    other = await desk.slack.slash("/imagine", "a {red,blue} fox --raw")
    await other.wait_for_ack()
    assert other.answer is not None
    await desk.slack.click(other.answer, "discard")
    assert labels(await desk.changed(other.answer)) == []
    assert charged(desk.database) == 2


@pytest.mark.parametrize(
    ("button", "broken", "works"),
    [
        ("discard", "Drafts.find", "Discarded"),
        ("discard", "Drafts.drop", "Discarded"),
        ("waiting", "Generations.find", "finished"),
        ("cancel", "Generations.find", "Too late"),
    ],
)
async def test_buttons_stay_where_the_database_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, button: str, broken: str, works: str
) -> None:
    """Whoever is asked to try again has a button to try it with."""

    async def fails(*_: object) -> None:
        raise DatabaseFailed

    asked = await desk.slack.slash("/imagine", "a {red,blue} fox" if button == "discard" else "a red fox")
    await asked.wait_for_ack()
    assert asked.answer is not None
    if button != "discard":
        await desk.result(0)
    before = labels(asked.answer)
    with monkeypatch.context() as broke:
        broke.setattr(f"bot.store.{broken}", fails)
        assert "try again" in (await desk.said(await desk.slack.click(asked.answer, button))).text
    assert labels(asked.answer) == before
    again = await desk.slack.click(asked.answer, button)
    await until(lambda: any(works in message.text for message in (asked.answer, *again.responses) if message))


@pytest.mark.parametrize(("command", "line"), [("/quota-admin", "list"), ("/imagine-settings", "channel pictures=off")])
async def test_an_admin_reads_where_a_defect_has_left_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, command: str, line: str
) -> None:
    """The audit knows whether it was done; the log has the reference, and nobody reads what went wrong."""

    def broken(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr("bot.admin.Admin.authority", broken)
    with structlog.testing.capture_logs() as logged:
        told = (await desk.said(await desk.slack.slash(command, line))).text
    [event] = [event for event in logged if event["event"] == "handler failed"]
    assert ("“audit” shows it" in told, event["reference"] in told, "a defect" in told) == (True, True, False)


async def test_shortcuts_open_the_form(desk: Desk) -> None:
    """That of a message takes its words, and answers in its thread; the global one answers by direct message."""
    said = desk.slack.say("a <red> fox & @ann")
    await desk.slack.message_shortcut("imagine_message", said)
    modal = await desk.slack.wait_for_modal()
    [prompt] = [
        entry["value"] for entries in modal.state.values() for name, entry in entries.items() if name == "prompt"
    ]
    assert prompt == "a <red> fox & @ann"
    seen = len(desk.slack.messages)
    await desk.slack.submit(modal)
    # Slack would show nobody a line in a thread that there is not yet.
    assert (await desk.line(seen)).thread_ts is None
    assert (await desk.result(seen)).thread_ts == said.ts
    seen = len(desk.slack.messages)
    await desk.slack.message_shortcut("imagine_message", said)
    await desk.slack.submit(await desk.slack.wait_for_modal())
    assert (await desk.line(seen)).thread_ts == said.ts
    again = await desk.result(seen)
    assert again.thread_ts == said.ts
    await desk.slack.click(again, "edit")
    seen = len(desk.slack.messages)
    await desk.slack.submit(await desk.slack.wait_for_modal())
    assert ((await desk.line(seen)).thread_ts, (await desk.result(seen)).thread_ts) == (said.ts, said.ts)
    await desk.slack.shortcut("imagine")
    seen = len(desk.slack.messages)
    await desk.slack.submit(await desk.slack.wait_for_modal(), {"prompt": "a blue fox"})
    assert (await desk.result(seen)).channel_id == desk.slack.im(desk.slack.user).id


async def test_the_shortcut_reads_what_an_app_has_written(desk: Desk) -> None:
    """Its words may be in blocks alone."""
    said = desk.slack.say("-")
    said.text, said.blocks = "", [{"type": "section", "text": {"type": "mrkdwn", "text": "a red fox &amp; snow"}}]
    await desk.slack.message_shortcut("imagine_message", said)
    modal = await desk.slack.wait_for_modal()
    assert modal.state["prompt"]["prompt"]["value"] == "a red fox & snow"


async def test_a_mention_is_drawn_once(desk: Desk) -> None:
    """What Slack sends again is the same command, and other bots are not heard."""
    seen = len(desk.slack.messages)
    mention = await desk.slack.mention("a red fox --raw")
    result = await desk.result(seen)
    assert (result.thread_ts, result.channel_id) == (None, desk.slack.channel.id)
    await (await desk.slack.repeat(mention)).wait_for_ack()
    bot = {**mention.payload["event"], "bot_id": "B1"}
    await (await desk.slack.send_event(bot)).wait_for_ack()
    seen = len(desk.slack.messages)
    await desk.slack.mention("--n 9 a fox")
    assert "Nothing was charged" in (await desk.line(seen)).text
    assert (charged(desk.database), open_rows(desk.database), len(desk.dashscope.calls)) == (1, 0, 1)


async def test_the_history_is_turned_page_by_page(desk: Desk) -> None:
    """For the person alone, newest first, each with its buttons; in the App Home as well."""
    for n in range(5):
        await desk.imagine(f"fox number {n} --raw")
    delivery = await desk.slack.slash("/imagine-history")
    await delivery.wait_for_ack()
    page = delivery.answer
    assert page is not None
    assert labels(page)[:3] == ["Again 1", "Edit 1", "Open 1"]
    assert "fox number 4" in words(page)
    await desk.slack.click(page, "history_older")
    assert "fox number 0" in words(await desk.changed(page))
    assert labels(page) == ["Again 5", "Edit 5", "Open 5", "Newer"]
    await desk.slack.open_home()
    await until(desk.slack.home_of)
    seen = len(desk.slack.messages)
    home = desk.slack.home_of()
    assert home is not None
    assert "15 of 20 credits left" in words(home)
    await desk.slack.click(home, "again_1")
    assert (await desk.result(seen)).channel_id == desk.slack.im(desk.slack.user).id


async def test_buttons_that_cannot_be_read_are_answered(desk: Desk) -> None:
    """Of another version, of another person, of nothing: a sentence, and no charge."""
    first = await desk.imagine()
    row = first.blocks[-1]["elements"]
    value = row[0]["value"]
    odd = {"remix": value, "larger": value, "larger_x": value, "larger_9": value, "history_older": "x", "again_1": ""}
    for action_id, held in odd.items():
        row.append({**row[0], "action_id": action_id, "value": held})
        assert "othing was charged" in (await desk.said(await desk.slack.click(first, action_id))).text, action_id
    ann = desk.slack.add_user("ann")
    desk.slack.channel.members.add(ann.id)
    row.append({**row[0], "action_id": "cancel"})
    for action_id in ("again", "edit", "larger_1", "cancel"):
        said = await desk.said(await desk.slack.click(first, action_id, user=ann))
        assert "Only whoever asked" in said.text, action_id
    with desk.dashscope.hold():
        await desk.said(await desk.slack.click(first, "again"))
        assert "being drawn already" in (await desk.said(await desk.slack.click(first, "again"))).text
        assert (charged(desk.database), len(desk.dashscope.calls)) == (2, 1)


def chosen(view: View, action_id: str) -> str:
    """What a menu shows."""
    _, menu = find(view.blocks, action_id)
    return str(menu["initial_option"]["value"])


async def test_settings_are_chosen_from_menus(desk: Desk) -> None:
    """In the command's own answer and in the App Home; those of a channel are for admins, as text."""
    delivery = await desk.slack.slash("/imagine-settings", "images=2")
    await delivery.wait_for_ack()
    shown = delivery.answer
    assert shown is not None
    assert "Pictures: 2" in words(shown)
    await desk.slack.choose(shown, "setting_aspect", "16:9")
    assert "Aspect ratio: 16:9" in words(await desk.changed(shown))
    result = await desk.imagine("a red fox --raw")
    assert len(result.files) == 2
    assert desk.dashscope.calls[-1].size == "1280*720"
    await desk.slack.open_home()
    await until(desk.slack.home_of)
    home = desk.slack.home_of()
    assert home is not None
    assert chosen(home, "setting_images") == "2"
    await desk.slack.choose(home, "setting_images", "default")
    await until(lambda: chosen(home, "setting_images") == "default")
    refused = await desk.slack.slash("/imagine-settings", "channel pictures=off")
    assert "Only people who manage this place" in (await desk.said(refused)).text
    boss = desk.slack.add_user("boss", is_admin=True)
    await desk.said(await desk.slack.slash("/imagine-settings", "channel pictures=off", user=boss))
    seen = len(desk.slack.messages)
    said = await desk.said(await desk.slack.click(result, "again"))
    assert "switched pictures off in this channel" in said.text
    assert (charged(desk.database), len(desk.slack.messages)) == (2, seen + 1)


async def test_an_answer_to_an_admin_finds_another_way(desk: Desk) -> None:
    """Whose response_url is gone reads it as a direct message."""
    boss = desk.slack.add_user("boss", is_admin=True)
    fault = desk.slack.faults.inject("POST /commands/*", status=404, text="expired_url")
    await desk.slack.slash("/quota-admin", "list", user=boss)
    told = await desk.slack.wait_for_message(channel=desk.slack.im(boss))
    assert (fault.hits, told.ephemeral_for, bool(told.text)) == (1, None, True)


async def test_data_is_exported_by_direct_message_and_erased_after_a_yes(desk: Desk) -> None:
    """The file is nobody else's; what is erased has buttons that say so."""
    result = await desk.imagine()
    said = await desk.said(await desk.slack.slash("/imagine-data", "export"))
    assert "comes to you as a direct message" in said.text
    [file] = [file for file in desk.slack.files if file.name == "imagine-data.json"]
    assert list(file.shares) == [desk.slack.im(desk.slack.user).id]
    assert b"a red fox" in file.data
    ask = await desk.said(await desk.slack.slash("/imagine-data", "erase"))
    assert labels(ask) == ["Erase my data"]
    await desk.slack.click(ask, "erase")
    assert "Your data is erased" in (await desk.changed(ask)).text
    assert "not on record any more" in (await desk.said(await desk.slack.click(result, "again"))).text
    assert charged(desk.database) == 1


async def test_over_http_it_is_the_same(dashscope: DashScopeSandbox, database: Path) -> None:
    """Acks of forms say what is wrong, and presses and events are heard."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with opened(dashscope, database, http_port=port) as desk:
        first = await desk.imagine()
        await desk.slack.click(first, "edit")
        modal = await desk.slack.wait_for_modal()
        await (await desk.slack.submit(modal, {"seed": "many"})).wait_for_ack()
        assert list(modal.errors) == ["seed"]
        seen = len(desk.slack.messages)
        await desk.slack.mention("a blue fox --raw")
        assert (await desk.line(seen)).text.startswith(DRAWING)
        await desk.result(seen)


async def test_a_form_or_a_shortcut_of_another_version_is_answered(desk: Desk) -> None:
    """The form closes, since nobody knows its fields; nothing is charged."""
    first = await desk.imagine()
    await desk.slack.click(first, "edit")
    modal = await desk.slack.wait_for_modal()
    modal.content["private_metadata"] = "of another version"
    seen = len(desk.slack.messages)
    await (await desk.slack.submit(modal)).wait_for_ack()
    assert desk.slack.modal_of() is None
    said = await desk.slack.wait_for_message(after=seen)
    assert (said.channel_id, "older version" in said.text) == (desk.slack.im(desk.slack.user).id, True)
    seen = len(desk.slack.messages)
    await desk.slack.shortcut("remix")
    assert "older version" in (await desk.slack.wait_for_message(after=seen)).text
    desk.slack.fail("views.open", "expired_trigger_id")
    said = await desk.said(await desk.slack.click(first, "edit"))
    assert "could not be opened in time" in said.text
    assert charged(desk.database) == 1
