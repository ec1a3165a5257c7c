"""The stand-in's HTTP mode: requests are signed as Slack signs them, and answers are read as Slack reads them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import SlackSandbox, signed

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class App:
    """An app of the simplest kind: keeps what it was sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.answer = web.Response()
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.seen.append((request.content_type, body, dict(request.headers)))
        await self.may_answer.wait()
        if body.startswith('{"type": "url_verification"'):
            return web.json_response({"challenge": json.loads(body)["challenge"]})
        return self.answer


@pytest.fixture
async def app(slack: SlackSandbox) -> AsyncIterator[App]:
    """It listens where the stand-in posts to."""
    app = App()
    server = web.Application()
    server.add_routes([web.post("/slack/events", app.handle)])
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield app
    app.may_answer.set()
    await runner.cleanup()


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox() as slack:
        yield slack


async def test_a_request_is_signed_as_slacks_own_library_expects(slack: SlackSandbox, app: App) -> None:
    """Body, time and secret; any other secret fails."""
    await (await slack.slash("/imagine", "a fox & <b> 狐")).wait_for_ack()
    [(kind, body, headers)] = app.seen
    assert kind == "application/x-www-form-urlencoded"
    assert parse_qs(body)["text"] == ["a fox & <b> 狐"]
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
    assert signed(body, secret="s", at_s=1)["X-Slack-Request-Timestamp"] == "1"


async def test_an_event_is_json(slack: SlackSandbox, app: App) -> None:
    """Whereas commands come as forms."""
    await (await slack.mention("hello")).wait_for_ack()
    [(kind, body, headers)] = app.seen
    assert kind == "application/json"
    assert json.loads(body)["event"]["type"] == "app_mention"
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)


@pytest.mark.parametrize(
    ("text", "shown"), [("drawn", "drawn"), ('{"text": "drawn"}', "drawn"), ("[1]", "[1]"), ("", None)]
)
async def test_an_answer_is_shown_to_the_person(text: str, shown: str | None, slack: SlackSandbox, app: App) -> None:
    """As JSON or as plain text; an empty one says nothing."""
    app.answer = web.Response(text=text)
    delivery = await slack.slash("/imagine", "a fox")
    ack = await delivery.wait_for_ack()
    assert ack.error is None
    assert (None if delivery.answer is None else delivery.answer.text) == shown


@pytest.mark.parametrize(("status", "error"), [(401, "http_client_error"), (500, "http_service_error")])
async def test_an_error_is_shown_in_place_of_an_answer(status: int, error: str, slack: SlackSandbox, app: App) -> None:
    """Whatever the body says."""
    app.answer = web.Response(status=status, text="words")
    delivery = await slack.slash("/imagine", "a fox")
    assert (await delivery.wait_for_ack()).error == error
    assert delivery.answer is None


async def test_an_answer_after_three_seconds_is_none(slack: SlackSandbox, app: App) -> None:
    """The person reads that the app did not respond."""
    app.may_answer.clear()
    delivery = await slack.slash("/imagine", "a fox")
    slack.clock.advance(4)
    assert (await delivery.wait_for_ack()).timed_out


async def test_nobody_there_is_a_failed_dispatch(slack: SlackSandbox) -> None:
    """At once."""
    slack.request_url = "http://127.0.0.1:9/slack/events"
    assert (await (await slack.slash("/imagine", "a fox")).wait_for_ack()).error == "dispatch_failed"


async def test_the_address_is_ready_once_it_answers_the_challenge(slack: SlackSandbox, app: App) -> None:
    """As Slack tries it when it is entered."""
    await slack.wait_until_ready()
    assert "url_verification" in app.seen[0][1]
    slack.request_url = "http://127.0.0.1:9/slack/events"
    await slack.wait_until_disconnected()
    with pytest.raises(TimeoutError):
        await slack.wait_until_ready(timeout_s=0.1)


async def test_without_an_address_commands_need_a_socket(slack: SlackSandbox) -> None:
    """Socket Mode is what an app starts with."""
    assert slack.request_url == ""
    assert (await (await slack.slash("/imagine", "a fox")).wait_for_ack()).error == "dispatch_failed"
