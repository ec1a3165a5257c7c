"""The stand-in of Slack, driven through slack-bolt and slack-sdk as a bot would."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from PIL import Image
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import DEFAULT_SCOPES, File, SlackSandbox

Payload = dict[str, Any]


def png() -> bytes:
    """A small real PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(buffer, "PNG")
    return buffer.getvalue()


def picture_blocks(file_id: str) -> list[Payload]:
    """The blocks of a picture with a caption and a button, as a bot would post it."""
    return [
        {"type": "image", "slack_file": {"id": file_id}, "alt_text": "a red fox"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "a red fox"}]},
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": "delete", "text": {"type": "plain_text", "text": "Delete"}}],
        },
    ]


class Bot:
    """A bot of the usual making; `seen` holds the payloads that reached it."""

    def __init__(
        self, slack: SlackSandbox, session: aiohttp.ClientSession, *, answer: str | Payload | None = None
    ) -> None:
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        self.seen: list[Payload] = []
        self.may_ack = asyncio.Event()
        self.may_ack.set()
        self.answer = answer

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=slack.team_id,
                bot_user_id=slack.bot_user_id,
                bot_token=slack.bot_token,
            )

        app = AsyncApp(client=self.client, authorize=authorize, process_before_response=True)

        async def take(ack: AsyncAck, body: Payload) -> None:
            self.seen.append(body)
            await self.may_ack.wait()
            await ack(self.answer) if self.answer is not None else await ack()

        app.command("/imagine")(take)
        app.action("delete")(take)
        app.event("app_mention")(take)
        self.handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)


