"""What a person sees on Discord's stand-in, and the forms that open there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.discord import DiscordSandbox, InputRefusedError, Interaction, Message, Modal, User
from sandbox.discord.components import BUTTON, LINK_STYLE, walk
from sandbox.discord.selects import STRING_SELECT
from sandbox.stage.protocols import Ending, Field, InputRefused, Place, Watch
from sandbox.stage.watch import ScreenWatch


def read(discord: DiscordSandbox, message: Message) -> Ending:
    """What a person sees of a message."""
    lines = [message.content]
    for embed in message.embeds:
        lines += [embed.get("description", ""), embed.get("footer", {}).get("text", "")]
    channel = discord.channel_of(message)
    pictures = [file for file in message.attachments if file.width is not None]
    rows = [[part for _, part in walk([row])] for row in message.components]
    buttons = [[part for part in row if part["type"] == BUTTON] for row in rows]
    named = channel.guild is not None
    return Ending(
        lines=[line for line in lines if line],
        pictures=[file.data for file in pictures],
        alt_texts=[file.description or "" for file in pictures],
        place=f"#{channel.name}" if named else str(Place.GROUP if channel.people else Place.DM),
        private=message.ephemeral or not named,
        pings=[str(user) for user in message.mentions],
        files={file.filename: file.data for file in message.attachments if file not in pictures},
        rows=tuple(tuple(part["label"] for part in row) for row in buttons if row),
        links={part["label"]: part["url"] for row in buttons for part in row if part["style"] == LINK_STYLE},
        fields={part["placeholder"]: _field(part) for row in rows for part in row if part["type"] == STRING_SELECT},
        spoilers=sum(file.filename.startswith("SPOILER_") for file in pictures),
        in_thread=channel.parent is not None,
        at=message.id,
    )


@dataclass(frozen=True, slots=True)
class DiscordScreen:
    """One person's."""

    discord: DiscordSandbox
    user: User

    def seen(self) -> dict[str, Ending]:
        """Every message that they can read."""
        return {str(one.id): read(self.discord, one) for one in self.discord.messages if self._sees(one)}

    async def until(self, look: Callable[[], Ending | bool | None], *, within_s: float) -> None:
        """Look at each change."""
        await self.discord.wait_until(look, timeout_s=within_s)

    def _sees(self, message: Message) -> bool:
        recipient = self.discord.channel_of(message).recipient
        return recipient in (None, self.user) and not (message.ephemeral and message.invoked_by is not self.user)


def watch(discord: DiscordSandbox, user: User) -> ScreenWatch:
    """What a person sees change from now on."""
    return ScreenWatch(DiscordScreen(discord, user))


async def watch_of(discord: DiscordSandbox, user: User, gesture: Callable[[], Any]) -> ScreenWatch:
    """What comes of a gesture, which makes an interaction."""
    made: list[Interaction] = []

    async def form() -> "DiscordForm":
        return DiscordForm(discord, made[0], await made[0].wait_for_modal())

    watching = ScreenWatch(DiscordScreen(discord, user), form)
    try:
        made.append(await gesture())
    except InputRefusedError as refusal:
        raise InputRefused(str(refusal)) from refusal
    return watching


@dataclass(frozen=True, slots=True)
class DiscordForm:
    """A modal."""

    discord: DiscordSandbox
    interaction: Interaction
    modal: Modal

    @property
    def title(self) -> str:
        return self.modal.title

    @property
    def fields(self) -> dict[str, Field]:
        return {label: _field(item) for label, item in self._labelled().items()}

    @property
    def shown(self) -> Modal:
        return self.modal

    async def submit(self, values: Mapping[str, str]) -> Watch:
        ids = {label: item["custom_id"] for label, item in self._labelled().items()}
        filled = {ids[label]: value for label, value in values.items()}
        return await watch_of(
            self.discord, self.interaction.user, lambda: self.discord.submit(self.interaction, filled)
        )

    def _labelled(self) -> dict[str, dict[str, Any]]:
        return {part["label"]: part["component"] for part in self.modal.components if "component" in part}


def _field(item: Mapping[str, Any]) -> Field:
    if item["type"] != STRING_SELECT:
        return Field(value=item.get("value") or "")
    chosen = [option["label"] for option in item["options"] if option.get("default")]
    return Field(value=", ".join(chosen), options=tuple(option["label"] for option in item["options"]))
