"""One WebSocket of Socket Mode, from its ticket to its end."""

import asyncio
import contextlib
import json
from time import time
from typing import Any, Final, Self

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

log = structlog.get_logger()

RENEWALS: Final = frozenset({"warning", "refresh_requested"})
"""Slack renews every connection now and then: nothing is wrong."""

_PING_S: Final = 5.0
_HANDSHAKE_S: Final = 10.0
_ACK_S: Final = 3.0
_RENEWAL_S: Final = 15.0
"""Slack warns some ten seconds before it hangs up, and commands may still come until then."""


class Connection(AsyncBaseSocketModeClient):
    """Takes commands until it is over; whoever opened it decides what follows.

    The library's own client reconnects by itself, but tries a spent ticket for ever, asks for new ones without a
    pause where Slack has too many connections, and closes the old one before it has the new one.
    """

    def __init__(self, *, app: AsyncApp, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.logger = app.logger
        self._app = app
        self._socket = socket
        self._greeted = asyncio.Event()
        self._over = asyncio.Event()
        self._why = ""
        self._handling: set[asyncio.Task[None]] = set()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, *, app: AsyncApp, session: aiohttp.ClientSession) -> Self:
        """Shake hands once, for a ticket is good for once; raises what aiohttp raises."""
        async with asyncio.timeout(_HANDSHAKE_S):
            # The heartbeat finds out what the other side never said: that it is gone.
            socket = await session.ws_connect(url, heartbeat=_PING_S, proxy=app.client.proxy)
        return cls(app=app, socket=socket)

    async def ready(self) -> bool:
        """Whether Slack sends commands here; False if it said no instead."""
        told = [asyncio.create_task(event.wait()) for event in (self._greeted, self._over)]
        try:
            await asyncio.wait(told, timeout=_HANDSHAKE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in told:
                task.cancel()
        if not self._greeted.is_set():
            self.end("no greeting")
        return self._greeted.is_set()

    async def over(self) -> str:
        """Why another connection is wanted, as soon as one is: Slack's own word for it, or ours."""
        await self._over.wait()
        return self._why

    def end(self, why: str) -> None:
        """Have this connection be over; what is on its way over it still gets there."""
        if not self._over.is_set():
            self._why = why
            self._over.set()

    async def close(self, *, after_slack: bool = False) -> None:
        """Hang up, once commands under way had the time that Slack gives them; `after_slack` if it said it will."""
        try:
            if after_slack and self._why in RENEWALS:
                await asyncio.wait({self._reading}, timeout=_RENEWAL_S)
            if self._handling:
                await asyncio.wait(self._handling, timeout=_ACK_S)
        finally:
            for task in (*self._handling, self._reading):
                task.cancel()
            await asyncio.gather(*self._handling, self._reading, return_exceptions=True)
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._socket.close()

    async def send_message(self, message: str) -> None:
        """Send text as it is: how the library's `send_socket_mode_response` gets out."""
        await self._socket.send_str(message)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._receive(message.data)
        finally:
            self.end("closed")

    def _receive(self, data: str) -> None:
        try:
            envelope = json.loads(data)
        except ValueError:
            log.warning("envelope unreadable")
            return
        match envelope:
            case {"type": "hello"}:
                self._greeted.set()
            case {"type": "disconnect"}:
                self.end(str(envelope.get("reason")))
            case {"envelope_id": str()}:
                task = asyncio.create_task(self._handle(envelope))
                self._handling.add(task)
                task.add_done_callback(self._handling.discard)
            case _:
                log.info("envelope of a kind unknown")

    async def _handle(self, envelope: dict[str, Any]) -> None:
        started = time()
        try:
            request = SocketModeRequest.from_dict(envelope)
            if request is not None:
                await send_async_response(self, request, await run_async_bolt_app(self._app, request), started)
        except (aiohttp.ClientError, OSError) as error:
            # The person reads that the command timed out; whatever was accepted goes on all the same.
            log.warning("ack lost", envelope=envelope["envelope_id"], error=type(error).__name__)
        except Exception:
            # One envelope must not end the connection that all the others come over.
            log.exception("envelope failed", envelope=envelope["envelope_id"])


class Line:
    """The connection of now. What it replaced is closed beside what goes on, so that there is always one to come by."""

    def __init__(self) -> None:
        self._now: Connection | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if self._now is not None:
            await self._now.close()

    def switch(self, new: Connection) -> None:
        """Let `new` take over."""
        if self._now is not None:
            task = asyncio.create_task(self._now.close(after_slack=True))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._now = new
