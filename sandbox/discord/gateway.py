"""The gateway: sessions, their events, and the rules of identify and resume.

Source: https://docs.discord.com/developers/events/gateway
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.discord.connection import Connection, codec
from sandbox.discord.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE_STATE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11
HEARTBEAT_INTERVAL_MS = 41_250
MAX_PAYLOAD_BYTES = 4096
GUILDS_INTENT = 1 << 0
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15
KNOWN_INTENTS = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25

Event = tuple[str, dict[str, Any]]


class RefusedError(Exception):
    """The client broke a rule; `code` is what its connection is closed with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """What outlives a connection: the events so far, for the one who resumes."""

    id: str
    shard: int
    shards: int
    intents: int
    connection: Connection | None
    events: list[dict[str, Any]] = field(default_factory=list)

    def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Send an event, now or when the session is resumed."""
        event = {"op": DISPATCH, "t": name, "s": len(self.events) + 1, "d": data}
        self.events.append(event)
        if self.connection is not None:
            self.connection.send(event)


class Gateway:
    """The websocket, and every session on it. `greet` gives READY and what follows it for a session."""

    def __init__(self, *, world: World, token: str, greet: Callable[[Session], list[Event]]) -> None:
        self._world = world
        self.token = token
        self._greet = greet
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()

    @property
    def ready(self) -> bool:
        """A bot is connected on every shard of the number it asked for."""
        live = {(s.shard, s.shards) for s in self._sessions.values() if s.connection is not None}
        return any(all((shard, count) in live for shard in range(count)) for _, count in live)

    @property
    def connected(self) -> bool:
        """There is a connection, identified or not."""
        return bool(self._connections)

    def dispatch(self, name: str, data: dict[str, Any], *, guild_id: int | None, intent: int = 0) -> bool:
        """Send an event to the shard of the guild (shard 0 without one); False if no session takes it."""
        sessions = [s for s in self._sessions.values() if s.intents & intent == intent]
        reached = [s for s in sessions if s.shard == (0 if guild_id is None else shard_of(guild_id, s.shards))]
        for session in reached:
            session.dispatch(name, data)
        return bool(reached)

    async def close(self, *, code: int, resumable: bool) -> None:
        """Close every connection with `code`, and forget the sessions unless they may be resumed."""
        if not resumable:
            self._sessions.clear()
        await asyncio.gather(*(connection.close(code) for connection in set(self._connections)))

    def ask_to_reconnect(self) -> None:
        """Send op 7: the client closes the connection itself, and resumes."""
        for connection in self._connections:
            connection.send({"op": RECONNECT, "d": None})

    def invalidate_sessions(self) -> None:
        """Send op 9 on every gateway connection: the session is lost, and the client identifies anew."""
        self._sessions.clear()
        for connection in self._connections:
            connection.send({"op": INVALID_SESSION, "d": False})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /gateway: one connection from hello to its end."""
        encode = codec(request.query.get("compress"))
        if encode is None:
            return web.Response(status=501, text="no such compression here")
        # aiohttp's own limit is far above Discord's, so that a payload over 4096 bytes meets Discord's close.
        socket = web.WebSocketResponse(compress=False, max_msg_size=2**20, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket=socket, encode=encode)
        self._connections.add(connection)
        try:
            self._hello(request, connection)
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._receive(connection, message.data)
        except RefusedError as refusal:
            await connection.close(refusal.code)
        finally:
            self._connections.discard(connection)
            self._let_go(connection)
            await connection.stop()
        return socket

    def _hello(self, request: web.Request, connection: Connection) -> None:
        if request.query.get("v") != "10" or request.query.get("encoding", "json") != "json":
            raise RefusedError(4012)
        connection.send({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_INTERVAL_MS}})

    def _receive(self, connection: Connection, text: str | bytes) -> None:
        if len(text.encode() if isinstance(text, str) else text) > MAX_PAYLOAD_BYTES:
            raise RefusedError(4002)
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RefusedError(4002) from None
        identified = any(session.connection is connection for session in self._sessions.values())
        if op == HEARTBEAT:
            connection.send({"op": HEARTBEAT_ACK})
        elif op in (IDENTIFY, RESUME):
            if identified:
                raise RefusedError(4005)
            if not isinstance(data, dict):
                raise RefusedError(4002)
            if data.get("token") != self.token:
                raise RefusedError(4004)
            (self._identify if op == IDENTIFY else self._resume)(connection, data)
        elif op not in (PRESENCE, VOICE_STATE, REQUEST_MEMBERS):
            raise RefusedError(4001)
        elif not identified:
            raise RefusedError(4003)

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise RefusedError(4013)
        if intents & PRIVILEGED_INTENTS:
            raise RefusedError(4014)
        shard, count = data.get("shard") or (0, 1)
        if not 0 <= shard < count:
            raise RefusedError(4010)
        session = Session(id=secrets.token_hex(16), shard=shard, shards=count, intents=intents, connection=connection)
        self._sessions[session.id] = session
        for name, event in self._greet(session):
            session.dispatch(name, event)
        self._world.changes.notify()

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        session = self._sessions.get(str(data.get("session_id")))
        if session is None:
            connection.send({"op": INVALID_SESSION, "d": False})
            return
        seq = data.get("seq")
        if not isinstance(seq, int) or not 0 <= seq <= len(session.events):
            raise RefusedError(4007)
        session.connection = connection
        for event in session.events[seq:]:
            connection.send(event)
        session.dispatch("RESUMED", {})
        self._world.changes.notify()

    def _let_go(self, connection: Connection) -> None:
        for session in list(self._sessions.values()):
            if session.connection is connection:
                session.connection = None
                # A client that closes with 1000 or 1001 says that it will not resume.
                if connection.closed_by_client_for_good:
                    del self._sessions[session.id]
        self._world.changes.notify()


def shard_of(guild_id: int, shards: int) -> int:
    """The shard that gets the events of a guild."""
    return (guild_id >> 22) % shards
