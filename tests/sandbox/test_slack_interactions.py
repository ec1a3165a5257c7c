"""What people do in the stand-in of Slack reaches slack-bolt, and its answers reach them."""

import aiohttp
import pytest
from callers import Payload, picture_blocks, running, uploaded
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


async def test_a_command_reaches_bolt_and_its_ack_is_shown_to_the_person_alone(slack: SlackSandbox) -> None:
    """The ack's payload becomes an ephemeral message; the slash payload is complete."""
    async with running(slack, answer={"text": "Drawing"}) as bot:
        command = await slack.slash("/imagine", "a red fox --ar 16:9")
        ack = await command.wait_for_ack()
    assert (ack.text, ack.response_type, ack.timed_out, ack.error) == ("Drawing", "ephemeral", False, None)
    assert 0 <= ack.after_s < 3
    [message] = slack.messages
    assert (message.text, message.ephemeral_for) == ("Drawing", slack.user.id)
    [body] = bot.seen
    assert (body["command"], body["text"]) == ("/imagine", "a red fox --ar 16:9")
    assert (body["channel_name"], body["user_name"]) == ("general", "someone")
    assert body.keys() >= {"token", "team_id", "team_domain", "api_app_id", "response_url", "trigger_id"}


async def test_an_ack_may_be_public_and_its_blocks_are_checked(slack: SlackSandbox) -> None:
    """in_channel shows it to all; bad blocks show nothing and name the fault."""
    async with running(slack, answer={"text": "hello", "response_type": "in_channel"}) as bot:
        await (await slack.slash("/imagine", "x")).wait_for_ack()
        assert [message.ephemeral_for for message in slack.messages] == [None]
        bot.answer = {"text": "hello", "blocks": [{"type": "nonsense"}]}
        ack = await (await slack.slash("/imagine", "x")).wait_for_ack()
    assert ack.error == "invalid_blocks"
    assert ack.details == ("unsupported type: nonsense [json-pointer:/blocks/0/type]",)
    assert len(slack.messages) == 1


async def test_an_ack_after_three_seconds_on_the_clock_is_a_timeout(slack: SlackSandbox) -> None:
    """The person reads operation_timeout, and the late answer is not shown."""
    async with running(slack, answer="late") as bot:
        bot.may_ack.clear()
        command = await slack.slash("/imagine", "x")
        slack.clock.advance(3.5)
        ack = await command.wait_for_ack()
        bot.may_ack.set()
        again = await (await slack.slash("/imagine", "y")).wait_for_ack()
    assert (ack.timed_out, again.timed_out) == (True, False)
    assert [message.text for message in slack.messages] == ["late"]


async def test_a_command_without_a_connection_fails_at_once(slack: SlackSandbox) -> None:
    """With nobody on the line Slack says dispatch_failed."""
    ack = await (await slack.slash("/imagine", "x")).wait_for_ack()
    assert ack.error == "dispatch_failed"


async def test_a_repeated_delivery_has_the_same_payload(slack: SlackSandbox) -> None:
    """The trigger_id is what a bot can tell a duplicate by; the envelope is new."""
    async with running(slack) as bot:
        first = await slack.slash("/imagine", "x")
        await first.wait_for_ack()
        second = await slack.repeat(first)
        await second.wait_for_ack()
        other = await slack.slash("/imagine", "x")
        await other.wait_for_ack()
    assert bot.seen[0] == bot.seen[1]
    assert bot.seen[2]["trigger_id"] != bot.seen[0]["trigger_id"]
    assert first.envelope_id != second.envelope_id


async def test_a_response_url_works_five_times_within_half_an_hour(
    slack: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    """Then it is 404 used_url or expired_url; answers are ephemeral unless they say in_channel."""
    async with running(slack):
        command = await slack.slash("/imagine", "x")
        other = await slack.slash("/imagine", "y")

    async def respond(url: str, **payload: object) -> tuple[int, Payload]:
        async with session.post(url, json=payload) as response:
            return response.status, await response.json()

    url = command.payload["response_url"]
    answer = await respond(url, text="x", blocks=[{"type": "divider", "colour": "red"}])
    assert (answer[0], answer[1]["error"]) == (404, "invalid_blocks")
    assert await respond(url, text="0", response_type="in_channel") == (200, {"ok": True})
    for number in range(1, 5):
        assert (await respond(url, text=str(number), replace_original=True))[0] == 200
    assert await respond(url, text="6") == (404, {"ok": False, "error": "used_url"})
    assert [message.text for message in command.responses] == ["0", "1", "2", "3", "4"]
    assert [message.ephemeral_for for message in command.responses[:2]] == [None, slack.user.id]
    slack.clock.advance(30 * 60 + 1)
    late = await respond(other.payload["response_url"], text="late")
    assert late == (404, {"ok": False, "error": "expired_url"})


async def test_a_click_reaches_the_app_and_can_replace_its_message(
    slack: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """A block_actions payload with the button's value, and a response_url bound to the message."""
    file = await uploaded(slack, client)
    await client.chat_postMessage(channel=slack.channel.id, text="a", blocks=picture_blocks(file.id))
    message = slack.messages[0]
    async with running(slack) as bot:
        click = await slack.click(message, "delete")
        assert (await click.wait_for_ack()).error is None
        [body] = bot.seen
    assert (body["type"], body["actions"][0]["action_id"]) == ("block_actions", "delete")
    assert body["container"]["message_ts"] == body["message"]["ts"] == message.ts
    async with session.post(body["response_url"], json={"replace_original": True, "text": "gone"}) as response:
        assert response.status == 200
    assert (message.text, message.files, len(slack.messages)) == ("gone", [], 1)
    async with session.post(body["response_url"], json={"delete_original": True}) as response:
        assert response.status == 200
    assert message.is_deleted
    with pytest.raises(LookupError):
        await slack.click(message, "no such button")


async def test_a_mention_reaches_the_app_as_an_event(slack: SlackSandbox) -> None:
    """In an event_callback with an event_id that a repeated delivery keeps."""
    async with running(slack) as bot:
        event = await slack.mention("a red fox")
        assert (await event.wait_for_ack()).error is None
        assert (await (await slack.repeat(event)).wait_for_ack()).error is None
    assert bot.seen[0]["event"]["text"] == f"<@{slack.bot_user_id}> a red fox"
    assert bot.seen[0]["event_id"] == bot.seen[1]["event_id"]


async def test_names_of_private_places_are_hidden_in_commands(slack: SlackSandbox) -> None:
    """channel_name is directmessage or privategroup there; nobody types where they are not."""
    other = slack.add_user("kim")
    places = [
        slack.im(slack.user),
        slack.add_im(slack.user, other),
        slack.add_channel("board", private=True, bot_is_member=False),
    ]
    names = [(await slack.slash("/imagine", "x", channel=place)).payload["channel_name"] for place in places]
    assert names == ["directmessage", "directmessage", "privategroup"]
    with pytest.raises(ValueError, match="cannot type there"):
        await slack.slash("/imagine", "x", user=other, channel=places[2])
