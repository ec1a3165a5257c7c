"""The stand-in of Discord, put together: one loopback server for REST, gateway and files."""

from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from sandbox.clock import VirtualClock
from sandbox.discord.answers import CallLog, answer, guarded
from sandbox.discord.commands import Command, CommandRegistry
from sandbox.discord.errors import ApiError
from sandbox.discord.gateway import GUILDS_INTENT, Event, Gateway, Session, shard_of
from sandbox.discord.gestures import Gestures
from sandbox.discord.interactions import Interactions
from sandbox.discord.payloads import guild_payload, role_payload, user_payload
from sandbox.discord.places import Places
from sandbox.discord.rest import Rest
from sandbox.discord.world import (
    DEFAULT_FILE_LIMIT_BYTES,
    MEMBER,
    Channel,
    Guild,
    Message,
    Role,
    User,
    World,
)
from sandbox.faults import Fault
from sandbox.server import LoopbackServer

API = "/api/v10"


class DiscordSandbox(Gestures, Places, LoopbackServer):
    """`async with DiscordSandbox() as discord:` serves Discord on 127.0.0.1 until the block ends.

    A guild, a text channel in it and a member are there from the start (`guild`, `channel`, `user`).
    """

    def __init__(
        self,
        *,
        port: int = 0,
        token: str = "sandbox.discord.token",  # noqa: S107 - it opens nothing but this stand-in
        clock: VirtualClock | None = None,
        shards: int = 1,
        public: bool = True,
    ) -> None:
        """`public` says whether anybody may add the application, as for a new one of Discord's."""
        super().__init__(port=port)
        self.faults = self._calls = CallLog()
        self.token = token
        self.clock = clock or VirtualClock()
        self.shards = shards
        self._world = World(clock=self.clock)
        self._bot = self._new_user("imagine", bot=True)
        self._owner = self._new_user("owner")
        self.application_id = self._bot.id
        self._registry = CommandRegistry(application_id=self._bot.id, new_id=self._world.snowflake)
        self._interactions = Interactions(world=self._world, bot=self._bot)
        self._gateway = Gateway(world=self._world, token=token, greet=self._greet)
        self._rest = Rest(
            world=self._world, bot=self._bot, owner=self._owner, token=token, public=public, registry=self._registry
        )
        self.guild = self.add_guild("sandbox")
        self.channel = self._first_channel(self.guild)
        self.user = self.add_user("someone")

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._world.origin = self.origin
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.close(code=1001, resumable=False)
        await super().__aexit__()

    @property
    def api_url(self) -> str:
        """What stands in for `https://discord.com/api/v10`."""
        return f"http://{self.origin}{API}"

    @property
    def gateway_url(self) -> str:
        """What stands in for `wss://gateway.discord.gg`."""
        return f"ws://{self.origin}/gateway"

    @property
    def bot(self) -> User:
        """The bot itself, as people may pick it from a list."""
        return self._bot

    @property
    def secrets(self) -> list[str]:
        """Whatever opens something: the bot's token, and that of every interaction."""
        return [self.token, *self._interactions.tokens]

    @property
    def commands(self) -> list[Command]:
        """The synced commands as Discord returns them, global ones first."""
        return self._registry.all()

    @property
    def syncs(self) -> int:
        """How many bulk overwrites of commands there were."""
        return self._registry.syncs

    @property
    def people(self) -> list[User]:
        """Everybody but the bot."""
        return [user for user in self._world.users.values() if not user.bot]

    @property
    def messages(self) -> list[Message]:
        """Every message people can read now, in the order they appeared."""
        return self._world.finished()

    def channel_of(self, message: Message) -> Channel:
        """Where a message stands."""
        return self._world.channels[message.channel_id]

    def first_channel(self, guild: Guild) -> Channel:
        """The text channel that a guild came with."""
        return self._first_channel(guild)

    def put(self, message: Message) -> None:
        """Have a message stand there, such as an earlier version of the bot, or one elsewhere, may have left."""
        self._world.put(message)

    async def wait_until(self, holds: Callable[[], object], timeout_s: float = 10) -> None:
        """Return once `holds()` finds something; it is asked at each change of what people see."""
        await self._world.changes.until(lambda: holds() or None, what="such change", timeout_s=timeout_s)

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Every call so far as (method, path, status); status 0 is a connection that was cut."""
        return self._calls.calls

    def routes(self) -> list[web.RouteDef]:
        """REST under `/api/v10`, the gateway, and the files of messages."""
        routes = [
            *self._rest.routes(API),
            *self._interactions.routes(API),
            web.get(f"{API}/gateway/bot", self._rest.authorised(self._gateway_bot)),
            web.get("/gateway", self._gateway.handle),
            web.route("*", "/{path:.*}", self._nothing),
        ]
        return [web.route(r.method, r.path, guarded(r.handler)) for r in routes]

    def add_user(
        self,
        name: str,
        locale: str = "en-US",
        *,
        permissions: int = MEMBER,
        roles: tuple[Role, ...] = (),
        dms_closed: bool = False,
    ) -> User:
        """Add a person. With `dms_closed` the bot's direct messages are refused (403 code 50007)."""
        user = self._new_user(name, locale=locale, permissions=permissions, dms_closed=dms_closed)
        user.roles.extend(roles)
        return user

    def add_guild(
        self,
        name: str,
        *,
        locale: str = "en-US",
        installed: bool = True,
        file_limit_bytes: int = DEFAULT_FILE_LIMIT_BYTES,
    ) -> Guild:
        """Add a guild with one text channel. Guilds added one after the other are on neighbouring shards."""
        newest_ms = max(self._world.guilds, default=0) >> 22
        guild_id = self._world.snowflake(later_ms=1)
        if self._world.guilds:
            guild_id = (newest_ms + 1) << 22
        guild = Guild(id=guild_id, name=name, locale=locale, installed=installed, file_limit_bytes=file_limit_bytes)
        self._world.guilds[guild.id] = guild
        general = Channel(id=self._world.snowflake(), name="general", guild=guild)
        self._world.channels[general.id] = general
        if installed:
            payload = guild_payload(self._world, guild)
            self._gateway.dispatch("GUILD_CREATE", payload, guild_id=guild.id, intent=GUILDS_INTENT)
        return guild

    def add_role(self, name: str, guild: Guild | None = None, *, permissions: int = 0) -> Role:
        """Add a role; give it to people with `add_user(…, roles=(role,))`."""
        guild = guild or self.guild
        role = Role(
            id=self._world.snowflake(),
            name=name,
            guild_id=guild.id,
            position=len(self._world.roles) + 1,
            permissions=permissions,
        )
        self._world.roles[role.id] = role
        self._tell(guild, "GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role_payload(role)})
        return role

    def dm(self, user: User | None = None) -> Channel:
        """The DM of the bot and a person, to look for messages in."""
        return self._world.dm_with(user or self.user)

    def shard_of(self, guild: Guild, shards: int) -> int:
        """The shard that a guild is on."""
        return shard_of(guild.id, shards)

    def rate_limit(self, match: str, *, retry_after_s: float, times: int = 1, scope: str = "user") -> Fault:
        """Answer the next calls that match with 429. `scope`: user, global or shared."""
        return self.faults.inject(
            match,
            times=times,
            status=429,
            json={
                "message": "You are being rate limited.",
                "retry_after": retry_after_s,
                "global": scope == "global",
            },
            headers={
                "Via": "1.1 google",
                "Retry-After": str(max(1, round(retry_after_s))),
                "X-RateLimit-Limit": "5",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": f"{self.clock.now_s() + retry_after_s:.3f}",
                "X-RateLimit-Reset-After": str(retry_after_s),
                "X-RateLimit-Bucket": "sandbox",
                "X-RateLimit-Scope": scope,
            },
        )

    def forget(self) -> None:
        """Drop messages, interactions and the record of calls; only between commands, for a long run."""
        self._world.messages.clear()
        self._interactions.forget()
        self._calls.calls.clear()

    async def disconnect_gateway(self, code: int = 4000, *, resumable: bool = True) -> None:
        """Close every gateway connection; unless `resumable`, a resume then meets INVALID_SESSION."""
        await self._gateway.close(code=code, resumable=resumable)

    def ask_to_reconnect(self) -> None:
        """Send op 7 (reconnect) on every gateway connection."""
        self._gateway.ask_to_reconnect()

    def invalidate_sessions(self) -> None:
        """Send op 9 (invalid session, not resumable) on every gateway connection."""
        self._gateway.invalidate_sessions()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with everything in it."""
        self._world.delete_channel(channel)

    def delete_answers(self) -> None:
        """Delete whatever stands anywhere, also where the bot is still thinking, as a moderator does."""
        for message in list(self._world.messages.values()):
            self._world.remove(message)

    def reset_token(self) -> None:
        """Have the operator reset the bot's token in the developer portal: the old one opens nothing any more."""
        self.token = self._gateway.token = self._rest.token = f"{self.token}.reset"

    def send_event(self, name: str, data: dict[str, Any]) -> None:
        """Send any event over the gateway."""
        self._gateway.dispatch(name, data, guild_id=None)

    def remove_bot(self, guild: Guild) -> None:
        """Kick the bot out of a guild."""
        guild.installed = False

    def _new_user(self, name: str, **facts: Any) -> User:
        user = User(id=self._world.snowflake(), name=name, **facts)
        self._world.users[user.id] = user
        return user

    def _greet(self, session: Session) -> list[Event]:
        """READY with the guilds of the shard still unavailable, then each of them, if guilds are wanted."""
        guilds = [
            guild
            for guild in self._world.guilds.values()
            if guild.installed and shard_of(guild.id, session.shards) == session.shard
        ]
        ready: dict[str, Any] = {
            "v": 10,
            "user": user_payload(self._bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(self.application_id), "flags": 0},
        }
        events: list[Event] = [("READY", ready)]
        if session.intents & GUILDS_INTENT:
            events += [("GUILD_CREATE", guild_payload(self._world, guild)) for guild in guilds]
        return events

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return answer({"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit})

    async def _nothing(self, _: web.Request) -> web.Response:
        raise ApiError(404, 0, "404: Not Found")
