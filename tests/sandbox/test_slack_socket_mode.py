"""The connections of the stand-in of Slack: tickets, refreshes and cuts."""

import asyncio

import aiohttp
import pytest
from callers import SlackBot, running
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


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


async def test_one_that_is_turned_away_hears_why(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """No greeting, but `too_many_websockets`, and the end; the next one is let in."""
    slack.turn_away()
    for expected in ("disconnect", "hello"):
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        async with session.ws_connect(url) as socket:
            said = await socket.receive_json()
            assert said["type"] == expected
            assert said.get("reason") == ("too_many_websockets" if expected == "disconnect" else None)


async def pong(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Return once the other side has answered a ping."""
    while (await socket.receive()).type is not aiohttp.WSMsgType.PONG:
        pass


async def test_a_deaf_connection_stays_up_and_answers_nothing(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """No pong comes: only a client that asks finds out."""
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with session.ws_connect(url, autoping=False) as socket:
        await slack.wait_until_ready()
        slack.go_deaf()
        assert slack.num_connections == 0
        await socket.ping(b"anybody?")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pong(socket), 0.2)
        assert not socket.closed


async def test_an_app_that_was_uninstalled_is_nobody(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Its bot token opens nothing any more, and its ways to answer lead nowhere; the app's own token is left."""
    slack.uninstall()
    with pytest.raises(SlackApiError, match="account_inactive"):
        await client.auth_test()
    assert (await client.apps_connections_open(app_token=slack.app_token))["ok"]


async def test_the_stand_in_may_go_before_its_client(session: aiohttp.ClientSession) -> None:
    """It closes its sockets and leaves; the client is left to retry, and closes cleanly."""
    async with SlackSandbox() as slack:
        bot = SlackBot(slack, session)
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
