"""The Web API of the stand-in of Slack: tokens, scopes, arguments and refusals."""

import json

import aiohttp
import pytest
from callers import Payload, refusal
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


async def test_tokens_and_scopes_are_asked_for(
    session: aiohttp.ClientSession,
) -> None:
    """not_authed, invalid_auth, not_allowed_token_type, missing_scope; auth.test tells the scopes."""
    async with SlackSandbox(scopes={"chat:write"}) as slack:

        async def call(method: str, token: str | None) -> tuple[Payload, str]:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            async with session.post(f"{slack.api_url}{method}", headers=headers) as response:
                assert response.status == 200
                return await response.json(), response.headers["x-oauth-scopes"]

        assert (await call("auth.test", None))[0] == {"ok": False, "error": "not_authed"}
        assert (await call("auth.test", "xoxb-other"))[0]["error"] == "invalid_auth"
        assert (await call("auth.test", slack.app_token))[0]["error"] == "not_allowed_token_type"
        assert (await call("no.such", slack.bot_token))[0]["error"] == "unknown_method"
        answer, scopes = await call("auth.test", slack.bot_token)
        assert (answer["user_id"], answer["team_id"], scopes) == (slack.bot_user_id, slack.team_id, "chat:write")
        answer, _ = await call("users.info", slack.bot_token)
        assert answer == {
            "ok": False,
            "error": "missing_scope",
            "needed": "users:read",
            "provided": "chat:write",
        }


async def test_arguments_come_as_form_query_or_json(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """All three are read, a token argument too; the record holds them without the token."""
    url, arguments = f"{slack.api_url}chat.postMessage", {"channel": slack.channel.id, "text": "hi"}
    blocks = [{"type": "divider"}]
    form = {**arguments, "token": slack.bot_token, "blocks": json.dumps(blocks)}
    async with session.post(url, data=form) as response:
        assert (await response.json())["ok"]
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.post(url, params=arguments, headers=bearer) as response:
        assert (await response.json())["ok"]
    async with session.post(url, json=arguments, headers=bearer) as response:
        assert (await response.json())["ok"]
    async with session.post(url, json={"text": "hi"}, headers=bearer) as response:
        answer = await response.json()
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]
    assert [(call.method, call.status, call.error) for call in slack.requests] == [
        ("chat.postMessage", 200, None)
    ] * 3 + [("chat.postMessage", 200, "invalid_arguments")]
    assert slack.requests[1].arguments == arguments
    assert [block["type"] for block in slack.messages[0].blocks] == ["divider"]


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("hello", "text/plain", "invalid_post_type"),
        ("channel=%s&text=x&blocks={", "application/x-www-form-urlencoded", "invalid_blocks_format"),
        ("channel=%s&text=x&blocks={}", "application/x-www-form-urlencoded", "invalid_blocks_format"),
        ("channel=%s&text=x&metadata={", "application/x-www-form-urlencoded", "invalid_metadata_format"),
        ("channel=%s&text=x&metadata=[]", "application/x-www-form-urlencoded", "invalid_metadata_format"),
    ],
)
async def test_malformed_calls_are_refused(
    slack: SlackSandbox, session: aiohttp.ClientSession, body: str, content_type: str, error: str
) -> None:
    """HTTP 200 with the error that names what is malformed."""
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": content_type}
    data = body.replace("%s", slack.channel.id)
    async with session.post(f"{slack.api_url}chat.postMessage", data=data, headers=headers) as response:
        assert (response.status, (await response.json())["error"]) == (200, error)


async def test_conversations_tell_what_they_are(session: aiohttp.ClientSession) -> None:
    """conversations.info and .open answer for what the bot may see, users.info for who exists."""
    async with SlackSandbox(scopes={"channels:read", "im:read", "im:write", "users:read"}) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
        channel = (await client.conversations_info(channel=slack.channel.id))["channel"]
        assert (channel["name"], channel["is_private"], channel["is_member"]) == ("general", False, True)
        opened = (await client.conversations_open(users=slack.user.id, return_im=True))["channel"]
        assert (opened["is_im"], opened["user"]) == (True, slack.user.id)
        assert (await client.conversations_open(channel=opened["id"]))["channel"] == {"id": opened["id"]}
        hidden = slack.add_channel("closed", private=True, bot_is_member=False)
        refused = [
            (client.conversations_info(channel=hidden.id), "channel_not_found"),
            (client.conversations_info(channel=slack.add_channel("board", private=True).id), "missing_scope"),
            (client.conversations_open(channel=slack.channel.id), "channel_not_found"),
            (client.conversations_open(users="U0NOBODY"), "user_not_found"),
            (client.conversations_open(users="U1,U2"), "missing_scope"),
            (client.api_call("conversations.open"), "invalid_arguments"),
            (client.users_info(user="U0NOBODY"), "user_not_found"),
        ]
        for call, error in refused:
            assert (await refusal(call))["error"] == error


async def test_refusals_and_rate_limits_come_on_order(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """rate_limit is HTTP 429 with Retry-After, fail is ok:false, a fault is whatever was asked for."""
    slack.rate_limit("chat.postMessage", retry_after_s=7)
    slack.fail("chat.postMessage", "channel_not_found")
    slack.faults.inject("POST /api/chat.postMessage", status=500)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=slack.channel.id, text="0")
    assert caught.value.response.status_code == 500
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=slack.channel.id, text="1")
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    answer = await refusal(client.chat_postMessage(channel=slack.channel.id, text="2"))
    assert answer["error"] == "channel_not_found"
    await client.chat_postMessage(channel=slack.channel.id, text="3")
    assert [message.text for message in slack.messages] == ["3"]
    assert [call.error for call in slack.requests] == ["ratelimited", "channel_not_found", None]
