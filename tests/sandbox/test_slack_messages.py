"""Messages in the stand-in of Slack: where the bot may post, edit and read, and who is pinged."""

import asyncio

import aiohttp
import pytest
from callers import refusal
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import DEFAULT_SCOPES, SlackSandbox


async def test_the_bot_posts_only_where_it_may(session: aiohttp.ClientSession) -> None:
    """Membership, privacy, archives and direct messages, each with Slack's own error."""
    async with SlackSandbox(scopes=DEFAULT_SCOPES - {"chat:write.public"}) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
        other = slack.add_user("kim", is_admin=True)
        archived = slack.add_channel("old")
        archived.is_archived = True
        refused = {
            slack.add_channel("open", bot_is_member=False).id: "not_in_channel",
            slack.add_channel("closed", private=True, bot_is_member=False).id: "channel_not_found",
            slack.add_im(slack.user, other).id: "channel_not_found",
            archived.id: "is_archived",
            "C0NOWHERE": "channel_not_found",
        }
        for channel_id, error in refused.items():
            answer = await refusal(client.chat_postMessage(channel=channel_id, text="hi"))
            assert answer["error"] == error
        posted = await client.chat_postMessage(channel=other.id, text="hi")
        opened = await client.conversations_open(users=other.id)
        assert posted["channel"] == opened["channel"]["id"] == slack.im(other).id
        info = (await client.users_info(user=other.id, include_locale=True))["user"]
        assert (info["is_admin"], info["is_owner"], info["locale"]) == (True, False, "en-US")
        answer = await refusal(client.chat_postEphemeral(channel=slack.channel.id, user=other.id, text="psst"))
        assert answer["error"] == "user_not_in_channel"
        await client.chat_postEphemeral(channel=slack.channel.id, user=slack.user.id, text="psst")
        assert slack.messages[-1].ephemeral_for == slack.user.id
        empty = await refusal(client.api_call("chat.postMessage", json={"channel": other.id, "text": " "}))
        assert empty["error"] == "no_text"


async def test_what_is_for_one_person_alone_begins_no_thread(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Slack takes it all the same; where somebody has answered already, it is shown."""
    asked = slack.say("look")
    psst = {"channel": slack.channel.id, "user": slack.user.id, "thread_ts": asked.ts, "text": "psst"}
    assert (await client.api_call("chat.postEphemeral", json=psst))["ok"]
    assert slack.messages == [asked]
    slack.say("where?", thread_ts=asked.ts)
    await client.api_call("chat.postEphemeral", json=psst)
    assert (slack.messages[-1].ephemeral_for, slack.messages[-1].thread_ts) == (slack.user.id, asked.ts)


async def test_the_public_scope_reaches_channels_without_joining(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """chat:write.public is enough for a public channel."""
    strange = slack.add_channel("strange", bot_is_member=False)
    await client.chat_postMessage(channel=strange.id, text="x" * 40_001)
    assert len(slack.messages[0].text) == 40_000


async def test_history_tells_metadata_on_request_only(session: aiohttp.ClientSession) -> None:
    """What a bot needs to find a post whose answer was lost; newest first, nothing ephemeral."""
    async with SlackSandbox(scopes={"chat:write", "channels:history"}) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        metadata = {"event_type": "generation", "event_payload": {"id": "1"}}
        slack.faults.inject("POST /api/chat.postMessage", drop="answer")
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.chat_postMessage(channel=slack.channel.id, text="one", metadata=metadata)
        await client.chat_postMessage(channel=slack.channel.id, text="two")
        await client.chat_postEphemeral(channel=slack.channel.id, user=slack.user.id, text="psst")
        plain = await client.conversations_history(channel=slack.channel.id)
        full = await client.conversations_history(channel=slack.channel.id, include_all_metadata=True)
        last = await client.conversations_history(channel=slack.channel.id, limit=1)
        private = slack.add_channel("closed", private=True)
        answer = await refusal(client.conversations_history(channel=private.id))
    assert [message["text"] for message in plain["messages"]] == ["two", "one"]
    assert [message.get("metadata") for message in plain["messages"]] == [None, None]
    assert full["messages"][1]["metadata"] == metadata
    assert (len(last["messages"]), last["has_more"]) == (1, True)
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:history")


async def test_own_messages_can_be_edited_and_deleted(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Unknown and ephemeral messages are not found, other people's are forbidden, long edits refused."""
    channel = slack.channel.id
    posted = await client.chat_postMessage(channel=channel, text="one", blocks=[{"type": "divider"}])
    message = slack.messages[0]
    await client.chat_update(channel=channel, ts=posted["ts"], text="two")
    assert (message.text, [block["type"] for block in message.blocks]) == ("two", ["divider"])
    answer = await refusal(client.chat_update(channel=channel, ts=posted["ts"], text="x" * 4_001))
    assert answer["error"] == "msg_too_long"
    await slack.mention("hello")
    theirs = slack.messages[-1].ts
    assert (await refusal(client.chat_delete(channel=channel, ts=theirs)))["error"] == "cant_delete_message"
    psst = await client.chat_postEphemeral(channel=channel, user=slack.user.id, text="psst")
    answer = await refusal(client.chat_update(channel=channel, ts=psst["message_ts"], text="x"))
    assert answer["error"] == "message_not_found"
    await client.chat_delete(channel=channel, ts=posted["ts"])
    assert message.is_deleted
    assert message not in slack.messages


async def test_unescaped_mentions_ping_and_escaped_ones_do_not(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Markup is read in text and mrkdwn, not in plain_text; plain names only with link_names."""
    user = slack.user.id
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel|everybody> &lt;!here&gt;"}},
        {"type": "header", "text": {"type": "plain_text", "text": "<!everyone>"}},
    ]
    await client.chat_postMessage(channel=slack.channel.id, text=f"<@{user}> @here", blocks=blocks)
    await client.chat_postMessage(channel=slack.channel.id, text=f"&lt;@{user}&gt; @here <#C1>")
    await client.chat_postMessage(channel=slack.channel.id, text="@here", link_names=True)
    assert [message.pings for message in slack.messages] == [[user, "!channel"], [], ["!here"]]


async def test_waiting_for_a_message_tells_what_came_instead(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """The index skips what was there before; a TimeoutError lists the rest."""
    await client.chat_postMessage(channel=slack.channel.id, text="before")
    waiting = asyncio.create_task(slack.wait_for_message(after=1))
    posted = await client.chat_postMessage(channel=slack.channel.id, text="after")
    assert (await waiting).ts == posted["ts"]
    with pytest.raises(TimeoutError, match="before"):
        await slack.wait_for_message(slack.im(slack.user), timeout_s=0.01)
