"""A person on Discord's stand-in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.discord import Answer as Callback
from sandbox.discord import DiscordSandbox, Interaction, Message
from sandbox.faults import Faults
from sandbox.stage.protocols import DRAWING, THINKING, Answer, Ending, Place, Typed

_DEFERRED = 5


class DiscordStage:
    """Discord's stand-in."""

    name = "discord"

    def __init__(self, discord: DiscordSandbox) -> None:
        self.discord = discord
        self._people = {discord.user.name: discord.user}

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

    async def _type(self, command: str, options: Mapping[str, object], who: str | None, where: Place) -> "DiscordTyped":
        user = self.discord.user
        if who is not None:
            user = self._people.get(who) or self._people.setdefault(who, self.discord.add_user(who))
        channel, guild = self.discord.channel, None
        if where is Place.CLOSED:
            channel = self.discord.add_channel("announcements", bot_may_post=False)
        elif where is Place.THREAD:
            channel = self.discord.add_thread("aside")
        elif where is Place.PRIVATE_CHANNEL:
            channel = self.discord.add_channel("back-room")
        elif where is Place.FOREIGN:
            guild = self.discord.add_guild("elsewhere", installed=False)
        interaction = await self.discord.slash(
            command,
            options,
            user=user,
            channel=None if guild or where is Place.DM else channel,
            guild=guild,
            in_dm=where is Place.DM,
            user_install=where is Place.FOREIGN,
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
        return ours and not message.content.startswith(DRAWING)

    def read(self, message: Message) -> Ending:
        """What a person sees of a message."""
        lines = [message.content]
        for embed in message.embeds:
            lines += [embed.get("description", ""), embed.get("footer", {}).get("text", "")]
        place = self._place(message.channel_id)
        return Ending(
            lines=[line for line in lines if line],
            pictures=[attachment.data for attachment in message.attachments],
            alt_texts=[attachment.description or "" for attachment in message.attachments],
            place=place,
            private=message.ephemeral or place == Place.DM,
            pings=[str(user) for user in message.mentions],
        )

    def _place(self, channel_id: int) -> str:
        typed_in = self.interaction.channel
        here = typed_in.guild is not None and channel_id == typed_in.id
        return f"#{typed_in.name}" if here else str(Place.DM)
