"""Shortcuts, threads, selects and ephemeral buttons in the stand-in of Slack, through slack-bolt."""

import aiohttp
import pytest
from callers import Payload, blocks_refusal, running
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


def plain(text: str) -> Payload:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": plain("wide"), "value": "16:9"}, {"text": plain("square"), "value": "1:1"}]
SELECT = {"type": "static_select", "action_id": "ratio", "placeholder": plain("Aspect"), "options": OPTIONS}
OVERFLOW = {"type": "overflow", "action_id": "more", "options": OPTIONS}
BUTTON = {"type": "button", "action_id": "delete", "text": plain("Delete"), "value": "1"}
CONTROLS = {"type": "actions", "block_id": "row", "elements": [SELECT, OVERFLOW, BUTTON]}


async def test_a_global_shortcut_opens_a_modal(slack: SlackSandbox) -> None:
    """It has a trigger and no channel, hence no response_url."""
    async with running(slack) as bot:
        await (await slack.shortcut("imagine")).wait_for_ack()
        [body] = bot.seen
        assert (body["type"], body["callback_id"]) == ("shortcut", "imagine")
        assert not {"channel", "response_url"} & body.keys()
        view = {"type": "modal", "title": plain("Imagine"), "blocks": [{"type": "divider"}]}
        await bot.client.views_open(trigger_id=body["trigger_id"], view=view)
        opened = slack.modal_of()
        assert opened is not None
        # Without inputs it needs no submit button, and has none to press.
        with pytest.raises(LookupError, match="no submit button"):
            await slack.submit(opened)


