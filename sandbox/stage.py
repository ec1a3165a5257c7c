"""The two platforms as a person sees them: they type a command, and read what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sandbox.discord import DiscordSandbox, Interaction
from sandbox.discord import Message as DiscordMessage
from sandbox.slack import Delivery, SlackSandbox
from sandbox.slack import Message as SlackMessage

DEFERRED = 5
THINKING = "imagine is thinking …"
DRAWING = "Drawing …"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first answer: its words, and after how many seconds it was there."""

    text: str
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a command came to: the lines that the person reads, the pictures that they see, and where."""

    lines: list[str]
    pictures: list[bytes]
    alt_texts: list[str]
    place: str
    private: bool
    pings: list[str]

    @property
    def text(self) -> str:
        """Everything that is read."""
        return "\n".join(self.lines)


class Place(StrEnum):
    """Where a person types."""

    CHANNEL = "channel"
    DM = "a direct message"
    CLOSED = "a channel where the bot may not post"
    FOREIGN = "a server that the app is not installed in, brought along by the person"


class Typed(Protocol):
    """A command on its way."""

    async def answer(self) -> Answer:
        """What the person reads at once."""

    async def ending(self, *, within_s: float = 10) -> Ending:
        """The refusal, the result, or the word that there will be none: whichever comes last."""


class Stage(Protocol):
    """A platform with people in channels; without a name it is the one who is always there."""

    name: str

    def settings(self) -> dict[str, str]:
        """The environment that points a bot here."""

    async def ready(self) -> None:
        """Return once the bot takes commands."""

    async def gone(self) -> None:
        """Return once the platform has noticed that the bot is no longer connected."""

    async def imagine(
        self,
        line: str,
        *,
        options: Mapping[str, object] | None = None,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> Typed:
        """Type `/imagine line`, with options where the platform has fields for them."""

    async def quota(self, *, who: str | None = None) -> Typed:
        """Type `/quota`."""

    async def repeat(self, typed: Typed) -> None:
        """Have the platform deliver the same command again; return when the bot has dealt with it."""

    def advance(self, seconds: float) -> None:
        """Let time pass on the platform's clock."""

    def results(self) -> int:
        """How many messages with pictures stand anywhere."""


class DiscordStage:
    """Discord's stand-in."""

    name = "discord"

    def __init__(self, discord: DiscordSandbox) -> None:
        self.discord = discord
        self._people = {discord.user.name: discord.user}

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
        elif where is Place.FOREIGN:
            guild = self.discord.add_guild("elsewhere", installed=False)
        seen = len(self.discord.messages)
        interaction = await self.discord.slash(
            command,
            options,
            user=user,
            channel=None if guild or where is Place.DM else channel,
            guild=guild,
            in_dm=where is Place.DM,
            user_install=where is Place.FOREIGN,
        )
        return DiscordTyped(self.discord, interaction, seen)


@dataclass(frozen=True, slots=True)
class DiscordTyped:
    """An interaction."""

    discord: DiscordSandbox
    interaction: Interaction
    seen: int

    async def answer(self) -> Answer:
        answer = await self.interaction.wait_for_answer()
        text = THINKING if answer.message is None or answer.type == DEFERRED else answer.message.content
        return Answer(text=text, after_s=answer.after_s)

    async def ending(self, *, within_s: float = 10) -> Ending:
        """Of the interaction, or as the bot itself where the interaction's own way back is gone."""
        await self.interaction.wait_until(lambda _: self._last() is not None, timeout_s=within_s)
        message = self._last()
        if message is None:
            raise LookupError("a message that was there is gone")
        return self.read(message)

    def _last(self) -> DiscordMessage | None:
        for message in self.discord.messages[self.seen :]:
            ours = message.interaction_id in (None, self.interaction.id)
            if ours and not message.content.startswith(DRAWING):
                return message
        return None

    def read(self, message: DiscordMessage) -> Ending:
        """What a person sees of a message."""
        lines = [message.content]
        for embed in message.embeds:
            lines += [embed.get("description", ""), embed.get("footer", {}).get("text", "")]
        in_channel = self.interaction.channel.guild is not None and message.channel_id == self.interaction.channel.id
        return Ending(
            lines=[line for line in lines if line],
            pictures=[attachment.data for attachment in message.attachments],
            alt_texts=[attachment.description or "" for attachment in message.attachments],
            place=f"#{self.interaction.channel.name}" if in_channel else str(Place.DM),
            private=message.ephemeral or not in_channel,
            pings=[str(user) for user in message.mentions],
        )


