"""A person on Discord's stand-in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sandbox.discord import Answer as Callback
from sandbox.discord import (
    Channel,
    DiscordSandbox,
    Guild,
    InputRefusedError,
    Interaction,
    Message,
    Permission,
    Role,
    User,
)
from sandbox.discord.components import walk
from sandbox.discord.world import MEMBER
from sandbox.faults import Faults
from sandbox.stage import discord_screen
from sandbox.stage.protocols import DRAWING, THINKING, WAITING, Answer, Ending, InputRefused, Place, Typed, Watch

_DEFERRED = 5


class DiscordStage:
    """Discord's stand-in."""

    name = "discord"

    def __init__(self, discord: DiscordSandbox) -> None:
        self.discord = discord
        self._people = {discord.user.name: discord.user}
        self._roles: dict[str, Role] = {}
        self._channels = {discord.channel.name: discord.channel}

    @property
    def faults(self) -> Faults:
        return self.discord.faults

    def settings(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
        }

    async def ready(self) -> None:
        await self.discord.wait_until_ready()

    async def gone(self) -> None:
        await self.discord.wait_until_disconnected()

    async def imagine(
        self,
        line: str,
        *,
        options: Mapping[str, object] | None = None,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> "DiscordTyped":
        return await self._type("imagine", {"prompt": line, **(options or {})}, who, where)

    async def quota(self, *, who: str | None = None) -> "DiscordTyped":
        return await self._type("quota", {}, who, Place.CHANNEL)

    def add_person(
        self, name: str, *, admin: bool = False, groups: tuple[str, ...] = (), locale: str = "en-US"
    ) -> None:
        for group in groups:
            if group not in self._roles:
                self._roles[group] = self.discord.add_role(group)
        roles = tuple(self._roles[group] for group in groups)
        permissions = MEMBER | Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES if admin else MEMBER
        self._people[name] = self.discord.add_user(name, locale, permissions=permissions, roles=roles)

    def names(self) -> dict[str, str]:
        return {str(user.id): name for name, user in self._people.items()}

    async def quota_admin(self, word: str, *, who: str, **arguments: str) -> "DiscordTyped":
        picks: dict[str, Callable[[str], object]] = {
            "person": self._person,
            "role": self._role,
            "days": int,
            "page": int,
            "everything": lambda text: text == "yes",
        }
        options = {name: picks.get(name, str)(text) for name, text in arguments.items()}
        try:
            return await self._type(f"quota-admin {word}", options, who, Place.CHANNEL)
        except InputRefusedError as refusal:
            raise InputRefused(str(refusal)) from refusal

    def person_id(self, name: str) -> str:
        """The id of somebody who is there, as the command line names them."""
        if name not in self._people:
            raise InputRefused(f"there is no {name}")
        return str(self._people[name].id)

    def role_id(self, name: str) -> str:
        """The id of a role, likewise."""
        return str(self._role(name).id)

    async def repeat(self, typed: Typed) -> None:
        if not isinstance(typed, DiscordTyped):
            raise TypeError("not typed on this stage")
        await self.discord.repeat(typed.interaction)
        # The gateway keeps the order: an answer to a later command means that the repeated one was seen.
        await (await self.quota()).ending()

    def results(self) -> int:
        return sum(1 for message in self.discord.messages if message.attachments)

    def advance(self, seconds: float) -> None:
        self.discord.clock.advance(seconds)

    def _person(self, name: str) -> User:
        if name == self.discord.bot.name:
            return self.discord.bot
        return self._people.get(name) or self._people.setdefault(name, self.discord.add_user(name))

    def _role(self, name: str) -> Role:
        if name not in self._roles:
            raise InputRefused(f"there is no role {name}")
        return self._roles[name]

    def watch(self, who: str | None = None) -> Watch:
        return discord_screen.watch(self.discord, self._who(who))

    async def command(
        self,
        line: str,
        arguments: Mapping[str, str] | None = None,
        *,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> Watch:
        options = {name: self.channel(text) if name == "log" else text for name, text in (arguments or {}).items()}
        user = self._who(who)

        async def typed() -> Interaction:
            return (await self._type(line, options, who, where)).interaction

        return await discord_screen.watch_of(self.discord, user, typed)

    async def press(self, on: Ending, label: str, *, who: str | None = None) -> Watch:
        user, message = self._who(who), self._message(on)
        return await discord_screen.watch_of(
            self.discord, user, lambda: self.discord.click(message, label=label, user=user)
        )

    async def choose(self, on: Ending, label: str, choice: str, *, who: str | None = None) -> Watch:
        user, message = self._who(who), self._message(on)
        parts = [part for _, part in walk(message.components)]
        [custom_id] = [part["custom_id"] for part in parts if part.get("placeholder") == label]
        return await discord_screen.watch_of(
            self.discord, user, lambda: self.discord.select(message, choice, custom_id, user=user)
        )

    async def imagine_this(self, text: str, *, who: str | None = None, in_thread: bool = False) -> Watch:
        user = self._who(who)
        channel = self.discord.add_thread("aside") if in_thread else self.discord.channel
        said = self.discord.say(text, user=user, channel=channel)
        return await discord_screen.watch_of(
            self.discord, user, lambda: self.discord.message_menu("Imagine this", said, user=user)
        )

    async def imagine_in_thread(self, line: str, *, who: str | None = None) -> Watch:
        watching = self.watch(who)
        await self.imagine(line, who=who, where=Place.THREAD)
        return watching

    def aged(self, on: Ending, old: str, new: str) -> Ending:
        message = self._message(on)
        aged = replace(message, components=json.loads(json.dumps(message.components).replace(old, new)))
        self.discord.put(aged)
        return discord_screen.read(self.discord, aged)

    def elsewhere(self, on: Ending) -> Ending:
        """The same message as it would stand in another server."""
        message = self._message(on)
        there = self.discord.first_channel(self.discord.add_guild("elsewhere"))
        copy = replace(message, id=message.id + 1, channel_id=there.id)
        self.discord.put(copy)
        return discord_screen.read(self.discord, copy)

    def channel(self, name: str) -> Channel:
        """The channel of that name, made if need be."""
        return self._channels.get(name) or self._channels.setdefault(name, self.discord.add_channel(name))

    def shown(self, ending: Ending) -> Message:
        return self._message(ending)

    def read_channel(self, name: str) -> list[Ending]:
        there = self.channel(name)
        return [discord_screen.read(self.discord, one) for one in self.discord.messages if one.channel_id == there.id]

    def _message(self, on: Ending) -> Message:
        found = [one for one in self.discord.messages if one.id == on.at]
        if not found:
            raise InputRefused("the message is gone")
        return found[0]

    def _who(self, who: str | None) -> User:
        return self.discord.user if who is None else self._person(who)

    def _at(self, where: Place, user: User) -> tuple[Channel, Guild | None]:
        """The channel, or the first one of a server of others."""
        if where is Place.FOREIGN:
            return self.discord.channel, self.discord.add_guild("elsewhere", installed=False)
        discord = self.discord
        made: dict[Place, Callable[[], Channel]] = {
            Place.CLOSED: lambda: discord.add_channel("announcements", bot_may_post=False),
            Place.THREAD: lambda: discord.add_thread("aside"),
            Place.FORUM: lambda: discord.add_thread("aside", discord.add_forum("pictures")),
            Place.VOICE: lambda: discord.add_voice_channel("lounge"),
            Place.PRIVATE_CHANNEL: lambda: discord.add_channel("back-room"),
            Place.GROUP: lambda: discord.add_group_dm(user, discord.user),
        }
        return made.get(where, lambda: discord.channel)(), None

    async def _type(self, command: str, options: Mapping[str, object], who: str | None, where: Place) -> "DiscordTyped":
        user = self._who(who)
        channel, guild = self._at(where, user)
        interaction = await self.discord.slash(
            command,
            options,
            user=user,
            channel=None if guild or where is Place.DM else channel,
            guild=guild,
            in_dm=where is Place.DM,
            user_install=where in (Place.FOREIGN, Place.GROUP),
        )
        return DiscordTyped(self.discord, interaction)


@dataclass(frozen=True, slots=True)
class DiscordTyped:
    """An interaction."""

    discord: DiscordSandbox
    interaction: Interaction

    @property
    def key(self) -> str:
        return str(self.interaction.id)

    @property
    def answered(self) -> Answer | None:
        return None if self.interaction.answer is None else self._read(self.interaction.answer)

    def endings(self) -> list[Ending]:
        return [self.read(message) for message in self.discord.messages if self._is_ending(message)]

    async def answer(self) -> Answer:
        return self._read(await self.interaction.wait_for_answer())

    def _read(self, answer: Callback) -> Answer:
        text = THINKING if answer.message is None or answer.type == _DEFERRED else answer.message.content
        return Answer(text=text, place=self._place(self.interaction.channel.id), after_s=answer.after_s)

    async def ending(self, *, within_s: float = 10) -> Ending:
        """Of the interaction, or as the bot itself where the interaction's own way back is gone."""
        await self.interaction.wait_until(lambda _: bool(self.endings()), timeout_s=within_s)
        return self.endings()[0]

    def _is_ending(self, message: Message) -> bool:
        # What the bot posts in its own name carries the interaction's id as its nonce.
        ours = self.interaction.id == message.interaction_id or message.nonce == self.key
        return ours and not message.content.startswith((DRAWING, WAITING))

    def read(self, message: Message) -> Ending:
        """What a person sees of a message."""
        return discord_screen.read(self.discord, message)

    def _place(self, channel_id: int) -> str:
        typed_in = self.interaction.channel
        here = typed_in.guild is not None and channel_id == typed_in.id
        return f"#{typed_in.name}" if here else str(Place.DM)
