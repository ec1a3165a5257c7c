"""Slack's buttons, forms, shortcuts and mentions: what Slack alone has, and what goes wrong there.

What people do on both platforms is in `experience/`.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from e2e.conftest import run_bot, settings_for
from e2e.ledger import charged, open_rows, until

from bot.errors import DatabaseFailed
from sandbox.dashscope import DashScopeSandbox
from sandbox.slack import Delivery, Message, SlackSandbox
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


async def test_what_is_wrong_in_a_form_is_said_at_its_field(desk: Desk) -> None:
    """And charged for nothing; once it is right, the form closes."""
    first = await desk.imagine()
    await desk.slack.click(first, "edit")
    modal = await desk.slack.wait_for_modal()
    assert (await (await desk.slack.submit(modal, {"seed": "many"})).wait_for_ack()).error is None
    assert list(modal.errors) == ["seed"]
    await (await desk.slack.submit(modal, {"seed": "7", "prompt": "   "})).wait_for_ack()
    assert list(modal.errors) == ["prompt"]
    assert charged(desk.database) == 1
    seen = len(desk.slack.messages)
    await desk.slack.submit(modal, {"prompt": "a blue fox --n 2"})
    assert (await desk.line(seen)).text.startswith(DRAWING)
    assert len((await desk.result(seen)).files) == 2
    assert desk.slack.modal_of() is None


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
    """Also what Slack refused; and where the app may not look whether the message stands."""
    private = await desk.imagine("a red fox --raw --private")
    seen = len(desk.slack.messages)
    desk.slack.fail("chat.postMessage", "is_archived")
    assert "could not be shared" in (await desk.said(await desk.slack.click(private, "share"))).text
    desk.slack.faults.inject("POST /api/chat.postMessage", drop="request")
    assert "could not be shared" in (await desk.said(await desk.slack.click(private, "share"))).text
    await desk.slack.click(private, "share")
    assert (await desk.result(seen)).channel_id == desk.slack.channel.id


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


async def test_buttons_that_cannot_be_read_are_answered(desk: Desk) -> None:
    """Of another version, of another's command, of nothing: a sentence, and no charge."""
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
    assert "Only whoever asked" in (await desk.said(await desk.slack.click(first, "cancel", user=ann))).text
    assert (charged(desk.database), len(desk.dashscope.calls)) == (1, 1)


async def test_an_answer_to_an_admin_finds_another_way(desk: Desk) -> None:
    """Whose response_url is gone reads it as a direct message."""
    boss = desk.slack.add_user("boss", is_admin=True)
    fault = desk.slack.faults.inject("POST /commands/*", status=404, text="expired_url")
    await desk.slack.slash("/quota-admin", "list", user=boss)
    told = await desk.slack.wait_for_message(channel=desk.slack.im(boss))
    assert (fault.hits, told.ephemeral_for, bool(told.text)) == (1, None, True)


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
