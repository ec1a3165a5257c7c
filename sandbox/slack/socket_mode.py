"""Socket Mode: tickets, WebSockets, envelopes out, acks in, and the refresh that Slack asks for now and then.

https://docs.slack.dev/apis/events-api/using-socket-mode/
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.faults import Faults
from sandbox.slack.deliveries import Ack, Delivery
from sandbox.slack.errors import ApiError
from sandbox.slack.methods import Arguments, Method
from sandbox.slack.world import World

MAX_CONNECTIONS = 10
TICKET_LIFETIME_S = 30.0
_HEARTBEAT_S = 30.0
_LEAVE_WITHIN_S = 0.5
_LET_THROUGH_S = 3.0


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """One WebSocket of the app; `is_ready` once it has been greeted."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    host: str
    is_ready: bool = False

    async def send(self, message: dict[str, Any]) -> None:
        """Send JSON; what goes to a socket that is already gone is lost, as it would be."""
        with contextlib.suppress(ConnectionError):
            await self.socket.send_json(message)


class SocketMode:
    """The sockets of the app, and what is on its way over them."""

    def __init__(self, *, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._tickets: dict[str, float] = {}
        self._turn = itertools.count()
        self._pending: dict[str, Delivery] = {}
        self.given_out: list[str] = []
        """Every ticket, spent or not."""
        self._is_closing = False
        self._handshakes_to_refuse = 0
        self._sockets_to_turn_away = 0
        self.connections: list[Connection] = []
        self.origin = ""

    def methods(self) -> dict[str, Method]:
        """The table for the dispatcher."""
        return {"apps.connections.open": Method(run=self._open, scope="connections:write", caller="app")}

    def routes(self) -> list[web.RouteDef]:
        """Where the tickets lead."""
        return [web.get("/link/", self._handle)]

    @property
    def ready(self) -> list[Connection]:
        """The connections that can take an envelope."""
        return [connection for connection in self.connections if connection.is_ready]

    async def deliver(self, delivery: Delivery) -> None:
        """Send it to one of the connections, in turns; with none there it has failed at once."""
        delivery.envelope_id = str(uuid.uuid4())
        ready = self.ready
        if not ready:
            delivery.close(Ack(after_s=0.0, payload=None, error="dispatch_failed"))
            return
        envelope: dict[str, Any] = {
            "envelope_id": delivery.envelope_id,
            "type": delivery.type,
            "accepts_response_payload": delivery.accept is not None,
            "payload": delivery.payload,
        }
        if delivery.type == "events_api":
            envelope |= {
                "retry_attempt": delivery.attempt,
                "retry_reason": "timeout" if delivery.attempt else "",
            }
        self._pending[delivery.envelope_id] = delivery
        connection = ready[next(self._turn) % len(ready)]
        delivery.sent_over = connection
        await connection.send(envelope)

    def forget(self) -> None:
        """Drop the envelopes that nobody acknowledged."""
        self._pending.clear()

    def refuse_handshakes(self, times: int) -> None:
        """Spend the tickets of the next `times` handshakes, and open no socket for them."""
        self._handshakes_to_refuse += times

    def turn_away(self, times: int) -> None:
        """Tell the next `times` sockets that there are too many."""
        self._sockets_to_turn_away += times

    def go_deaf(self) -> None:
        """Leave the connections half open: up, as far as the app can see, while nothing comes or is heard any more."""
        for connection in self.connections:
            connection.is_ready = False
            if connection.transport is not None:
                connection.transport.pause_reading()

    async def refresh(self) -> None:
        """Warn every connection, and close those that have not left soon after."""
        await asyncio.gather(*(self._refresh(connection) for connection in self.ready))

    async def drop(self) -> None:
        """Cut every connection without a word, and return when they are gone."""
        cut = list(self.connections)
        for connection in cut:
            if connection.transport is not None:
                connection.transport.abort()
        await self._world.changes.wait_until(lambda: not set(cut) & set(self.connections))

    async def close(self) -> None:
        """Close every connection for good."""
        self._is_closing = True
        await asyncio.gather(*(connection.socket.close(code=1001) for connection in list(self.connections)))

    def _open(self, _: Arguments) -> dict[str, Any]:
        if self._is_closing:
            raise ApiError("internal_error")
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = self._world.clock.now_s() + TICKET_LIFETIME_S
        self.given_out.append(ticket)
        address = self.origin.replace("http:", "ws:", 1)
        return {"url": f"{address}/link/?ticket={ticket}&app_id={self._world.app_id}"}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        expires_at_s = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if self._handshakes_to_refuse:
            self._handshakes_to_refuse -= 1
            return web.Response(status=408)
        if self._world.clock.now_s() >= expires_at_s:
            return web.Response(status=408)
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=_LEAVE_WITHIN_S)
        await socket.prepare(request)
        connection = Connection(socket=socket, transport=request.transport, host=f"applink-{next(self._turn)}")
        is_turned_away = self._sockets_to_turn_away > 0
        self._sockets_to_turn_away -= is_turned_away
        if is_turned_away or len(self.connections) >= MAX_CONNECTIONS:
            await connection.send(_disconnect("too_many_websockets", connection))
            await socket.close()
            return socket
        self.connections.append(connection)
        try:
            await self._greet(connection)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._receive(connection, message.data)
        finally:
            self.connections.remove(connection)
            self._world.changes.notify()
        return socket

    async def _greet(self, connection: Connection) -> None:
        await connection.send(
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "debug_info": {
                    "host": connection.host,
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
                "connection_info": {"app_id": self._world.app_id},
            }
        )
        with contextlib.suppress(ConnectionError):
            await connection.socket.ping(f"Ping from {connection.host}".encode())
        connection.is_ready = True
        self._world.changes.notify()

    async def _receive(self, connection: Connection, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        match message:
            case {"type": "ping"}:
                await connection.send({"type": "pong", "reply_to": message.get("id")})
            case {"envelope_id": str(envelope_id)} if envelope_id in self._pending:
                payload = message.get("payload")
                delivery = self._pending.pop(envelope_id)
                await self._take_ack(connection, delivery, payload if isinstance(payload, dict) else None)

    async def _take_ack(self, connection: Connection, delivery: Delivery, payload: dict[str, Any] | None) -> None:
        """Let an ack take effect, unless it is lost on order: `faults` knows it as `"ACK slash_commands"`."""
        fault = self._faults.take(f"ACK {delivery.type}")
        if fault is None or fault.drop != "request":
            delivery.acknowledge(payload)
        if fault is None:
            return
        await fault.strike()
        if fault.drop is not None and connection.transport is not None:
            connection.transport.abort()

    async def _refresh(self, connection: Connection) -> None:
        await connection.send(_disconnect("warning", connection))
        try:
            async with asyncio.timeout(_LEAVE_WITHIN_S):
                await self._world.changes.wait_until(lambda: connection not in self.connections)
        except TimeoutError:
            # Nothing new comes by it, and what came is let through: closing throws away what was not read.
            connection.is_ready = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LET_THROUGH_S):
                    await self._world.changes.wait_until(lambda: not self._is_awaited(connection))
            await connection.send(_disconnect("refresh_requested", connection))
            await connection.socket.close()

    def _is_awaited(self, connection: Connection) -> bool:
        """Whether something that was sent over it has not been acknowledged yet."""
        return any(delivery.sent_over is connection for delivery in self._pending.values())


def _disconnect(reason: str, connection: Connection) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": connection.host}}