class SlackStage:
    """Slack's stand-in."""

    name = "slack"

    def __init__(self, slack: SlackSandbox) -> None:
        self.slack = slack
        self._people = {slack.user.name: slack.user}

    def settings(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
        }

    async def ready(self) -> None:
        await self.slack.wait_until_ready()

    async def gone(self) -> None:
        await self.slack.wait_until_disconnected()

    async def imagine(
        self,
        line: str,
        *,
        options: Mapping[str, object] | None = None,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> "SlackTyped":
        flags = "".join(f" --{name} {value}" for name, value in (options or {}).items())
        return await self._type("/imagine", line + flags, who, where)

    async def quota(self, *, who: str | None = None) -> "SlackTyped":
        return await self._type("/quota", "", who, Place.CHANNEL)

    async def repeat(self, typed: Typed) -> None:
        if not isinstance(typed, SlackTyped):
            raise TypeError("not typed on this stage")
        await (await self.slack.repeat(typed.delivery)).wait_for_ack()

    def results(self) -> int:
        return sum(1 for message in self.slack.messages if message.files)

    def advance(self, seconds: float) -> None:
        self.slack.clock.advance(seconds)

    async def _type(self, command: str, line: str, who: str | None, where: Place) -> "SlackTyped":
        user = self.slack.user
        if who is not None:
            user = self._people.get(who) or self._people.setdefault(who, self.slack.add_user(who))
        if where is Place.FOREIGN:
            raise ValueError("on Slack an app is installed in the workspace, never brought along")
        channel = self.slack.channel
        if where is Place.DM:
            channel = self.slack.im(user)
        elif where is Place.CLOSED:
            channel = self.slack.add_channel("board", private=True, bot_is_member=False, members=[user])
        return SlackTyped(self.slack, await self.slack.slash(command, line, user=user, channel=channel))


@dataclass(frozen=True, slots=True)
class SlackTyped:
    """A slash command."""

    slack: SlackSandbox
    delivery: Delivery

    async def answer(self) -> Answer:
        ack = await self.delivery.wait_for_ack()
        return Answer(text=ack.error or ack.text, after_s=ack.after_s)

    async def ending(self, *, within_s: float = 10) -> Ending:
        answer = await self.answer()
        if not answer.text.startswith(DRAWING):
            return Ending(
                lines=[answer.text],
                pictures=[],
                alt_texts=[],
                place=self._place(self.delivery.payload["channel_id"]),
                private=True,
                pings=[],
            )
        return self.read(await self.slack.wait_for_message(where=self._belongs, timeout_s=within_s))

    def read(self, message: SlackMessage) -> Ending:
        """What a person sees of a message."""
        # The text above blocks is for notifications and screen readers.
        lines = [] if message.blocks else [message.text]
        for block in message.blocks:
            parts = (block.get("title"), block.get("text"), *block.get("elements", ()))
            lines += [part["text"] for part in parts if part]
        place = self._place(message.channel_id)
        return Ending(
            lines=lines,
            pictures=[file.data for file in message.files],
            alt_texts=[block["alt_text"] for block in message.blocks if block["type"] == "image"],
            place=place,
            private=message.ephemeral_for is not None or place == Place.DM,
            pings=message.pings,
        )

    def _place(self, channel_id: str) -> str:
        typed = self.delivery.payload
        here = channel_id == typed["channel_id"] and not channel_id.startswith("D")
        return f"#{typed['channel_name']}" if here else str(Place.DM)

    def _belongs(self, message: SlackMessage) -> bool:
        payload = (message.metadata or {}).get("event_payload", {})
        ours = str(payload.get("generation", "")).endswith(self.delivery.payload["trigger_id"])
        return ours or any(message is response for response in self.delivery.responses)
