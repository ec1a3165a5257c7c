"""Discord's interactions to the core's values."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import discord

from adapters.admin import Found
from adapters.commands import IMAGINE
from adapters.discord.adults import age_restricted
from adapters.gestures import Asked, Person, Pressed
from bot.admin import Actor
from bot.model import GenerationId, Space
from bot.rules import NOWHERE, local_id, person_of, role_of

_EMOJI: Final = re.compile(r"<a?:(\w+):\d+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an interaction's answer goes. The token is its own credential, dead after 15 minutes: a secret."""

    application_id: int
    token: str
    guild_id: int | None
    channel_id: int | None
    user_id: int
    locale: str
    max_file_bytes: int
    interaction_id: int | None = None
    """Where that is another one than the generation's: a draft is drawn by a press."""
    direct: bool = False
    """In direct messages with the bot: nobody else is there."""
    parent_id: int | None = None
    """Where `channel_id` is a thread: the channel that it hangs on."""

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        return cls(**fields)


def person(interaction: discord.Interaction) -> Person:
    """Who is charged: per server where the app is installed in it, else the user themself, without a pool."""
    in_guild = interaction.guild_id is not None and interaction.is_guild_integration()
    space = Space(f"discord:{interaction.guild_id}") if in_guild else None
    return Person(
        account=person_of(space or NOWHERE, str(interaction.user.id)),
        space=space,
        locale=str(interaction.locale),
        roles=_roles(interaction.user, space),
    )


def actor(interaction: discord.Interaction) -> Actor:
    """Who gives an admin command, with what Discord lets them do here: that comes with each interaction."""
    giver, permissions = person(interaction), interaction.permissions
    return Actor(
        id=f"discord:{interaction.user.id}",
        account=giver.account,
        space=giver.space,
        manages=permissions.manage_guild or permissions.administrator,
        keys=frozenset(local_id(role) for role in giver.roles),
    )


def found(picked: discord.Member | discord.User, space: Space) -> Found:
    """Somebody who was picked in a command's field."""
    return Found(id=str(picked.id), roles=_roles(picked, space), is_bot=picked.bot)


def _roles(who: discord.Member | discord.User, space: Space | None) -> tuple[str, ...]:
    """The subjects of a member's roles. The public `roles` asks a cache of the guild that this bot does without."""
    if space is None or not isinstance(who, discord.Member):
        return ()
    return tuple(role_of(space, str(role)) for role in who._roles)  # noqa: SLF001 - the ids as they came


def asked(interaction: discord.Interaction, prompt: str, **options: str | int | bool | None) -> Asked:
    """An `/imagine`, with the options that were filled in."""
    return Asked(
        id=GenerationId(f"discord:{interaction.id}"),
        person=person(interaction),
        line=prompt,
        command=IMAGINE,
        private_by_dm=False,
        address=asdict(address(interaction)),
        typed=_typed(options),
        channel=channel(interaction),
        age_restricted=age_restricted(interaction),
    )


def pressed(interaction: discord.Interaction, target: GenerationId) -> Pressed:
    """A button of `target`'s."""
    return Pressed(
        id=GenerationId(f"discord:{interaction.id}"),
        person=person(interaction),
        private_by_dm=False,
        address=asdict(address(interaction)),
        channel=channel(interaction),
        age_restricted=age_restricted(interaction),
        target=target,
        moderates=interaction.permissions.manage_messages or interaction.permissions.administrator,
    )


def text_of(message: discord.Message) -> str:
    """What a message says, with names in the place of mentions and of emoji that only Discord draws.

    One without words says what its embed does, or its picture's alt text. Of a bot's picture that goes first: above
    the bot's own pictures stands only whom they are for.
    """
    shown: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    words = [message.clean_content, *(forwarded.content for forwarded in message.message_snapshots)]
    embeds = ["\n".join(filter(None, [embed.title, embed.description])) for one in shown for embed in one.embeds]
    pictures = [file.description or "" for one in shown for file in one.attachments]
    texts = [*pictures, *words, *embeds] if message.author.bot else [*words, *embeds, *pictures]
    return _EMOJI.sub(r"\1", next(filter(str.strip, texts), ""))


def channel(interaction: discord.Interaction) -> str | None:
    """Where it was typed; of a thread the channel that it hangs on, whose rules are the thread's."""
    place = interaction.channel
    if isinstance(place, discord.Thread):
        return str(place.parent_id)
    return None if place is None else str(place.id)


def address(interaction: discord.Interaction) -> Address:
    """All that a courier needs once this process is gone."""
    return Address(
        application_id=interaction.application_id,
        token=interaction.token,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        user_id=interaction.user.id,
        locale=str(interaction.locale),
        max_file_bytes=interaction.filesize_limit,
        interaction_id=interaction.id,
        direct=isinstance(interaction.channel, discord.DMChannel),
        parent_id=interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else None,
    )


def _typed(options: dict[str, str | int | bool | None]) -> dict[str, str]:
    typed = {}
    for name, value in options.items():
        if value is None:
            continue
        if name == "extend":
            typed["extend" if value else "raw"] = ""
        elif isinstance(value, bool):
            # "private: no" takes a default back; it does not publish what the line says is private.
            typed[name if value else "public"] = ""
        else:
            typed[name] = str(value)
    return typed
