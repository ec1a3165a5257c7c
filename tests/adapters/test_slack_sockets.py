"""One WebSocket of Socket Mode: what it does with what comes over it, and how it comes to its end."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from adapters.slack import connection as module
from adapters.slack.connection import Connection, Line

HELLO = '{"type": "hello"}'

Behaviour = Callable[[web.WebSocketResponse], Awaitable[None]]


def command(name: str = "/quota") -> str:
    """An envelope with a slash command."""
    payload = {"command": name, "team_id": "T1", "user_id": "U1", "text": ""}
    return json.dumps({"type": "slash_commands", "envelope_id": "e-1", "payload": payload})


def bolt(handler: Callable[[AsyncAck], Awaitable[None]] | None = None) -> AsyncApp:
    """An app with one command."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")

    async def answer(ack: AsyncAck) -> None:
        await ack(text="plenty")

    app = AsyncApp(client=AsyncWebClient(), authorize=authorize, process_before_response=True)
    app.command("/quota")(handler or answer)
    return app


@asynccontextmanager
async def connected(behave: Behaviour, app: AsyncApp | None = None) -> AsyncIterator[Connection]:
    """A connection to a server that behaves like this, and then listens until the client hangs up."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await behave(socket)
        async for _ in socket:
            pass
        return socket

    served = web.Application()
    served.add_routes([web.get("/", handle)])
    async with TestServer(served) as server, aiohttp.ClientSession() as session:
        connection = await Connection.open(str(server.make_url("/")), app=app or bolt(), session=session)
        try:
            yield connection
        finally:
            await connection.close()


def sends(*messages: str, heard: asyncio.Queue[Any] | None = None) -> Behaviour:
    """Send these, and keep what comes back in `heard`."""

    async def behave(socket: web.WebSocketResponse) -> None:
        for message in messages:
            await socket.send_str(message)
        if heard is not None:
            heard.put_nowait(await socket.receive_json())

    return behave


async def test_a_command_is_acked_with_its_answer() -> None:
    """Over the socket that it came by."""
    heard: asyncio.Queue[Any] = asyncio.Queue()
    async with connected(sends(HELLO, command(), heard=heard)) as connection:
        assert await connection.ready()
        answer = await asyncio.wait_for(heard.get(), 5)
    assert answer == {"envelope_id": "e-1", "payload": {"text": "plenty"}}


@pytest.mark.parametrize("noise", ["no JSON", "[]", "7", '{"type": "news"}', '{"envelope_id": 7}'])
async def test_what_cannot_be_read_is_passed_over(noise: str) -> None:
    """Slack invents new kinds of messages; the next command is answered all the same."""
    heard: asyncio.Queue[Any] = asyncio.Queue()
    async with connected(sends(HELLO, noise, command(), heard=heard)):
        assert (await asyncio.wait_for(heard.get(), 5))["envelope_id"] == "e-1"


async def test_an_envelope_that_breaks_something_is_logged_and_the_next_is_answered() -> None:
    """A payload that no payload should be ends nothing."""
    heard: asyncio.Queue[Any] = asyncio.Queue()
    broken = json.dumps({"type": "slash_commands", "envelope_id": "e-0", "payload": 7})
    with capture_logs() as logs:
        async with connected(sends(HELLO, broken, command(), heard=heard)):
            assert (await asyncio.wait_for(heard.get(), 5))["envelope_id"] == "e-1"
    assert [log["envelope"] for log in logs if log["event"] == "envelope failed"] == ["e-0"]


async def test_slacks_word_is_why_it_is_over() -> None:
    """Who turns us away before a greeting, has not let us in."""
    turned_away = '{"type": "disconnect", "reason": "too_many_websockets"}'
    async with connected(sends(turned_away)) as connection:
        assert not await connection.ready()
        assert await connection.over() == "too_many_websockets"


async def test_a_server_that_never_greets_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket without a greeting gets no commands."""
    monkeypatch.setattr(module, "_HANDSHAKE_S", 0.1)
    async with connected(sends()) as connection:
        assert not await connection.ready()
        assert await connection.over() == "no greeting"


async def test_an_end_is_noticed_and_the_first_word_counts() -> None:
    """The server hangs up; what is said afterwards changes nothing."""

    async def hang_up(socket: web.WebSocketResponse) -> None:
        await socket.send_str(HELLO)
        await socket.close()

    async with connected(hang_up) as connection:
        assert await connection.over() == "closed"
        connection.end("uninstalled")
        assert await connection.over() == "closed"


async def test_an_ack_that_finds_no_way_back_is_logged() -> None:
    """The person reads that the command timed out; the operator sees why."""
    gone = asyncio.Event()

    async def slow(ack: AsyncAck) -> None:
        await gone.wait()
        await ack(text="too late")

    async def hang_up(socket: web.WebSocketResponse) -> None:
        await socket.send_str(HELLO)
        await socket.send_str(command())
        await socket.close()

    with capture_logs() as logs:
        async with connected(hang_up, bolt(slow)) as connection:
            await connection.over()
            gone.set()
            await connection.close()
    assert [log["envelope"] for log in logs if log["event"] == "ack lost"] == ["e-1"]


async def test_a_command_under_way_is_let_through_when_the_connection_is_closed() -> None:
    """Slack gives an ack 3 s, and so does the bot that stops."""
    heard: asyncio.Queue[Any] = asyncio.Queue()
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(ack: AsyncAck) -> None:
        entered.set()
        await leave.wait()
        await ack(text="in time")

    async with connected(sends(HELLO, command(), heard=heard), bolt(slow)) as connection:
        await asyncio.wait_for(entered.wait(), 5)
        closing = asyncio.create_task(connection.close())
        await asyncio.sleep(0)
        leave.set()
        assert (await asyncio.wait_for(heard.get(), 5))["payload"] == {"text": "in time"}
        await closing


async def test_what_takes_over_lets_the_other_one_finish() -> None:
    """The replaced connection is closed beside what goes on, and nothing is left when the line ends."""
    async with connected(sends(HELLO)) as first, connected(sends(HELLO)) as second:
        async with Line() as line:
            line.switch(first)
            line.switch(second)
            assert await asyncio.wait_for(first.over(), 5) == "closed"
        assert await asyncio.wait_for(second.over(), 5) == "closed"


async def test_a_bot_that_stops_does_not_wait_for_slack_to_hang_up() -> None:
    """Neither where Slack has just asked for another connection nor where the other one is there."""
    asked = sends(HELLO, '{"type": "disconnect", "reason": "warning"}')
    async with connected(asked) as first, connected(asked) as second, asyncio.timeout(5), Line() as line:
        line.switch(first)
        assert await first.over() == "warning"
        line.switch(second)
        assert await second.over() == "warning"
