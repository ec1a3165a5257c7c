"""What people do in the client: run commands, press buttons, read messages."""

from collections.abc import Mapping
from typing import Any

from sandbox.discord.commands import Command, CommandRegistry
from sandbox.discord.components import BUTTON, walk
from sandbox.discord.gateway import Gateway
from sandbox.discord.interaction import Interaction
from sandbox.discord.interactions import AUTOCOMPLETE, MESSAGE_COMPONENT, Interactions
from sandbox.discord.options import InputRefusedError, completion, invocation
from sandbox.discord.payloads import (
    app_permissions,
    channel_payload,
    member_payload,
    message_payload,
    partial_guild_payload,
    user_payload,
)
from sandbox.discord.world import DEFAULT_FILE_LIMIT_BYTES, Channel, Guild, Message, User, World

APPLICATION_COMMAND = 2
IN_GUILD, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2
BY_GUILD, BY_USER = 0, 1


class Driver:
    """Mixed into the sandbox, which holds the parts that are named here."""

    _world: World
    _gateway: Gateway
    _registry: CommandRegistry
    _interactions: Interactions
    application_id: int
    guild: Guild
    channel: Channel
    user: User

    async def slash(
        self,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        guild: Guild | None = None,
        in_dm: bool = False,
        user_install: bool = False,
    ) -> Interaction:
        """Send `/name options` (`"group sub"` for a subcommand) and return at once.

        Raises InputRefusedError for what the client would not send, and if no bot is there to receive it. The
        default permissions of a command are not looked at: a guild's admins can hand it to anyone.
        """
        user = user or self.user
        if in_dm:
            channel = self._world.dm_with(user)
        elif channel is None:
            channel = self.channel if guild is None else self._first_channel(guild)
        command, path = self._command(name, channel)
        check_offered(command, channel, user_install=user_install)
        interaction = self._new(user=user, channel=channel, user_install=user_install)
        interaction.payload |= {
            "type": APPLICATION_COMMAND,
            "data": invocation(command, path, options or {}, guild=channel.guild),
        }
        return self._send(interaction)

    async def complete(
        self,
        name: str,
        option: str,
        typed: str,
        values: Mapping[str, object] | None = None,
        *,
        user: User | None = None,
    ) -> list[str]:
        """Type into an option of `/name`, and return the values that are offered below it."""
        command, path = self._command(name, self.channel)
        interaction = self._new(user=user or self.user, channel=self.channel, user_install=False)
        data = completion(command, path, {**(values or {}), option: typed}, focused=option, guild=self.channel.guild)
        interaction.payload |= {"type": AUTOCOMPLETE, "data": data}
        self._send(interaction)
        return (await interaction.wait_for_answer()).choices

    async def click(
        self, message: Message, custom_id: str | None = None, *, label: str | None = None, user: User | None = None
    ) -> Interaction:
        """Press a button of a message, named by its custom id or its label (the only one, if neither)."""
        shown, button = self._component(message, BUTTON, custom_id=custom_id, label=label, user=user or self.user)
        return self._operate(shown, button, user=user or self.user)

    async def repeat(self, command: Interaction) -> None:
        """Deliver the very same interaction once more, as Discord sometimes does."""
        self._deliver(command)

    async def wait_until_ready(self, timeout_s: float = 10) -> None:
        """Wait until a bot is connected on every shard it asked for, and there are commands."""
        await self._world.changes.until(
            lambda: self._gateway.ready and bool(self._registry.all()),
            what="bot on every shard with its commands synced",
            timeout_s=timeout_s,
        )

    async def wait_until_disconnected(self, timeout_s: float = 10) -> None:
        """Wait until no bot is connected, e.g. before the next `wait_until_ready` after one was killed."""
        await self._world.changes.until(
            lambda: not self._gateway.connected, what="end of the gateway connections", timeout_s=timeout_s
        )

    async def wait_for_commands(self, timeout_s: float = 10) -> list[Command]:
        """Wait until there are commands, and return them."""
        return await self._world.changes.until(self._registry.all, what="commands", timeout_s=timeout_s)

    async def wait_for_message(self, channel: Channel | None = None, after: int = 0, timeout_s: float = 10) -> Message:
        """The first message in the channel (in any, without one), also those the bot posts by itself.

        `after` leaves out what was there before: a number of messages (`len(discord.messages)`), or the id
        of the last message seen.
        """

        def look() -> Message | None:
            finished = self._world.finished()
            ids = [message.id for message in finished]
            seen = ids.index(after) + 1 if after in ids else after
            fitting = (m for m in finished[seen:] if channel is None or m.channel_id == channel.id)
            return next(fitting, None)

        return await self._world.changes.until(look, what="message", timeout_s=timeout_s)

    def _command(self, name: str, channel: Channel) -> tuple[Command, list[str]]:
        """The registered command that `name` starts with, and the subcommands behind it."""
        first, *path = name.split()
        command = self._registry.find(first, guild_id=None if channel.guild is None else channel.guild.id)
        if command is None:
            offered = sorted({registered["name"] for registered in self._registry.all()})
            raise InputRefusedError(f"there is no command /{first}; there are {offered}")
        return command, path

    def _shown(self, message: Message) -> Message:
        """The message as it is on the screen now; InputRefusedError if it is gone."""
        now = self._world.messages.get(message.id)
        if now is None:
            raise InputRefusedError("the message is gone")
        return now

    def _component(
        self, message: Message, kind: int, *, custom_id: str | None, user: User, label: str | None = None
    ) -> tuple[Message, dict[str, Any]]:
        """The message as it is now, and the only enabled component of that kind that fits."""
        shown = self._shown(message)
        if shown.ephemeral and shown.invoked_by is not user:
            raise InputRefusedError("nobody else sees an ephemeral message")
        found = [
            component
            for _, component in walk(shown.components)
            if component.get("type") == kind
            and component.get("custom_id")
            and not component.get("disabled")
            and custom_id in (None, component["custom_id"])
            and label in (None, component.get("label"))
        ]
        if len(found) != 1:
            raise InputRefusedError(f"{len(found)} components fit; there are {shown.components}")
        return shown, found[0]

    def _operate(self, message: Message, component: dict[str, Any], *, user: User, **data: object) -> Interaction:
        """Use a component of a message; `data` is what the interaction tells beside its custom id."""
        channel = self._world.channels[message.channel_id]
        brought = bool(channel.people) or (channel.guild is not None and not channel.guild.installed)
        interaction = self._new(user=user, channel=channel, user_install=brought)
        interaction.clicked = message
        kind, custom_id = component["type"], component["custom_id"]
        interaction.payload |= {
            "type": MESSAGE_COMPONENT,
            "message": message_payload(self._world, message),
            "data": {"component_type": kind, "custom_id": custom_id, "id": component.get("id", 1), **data},
        }
        return self._send(interaction)

    def _first_channel(self, guild: Guild) -> Channel:
        return next(channel for channel in self._world.channels.values() if channel.guild is guild)

    def _new(self, *, user: User, channel: Channel, user_install: bool) -> Interaction:
        """An interaction with everything in its payload but what was done."""
        guild = channel.guild
        interaction = Interaction(
            world=self._world,
            id=self._world.snowflake(),
            user=user,
            channel=channel,
            guild=guild,
            by_user_install=user_install,
            sent_at_s=self._world.clock.now_s(),
        )
        owner = {str(BY_USER): str(user.id)} if user_install else {str(BY_GUILD): str(guild.id if guild else 0)}
        limit_bytes = DEFAULT_FILE_LIMIT_BYTES if guild is None else guild.file_limit_bytes
        payload: dict[str, Any] = {
            "id": str(interaction.id),
            "application_id": str(self.application_id),
            "token": interaction.token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": channel_payload(channel),
            "locale": user.locale,
            "app_permissions": str(int(app_permissions(channel))),
            "entitlements": [],
            "authorizing_integration_owners": owner,
            "context": _context(channel),
            "attachment_size_limit": limit_bytes,
        }
        if guild is None:
            payload["user"] = user_payload(user)
        else:
            payload |= {
                "guild_id": str(guild.id),
                "guild": partial_guild_payload(guild),
                "guild_locale": guild.locale,
                "member": member_payload(guild, user),
            }
        interaction.payload = payload
        return interaction

    def _send(self, interaction: Interaction) -> Interaction:
        self._interactions.add(interaction)
        self._deliver(interaction)
        return interaction

    def _deliver(self, interaction: Interaction) -> None:
        """To the guild's shard; a DM and what a user brought along go to shard 0."""
        guild = None if interaction.by_user_install else interaction.guild
        guild_id = None if guild is None else guild.id
        if not self._gateway.dispatch("INTERACTION_CREATE", interaction.payload, guild_id=guild_id):
            raise InputRefusedError("no bot is connected to the gateway, or not on this shard")


def check_offered(command: Command, channel: Channel, *, user_install: bool) -> None:
    """Whether the client shows the command here: by its contexts and its installation types."""
    guild, context = channel.guild, _context(channel)
    if channel.kind == "forum":
        raise InputRefusedError("nobody types in a forum itself, only in its posts")
    contexts = command["contexts"]
    if contexts is None and not command["dm_permission"]:
        contexts = [IN_GUILD]
    if contexts is not None and context not in contexts:
        raise InputRefusedError(f"/{command['name']} is not offered in this context; there are {contexts}")
    if (BY_USER if user_install else BY_GUILD) not in command["integration_types"]:
        raise InputRefusedError(f"/{command['name']} is not offered to this kind of installation")
    if guild is not None and not guild.installed and not user_install:
        raise InputRefusedError(f"the app is not installed in {guild.name}; pass user_install=True")
    if channel.people and not user_install:
        raise InputRefusedError("the app is not in a group DM; pass user_install=True")


def _context(channel: Channel) -> int:
    if channel.guild is not None:
        return IN_GUILD
    return IN_PRIVATE_CHANNEL if channel.people else IN_BOT_DM