@asynccontextmanager
async def running(slack: SlackSandbox, *, answer: str | Payload | None = None) -> AsyncIterator[Bot]:
    """A bot that is connected."""
    async with aiohttp.ClientSession() as session:
        bot = Bot(slack, session, answer=answer)
        await bot.handler.connect_async()
        try:
            await slack.wait_until_ready()
            yield bot
        finally:
            await bot.handler.close_async()


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def client(slack: SlackSandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


async def uploaded(slack: SlackSandbox, client: AsyncWebClient, *, is_ready: bool = True) -> File:
    """A private upload, past its scan if `is_ready`."""
    await client.files_upload_v2(file=png(), filename="fox.png")
    if is_ready:
        slack.clock.advance(1)
    return slack.files[-1]


async def refusal(call: Any) -> Payload:
    """The answer of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response.data
    assert isinstance(answer, dict)
    return answer


async def blocks_refusal(slack: SlackSandbox, client: AsyncWebClient, *blocks: Payload) -> list[str]:
    """The faults that Slack finds in `blocks`."""
    answer = await refusal(client.chat_postMessage(channel=slack.channel.id, text="x", blocks=blocks))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {error}" for error in answer["errors"]]
    return list(answer["errors"])


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
    assert (body["channel_name"], body["user_name"]) == ("general", "alex")
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


async def test_the_client_comes_back_after_a_refresh(slack: SlackSandbox) -> None:
    """The warning makes the SDK renew its connection with a new ticket."""
    async with running(slack):
        await slack.refresh()
        await slack.wait_until_ready()
        ack = await (await slack.slash("/imagine", "x")).wait_for_ack()
        assert ack.error is None
        assert slack.num_connections == 1
    assert [call.method for call in slack.requests] == ["apps.connections.open"] * 2


async def test_the_client_comes_back_after_a_cut(slack: SlackSandbox) -> None:
    """A connection that breaks without a word is replaced at the next ping."""
    async with running(slack):
        await slack.drop_connections()
        assert slack.num_connections == 0
        await slack.wait_until_ready()
        assert (await (await slack.slash("/imagine", "x")).wait_for_ack()).error is None


async def test_a_client_that_ignores_the_warning_is_closed(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """First the warning, then refresh_requested, then the close."""
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with session.ws_connect(url) as socket:
        await slack.wait_until_ready()
        await slack.refresh()
        said = [message.json() async for message in socket]
    assert [message["type"] for message in said] == ["hello", "disconnect", "disconnect"]
    assert [message["reason"] for message in said[1:]] == ["warning", "refresh_requested"]


async def test_a_refused_handshake_has_spent_its_ticket(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """The same address never opens again; a new ticket does."""
    slack.refuse_handshakes()
    dead = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="408"):
            await session.ws_connect(dead)
    fresh = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with session.ws_connect(fresh):
        await slack.wait_until_ready()


async def test_the_stand_in_may_go_before_its_client(session: aiohttp.ClientSession) -> None:
    """It closes its sockets and leaves; the client is left to retry, and closes cleanly."""
    async with SlackSandbox() as slack:
        bot = Bot(slack, session)
        await bot.handler.connect_async()
        await slack.wait_until_ready()
    assert slack.num_connections == 0
    await bot.handler.close_async()


async def test_a_ticket_opens_one_socket_and_an_eleventh_is_turned_away(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """Tickets are single-use; beyond ten connections Slack says too_many_websockets."""

    async def connect() -> tuple[str, aiohttp.ClientWebSocketResponse]:
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        return url, await session.ws_connect(url)

    url, sockets = "", []
    for number in range(1, 11):
        url, socket = await connect()
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", number)
        sockets.append(socket)
    _, eleventh = await connect()
    assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(url)
    assert caught.value.status == 408
    await sockets[0].send_json({"type": "ping", "id": 7})
    assert await sockets[0].receive_json() == {"type": "pong", "reply_to": 7}
    for socket in (*sockets, eleventh):
        await socket.close()


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


async def test_a_picture_is_uploaded_awaited_and_posted_with_a_button(
    slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """files_upload_v2, files.info until there is a type, then one message that shows the file."""
    file = await uploaded(slack, client, is_ready=False)
    assert (await client.files_info(file=file.id))["file"]["mimetype"] == ""
    slack.clock.advance(1)
    assert (await client.files_info(file=file.id))["file"]["mimetype"] == "image/png"
    posted = await client.chat_postMessage(
        channel=slack.channel.id,
        text="a red fox",
        blocks=picture_blocks(file.id),
        metadata={"event_type": "generation", "event_payload": {"id": "1"}},
    )
    message = await slack.wait_for_message(slack.channel)
    assert (message.ts, message.files, message.user) == (posted["ts"], [file], slack.bot_user_id)
    assert message.metadata == {"event_type": "generation", "event_payload": {"id": "1"}}
    assert (file.data, file.name, file.shares) == (png(), "fox.png", {})


@pytest.mark.parametrize(("name", "data"), [("fox.webp", b"RIFF\0\0\0\0WEBPVP8 "), ("fox.png", b"no picture")])
async def test_a_file_that_is_no_picture_cannot_be_shown(
    slack: SlackSandbox, client: AsyncWebClient, name: str, data: bytes
) -> None:
    """Only PNG, JPEG and GIF go into an image block, whatever the name says."""
    await client.files_upload_v2(file=data, filename=name)
    slack.clock.advance(1)
    errors = await blocks_refusal(slack, client, *picture_blocks(slack.files[0].id))
    assert errors == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]


async def test_a_file_that_is_not_ready_or_not_the_bots_cannot_be_shown(
    slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """Too early, and uploaded by somebody else, are the same invalid_blocks."""
    early = await uploaded(slack, client, is_ready=False)
    foreign = slack.add_file("cat.png", png())
    for file in (early, foreign):
        errors = await blocks_refusal(slack, client, *picture_blocks(file.id))
        assert errors == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]


async def test_an_edit_cannot_bring_a_picture_in(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """chat.update answers ok, but people see a placeholder: the file does not show."""
    file = await uploaded(slack, client)
    posted = await client.chat_postMessage(channel=slack.channel.id, text="Drawing")
    await client.chat_update(channel=slack.channel.id, ts=posted["ts"], text="a fox", blocks=picture_blocks(file.id))
    [message] = slack.messages
    assert (message.text, message.is_edited, message.files) == ("a fox", True, [])


async def test_an_upload_must_have_the_announced_length(client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    """The upload address refuses other lengths, and completing without bytes is file_not_found."""
    ticket = await client.files_getUploadURLExternal(filename="fox.png", length=5)
    async with session.post(ticket["upload_url"], data=b"1234") as response:
        assert response.status == 400
    answer = await refusal(client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}]))
    assert answer["error"] == "file_not_found"


async def test_a_share_needs_membership_and_is_lost_with_an_alt_txt(
    slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """completeUploadExternal with a channel posts the file; with alt_txt Slack drops the share silently."""
    strange = slack.add_channel("strange", bot_is_member=False)
    answer = await refusal(client.files_upload_v2(file=png(), filename="a.png", channel=strange.id))
    assert answer["error"] == "not_in_channel"
    await client.files_upload_v2(file=png(), filename="b.png", channel=slack.channel.id, alt_txt="b")
    assert slack.messages == []
    await client.files_upload_v2(file=png(), filename="c.png", channel=slack.channel.id)
    slack.clock.advance(1)
    [message] = slack.messages
    shares = (await client.files_info(file=slack.files[-1].id))["file"]["shares"]
    assert shares == {"public": {slack.channel.id: [{"ts": message.ts}]}}


async def test_a_files_bytes_are_served_to_the_bot_alone_until_it_is_deleted(
    slack: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """url_private asks for the token; files.delete takes the file out of its messages too."""
    file = await uploaded(slack, client)
    await client.chat_postMessage(channel=slack.channel.id, text="a", blocks=picture_blocks(file.id))
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.get(file.url_private, headers=bearer) as response:
        assert (await response.read(), response.content_type) == (png(), "image/png")
    async with session.get(file.url_private, allow_redirects=False) as response:
        assert response.status == 302
    await client.files_delete(file=file.id)
    assert (await refusal(client.files_info(file=file.id)))["error"] == "file_not_found"
    assert slack.messages[0].files == []


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


async def test_waiting_for_a_message_tells_what_came_instead(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """The index skips what was there before; a TimeoutError lists the rest."""
    await client.chat_postMessage(channel=slack.channel.id, text="before")
    waiting = asyncio.create_task(slack.wait_for_message(after=1))
    posted = await client.chat_postMessage(channel=slack.channel.id, text="after")
    assert (await waiting).ts == posted["ts"]
    with pytest.raises(TimeoutError, match="before"):
        await slack.wait_for_message(slack.im(slack.user), timeout_s=0.01)