async def test_a_message_shortcut_brings_the_message_along(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """Somebody's words in a thread; the response_url answers to the person alone, and replaces nothing."""
    kim = slack.add_user("kim")
    root = slack.say("Which animal?", user=kim)
    said = slack.say("a <red> fox for @someone", user=kim, thread_ts=root.ts)
    async with running(slack) as bot:
        shortcut = await slack.message_shortcut("imagine_this", said)
        await shortcut.wait_for_ack()
    [body] = bot.seen
    message = body["message"]
    assert (body["type"], body["callback_id"]) == ("message_action", "imagine_this")
    assert (body["channel"]["id"], body["message_ts"]) == (slack.channel.id, said.ts)
    assert (message["user"], message["thread_ts"], "bot_id" in message) == (kim.id, root.ts, False)
    assert message["text"] == f"a &lt;red&gt; fox for <@{slack.user.id}>"
    for payload in ({"text": "drawing", "replace_original": True}, {"text": "here", "thread_ts": root.ts}):
        async with session.post(body["response_url"], json=payload) as response:
            assert response.status == 200
    assert said.text == message["text"]
    assert [(m.text, m.ephemeral_for, m.thread_ts) for m in shortcut.responses] == [
        ("drawing", slack.user.id, None),
        ("here", slack.user.id, root.ts),
    ]
    with pytest.raises(LookupError, match="ephemeral"):
        await slack.message_shortcut("imagine_this", shortcut.responses[0])


async def test_a_mention_in_a_thread_is_answered_there(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """The event names the thread; answers with its ts stay in it, also those for one person."""
    root = slack.say("Which animal?")
    async with running(slack) as bot:
        await (await slack.mention("a red fox", thread_ts=root.ts)).wait_for_ack()
        await (await slack.mention("a blue fox")).wait_for_ack()
    threads = [body["event"].get("thread_ts") for body in bot.seen]
    assert threads == [root.ts, None]
    channel, user = slack.channel.id, slack.user.id
    metadata = {"event_type": "generation", "event_payload": {"id": "1"}}
    posted = await client.chat_postMessage(
        channel=channel, text="drawn", thread_ts=root.ts, blocks=[CONTROLS], metadata=metadata
    )
    await client.chat_postEphemeral(channel=channel, user=user, text="for you", thread_ts=root.ts)
    assert posted["message"]["thread_ts"] == root.ts
    assert [(m.text, m.thread_ts, m.ephemeral_for) for m in slack.messages[-2:]] == [
        ("drawn", root.ts, None),
        ("for you", root.ts, user),
    ]
    click = await slack.click(slack.messages[-2], "delete")
    assert click.payload["container"]["thread_ts"] == click.payload["message"]["thread_ts"] == root.ts
    assert click.payload["message"]["metadata"] == metadata


async def test_a_message_is_chosen_from(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """By value or label; a select's choice is in the state, that of a menu only in the action."""
    await client.chat_postMessage(channel=slack.channel.id, text="x", blocks=[CONTROLS])
    [message] = slack.messages
    async with running(slack) as bot:
        await (await slack.choose(message, "ratio", "wide")).wait_for_ack()
        await (await slack.choose(message, "more", "1:1")).wait_for_ack()
        for name, choice, fault in (("ratio", "21:9", "no option"), ("delete", "1", "there is no")):
            with pytest.raises((ValueError, LookupError), match=fault):
                await slack.choose(message, name, choice)
    chosen, more = bot.seen
    assert chosen["actions"][0]["selected_option"] == OPTIONS[0]
    held = {"type": "static_select", "selected_option": OPTIONS[0]}
    assert chosen["state"]["values"] == {"row": {"ratio": held}}
    assert (more["actions"][0]["type"], more["actions"][0]["selected_option"]) == ("overflow", OPTIONS[1])


async def test_an_ephemeral_message_is_changed_through_its_click_alone(
    slack: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """The payload has no message; the response_url replaces and deletes it."""
    await client.chat_postEphemeral(channel=slack.channel.id, user=slack.user.id, text="x", blocks=[CONTROLS])
    [message] = slack.messages
    with pytest.raises(ValueError, match="nobody else"):
        await slack.click(message, "delete", user=slack.add_user("kim"))
    async with running(slack) as bot:
        await (await slack.click(message, "delete")).wait_for_ack()
        await (await slack.choose(message, "ratio", "wide")).wait_for_ack()
    for body in bot.seen:
        assert ("message" in body, body["container"]["is_ephemeral"]) == (False, True)
        assert body["container"]["message_ts"] == message.ts
    first, second = (body["response_url"] for body in bot.seen)
    async with session.post(first, json={"replace_original": True, "text": "sure?"}) as response:
        assert response.status == 200
    assert [(m.text, m.ephemeral_for) for m in slack.messages] == [("sure?", slack.user.id)]
    async with session.post(second, json={"delete_original": True}) as response:
        assert response.status == 200
    assert slack.messages == []
    with pytest.raises(LookupError, match="gone"):
        await slack.click(message, "delete")


@pytest.mark.parametrize(
    ("element", "fault"),
    [
        ({**OVERFLOW, "options": OPTIONS * 3}, "no more than 5 items allowed [json-pointer:{at}/options]"),
        ({**OVERFLOW, "options": []}, "no less than 1 items allowed [json-pointer:{at}/options]"),
        ({**OVERFLOW, "placeholder": plain("x")}, "invalid additional property: placeholder [json-pointer:{at}]"),
        (
            {**SELECT, "placeholder": plain("x" * 151)},
            "must be less than 151 characters [json-pointer:{at}/placeholder/text]",
        ),
        (
            {**SELECT, "options": [{"text": plain("x"), "value": "x" * 151}]},
            "must be less than 151 characters [json-pointer:{at}/options/0/value]",
        ),
        (
            {**SELECT, "options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}]},
            "must be a valid enum value [json-pointer:{at}/options/0/text/type]",
        ),
        ({"type": "plain_text_input"}, "unsupported type: plain_text_input [json-pointer:{at}/type]"),
    ],
)
async def test_selects_and_menus_have_rules(
    slack: SlackSandbox, client: AsyncWebClient, element: Payload, fault: str
) -> None:
    """The same ones in messages and views; text inputs belong in input blocks."""
    found = await blocks_refusal(slack, client, {"type": "actions", "elements": [element]})
    assert found == [fault.format(at="/blocks/0/elements/0")]


async def test_options_may_stand_in_groups(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """And are chosen as those without."""
    groups = [{"label": plain("Shapes"), "options": OPTIONS}]
    select = {"type": "static_select", "action_id": "ratio", "option_groups": groups, "initial_option": OPTIONS[1]}
    block = {"type": "section", "text": plain("x"), "accessory": select}
    await client.chat_postMessage(channel=slack.channel.id, text="x", blocks=[block])
    async with running(slack) as bot:
        await (await slack.choose(slack.messages[0], "ratio", "wide")).wait_for_ack()
    assert bot.seen[0]["actions"][0]["selected_option"] == OPTIONS[0]
