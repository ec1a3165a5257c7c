"""The routes that need the bot's token: application, commands, channels, messages; and the files for everyone.

Source: https://docs.discord.com/developers/reference
"""

from aiohttp import web

from sandbox.discord.answers import answer, no_content, read_json
from sandbox.discord.commands import CommandRegistry
from sandbox.discord.errors import ApiError, invalid
from sandbox.discord.limits import edited, posted
from sandbox.discord.payloads import channel_payload, message_payload, user_payload
from sandbox.discord.uploads import read_post
from sandbox.discord.world import (
    DEFAULT_FILE_LIMIT_BYTES,
    Channel,
    Message,
    MessageFlag,
    User,
    World,
)
from sandbox.faults import Handler

MAX_NONCE = 25
NONCE_LIVES_S = 3 * 60
POST_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_COMPONENTS_V2


class Rest:
    """What the bot does in its own name."""

    def __init__(
        self, *, world: World, bot: User, owner: User, token: str, public: bool, registry: CommandRegistry
    ) -> None:
        self._world = world
        self._bot = bot
        self._owner = owner
        self.token = token
        self._public = public
        self._registry = registry

    def routes(self, base: str) -> list[web.RouteDef]:
        """The routes under the API's base path, and that of the attachments."""
        application = f"{base}/applications/{{application}}"
        messages = f"{base}/channels/{{channel}}/messages"
        routes = [
            web.get(f"{base}/users/@me", self._me),
            web.get(f"{base}/users/{{user}}", self._user),
            web.get(f"{base}/applications/@me", self._application),
            web.get(f"{base}/oauth2/applications/@me", self._application),
            web.post(f"{base}/users/@me/channels", self._open_dm),
            web.get(f"{base}/channels/{{channel}}", self._channel),
            web.get(messages, self._history),
            web.post(messages, self._post),
            web.get(f"{messages}/{{message}}", self._get),
            web.patch(f"{messages}/{{message}}", self._edit),
            web.delete(f"{messages}/{{message}}", self._delete),
        ]
        for commands in (f"{application}/commands", f"{application}/guilds/{{guild}}/commands"):
            routes += [
                web.get(commands, self._list_commands),
                web.put(commands, self._overwrite_commands),
                web.post(commands, self._create_command),
                web.get(f"{commands}/{{command}}", self._get_command),
                web.patch(f"{commands}/{{command}}", self._edit_command),
                web.delete(f"{commands}/{{command}}", self._delete_command),
            ]
        guarded = [web.route(r.method, r.path, self.authorised(r.handler)) for r in routes]
        return [*guarded, web.get("/attachments/{channel}/{attachment}/{filename}", self._attachment)]

    def authorised(self, handler: Handler) -> Handler:
        """The same handler, for the bot alone: 401 code 0 without its token."""

        async def check(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bot {self.token}":
                raise ApiError(401, 0, "401: Unauthorized")
            return await handler(request)

        return check

    async def _me(self, _: web.Request) -> web.Response:
        private = {"verified": True, "mfa_enabled": False, "email": None, "flags": 0, "locale": "en-US"}
        return answer({**user_payload(self._bot), **private})

    async def _user(self, request: web.Request) -> web.Response:
        user = self._world.users.get(_number(request, "user"))
        if user is None:
            raise ApiError(404, 10013, "Unknown User")
        return answer(user_payload(user))

    async def _application(self, _: web.Request) -> web.Response:
        return answer(
            {
                "id": str(self._bot.id),
                "name": self._bot.name,
                "icon": None,
                "description": "",
                "bot_public": self._public,
                "bot_require_code_grant": False,
                "bot": user_payload(self._bot),
                "owner": user_payload(self._owner),
                "team": None,
                "verify_key": "0" * 64,
                "flags": 0,
                "interactions_endpoint_url": None,
                "integration_types_config": {"0": {}, "1": {}},
            }
        )

    async def _open_dm(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        recipient = str(body.get("recipient_id")) if isinstance(body, dict) else ""
        user = self._world.users.get(int(recipient)) if recipient.isdecimal() else None
        if user is None or user.bot:
            raise ApiError(400, 50033, "Invalid Recipient(s)")
        return answer(channel_payload(self._world.dm_with(user)))

    async def _channel(self, request: web.Request) -> web.Response:
        return answer(channel_payload(self._seen(request)))

    async def _history(self, request: web.Request) -> web.Response:
        channel = self._seen(request)
        limit = request.query.get("limit", "50")
        count = min(int(limit), 100) if limit.isdecimal() else 50
        found = [m for m in self._world.finished() if m.channel_id == channel.id and not m.ephemeral]
        if (after := request.query.get("after", "")).isdecimal():
            found = sorted((m for m in found if m.id > int(after)), key=lambda message: message.id)[:count]
        return answer([message_payload(self._world, message) for message in reversed(found[-count:])])

    async def _post(self, request: web.Request) -> web.Response:
        post = await read_post(request)
        channel = self._seen(request)
        if channel.recipient is not None and channel.recipient.dms_closed:
            raise ApiError(403, 50007, "Cannot send messages to this user")
        if channel.recipient is not None and not any(guild.installed for guild in self._world.guilds.values()):
            raise ApiError(403, 50278, "Cannot send messages to this user due to having no mutual guilds")
        if not channel.bot_may_post:
            raise ApiError(403, 50013, "Missing Permissions")
        nonce = str(post.payload["nonce"]) if post.payload.get("nonce") is not None else None
        if nonce is not None and len(nonce) > MAX_NONCE:
            raise invalid(("nonce",), "NONCE_TYPE_TOO_LONG", f"Must be {MAX_NONCE} or fewer in length.")
        if nonce is not None and post.payload.get("enforce_nonce") and (stands := self._recent(nonce)) is not None:
            return answer(message_payload(self._world, stands))
        new = Message(
            id=self._world.snowflake(),
            channel_id=channel.id,
            author=self._bot,
            flags=int(post.payload.get("flags") or 0) & POST_FLAGS,
            created_at_s=self._world.clock.now_s(),
            nonce=nonce,
        )
        message = posted(self._world, new, post, limit_bytes=_file_limit_bytes(channel))
        self._world.put(message)
        return answer(message_payload(self._world, message))

    def _recent(self, nonce: str) -> Message | None:
        """The bot's own message with this nonce, if it was posted in the last few minutes."""
        since_s = self._world.clock.now_s() - NONCE_LIVES_S
        return next(
            (m for m in self._world.finished() if m.nonce == nonce and m.created_at_s >= since_s),
            None,
        )

    async def _get(self, request: web.Request) -> web.Response:
        return answer(message_payload(self._world, self._message(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        post = await read_post(request)
        limit_bytes = _file_limit_bytes(self._seen(request))
        before = self._message(request)
        if before.author is not self._bot:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        message = edited(self._world, before, post, limit_bytes=limit_bytes)
        self._world.put(message)
        return answer(message_payload(self._world, message))

    async def _delete(self, request: web.Request) -> web.Response:
        message, channel = self._message(request), self._seen(request)
        if message.author is not self._bot:
            if channel.guild is None:
                raise ApiError(403, 50003, "Cannot execute action on this channel type")
            if not channel.bot_may_moderate:
                raise ApiError(403, 50013, "Missing Permissions")
        self._world.remove(message)
        return no_content()

    async def _attachment(self, request: web.Request) -> web.Response:
        attachment = self._world.attachment(_number(request, "attachment"))
        if attachment is None or attachment.filename != request.match_info["filename"]:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=attachment.data, headers={"Content-Type": attachment.content_type})

    def _seen(self, request: web.Request) -> Channel:
        """The channel of the path, if the bot may see it."""
        channel = self._world.channels.get(_number(request, "channel"))
        if channel is None:
            raise ApiError(404, 10003, "Unknown Channel")
        if channel.guild is not None and not channel.guild.installed:
            raise ApiError(403, 50001, "Missing Access")
        if channel.people:
            raise ApiError(403, 50001, "Missing Access")
        return channel

    def _message(self, request: web.Request) -> Message:
        channel = self._seen(request)
        message = self._world.messages.get(_number(request, "message"))
        if message is None or message.channel_id != channel.id or message.ephemeral:
            raise ApiError(404, 10008, "Unknown Message")
        return message

    def _scope(self, request: web.Request) -> int | None:
        """The guild of a command route, None for global commands."""
        if request.match_info["application"] != str(self._bot.id):
            message = "You are not authorized to perform this action on this application"
            raise ApiError(403, 20012, message)
        if "guild" not in request.match_info:
            return None
        guild = self._world.guilds.get(_number(request, "guild"))
        if guild is None or not guild.installed:
            raise ApiError(403, 50001, "Missing Access")
        return guild.id

    async def _list_commands(self, request: web.Request) -> web.Response:
        return answer(self._registry.of(self._scope(request)))

    async def _overwrite_commands(self, request: web.Request) -> web.Response:
        commands = self._registry.overwrite(self._scope(request), await read_json(request))
        self._world.changes.notify()
        return answer(commands)

    async def _create_command(self, request: web.Request) -> web.Response:
        command, is_new = self._registry.create(self._scope(request), await read_json(request))
        self._world.changes.notify()
        return answer(command, status=201 if is_new else 200)

    async def _get_command(self, request: web.Request) -> web.Response:
        return answer(self._registry.get(self._scope(request), request.match_info["command"]))

    async def _edit_command(self, request: web.Request) -> web.Response:
        scope = self._scope(request)
        before = self._registry.get(scope, request.match_info["command"])
        command, _ = self._registry.create(scope, {**before, **await read_json(request)})
        return answer(command)

    async def _delete_command(self, request: web.Request) -> web.Response:
        self._registry.delete(self._scope(request), request.match_info["command"])
        return no_content()


def _number(request: web.Request, name: str) -> int:
    """A number in the path; 0, which is nobody's id, for anything else."""
    text = request.match_info[name]
    return int(text) if text.isdecimal() else 0


def _file_limit_bytes(channel: Channel) -> int:
    return DEFAULT_FILE_LIMIT_BYTES if channel.guild is None else channel.guild.file_limit_bytes
