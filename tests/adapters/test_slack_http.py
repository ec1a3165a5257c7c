"""The server of HTTP mode, apart from what the bot answers."""

import asyncio
import contextlib
import socket

import httpx
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from adapters.slack import HttpMode
from adapters.slack.http import serve_http
from sandbox.slack import signed

SECRET = "the secret of this test"
BODY = "command=%2Fimagine&text=a+fox&team_id=T1&user_id=U1&channel_id=C1"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


class SlowApp:
    """Answers `/imagine` once it may."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.may_answer = asyncio.Event()

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="U0", bot_token="xoxb-none")

        self.app = AsyncApp(
            client=AsyncWebClient(), authorize=authorize, signing_secret=SECRET, process_before_response=True
        )
        self.app.command("/imagine")(self._take)

    async def _take(self, ack) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - bolt goes by the name
        self.entered.set()
        await self.may_answer.wait()
        await ack("drawn")


def free_mode() -> HttpMode:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return HttpMode(host="127.0.0.1", port=probe.getsockname()[1], signing_secret=SecretStr(SECRET))


async def post(mode: HttpMode, body: str, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=9)) as http:
        return await http.post(f"http://{mode.host}:{mode.port}/slack/events", content=body, headers=HEADERS | headers)


async def until_closed(mode: HttpMode) -> None:
    """Return once nobody listens any more."""
    with contextlib.suppress(ConnectionError):
        while True:
            _, writer = await asyncio.open_connection(mode.host, mode.port)
            writer.close()


async def test_a_request_that_is_inside_is_answered_although_the_server_ends() -> None:
    """Whoever stops the bot does not cut people off; nobody new is let in meanwhile."""
    slow, mode = SlowApp(), free_mode()
    serving = asyncio.create_task(serve_http(slow.app, mode, until=asyncio.Event()))
    asking = asyncio.create_task(post(mode, BODY, signed(BODY, secret=SECRET)))
    await slow.entered.wait()
    serving.cancel()
    await until_closed(mode)
    done, _ = await asyncio.wait({serving}, timeout=0.2)
    assert not done
    slow.may_answer.set()
    answer = await asking
    assert (answer.status_code, answer.text) == (200, "drawn")
    await asyncio.wait({serving})
    assert serving.cancelled()


async def test_a_wrong_secret_shows_in_the_log() -> None:
    """Else an operator who mistyped it would see a bot that is up and never answers."""
    slow, mode = SlowApp(), free_mode()
    serving = asyncio.create_task(serve_http(slow.app, mode, until=asyncio.Event()))
    with capture_logs() as logs:
        assert (await post(mode, BODY, signed(BODY, secret="another"))).status_code == 401
    serving.cancel()
    await asyncio.wait({serving})
    assert not slow.entered.is_set()
    [line] = [line for line in logs if line["event"] == "request refused"]
    assert "SLACK_SIGNING_SECRET" in line["why"]
    assert "another" not in str(line)
