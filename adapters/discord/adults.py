"""Whether only adults come to where something was typed."""

import asyncio
from functools import partial
from typing import Final

import discord
import structlog

from adapters.discord.faults import faults
from adapters.gestures import AgeRestricted
from bot.errors import Fault

log = structlog.get_logger()

_LOOK_S: Final = 0.7
"""Of the 3 s that an answer has: whoever types waits for the database, too."""


def age_restricted(interaction: discord.Interaction) -> AgeRestricted:
    """Discord says so of a channel. Of a thread it says nothing: the channel that it hangs on has to be looked up."""
    place = interaction.channel
    if isinstance(place, discord.Thread):
        return partial(_look_up, interaction.client, place.parent_id)
    return _says(place)


async def _look_up(client: discord.Client, channel_id: int) -> bool:
    """False also where Discord does not answer: in doubt nothing is drawn, and nothing charged."""
    try:
        with faults():
            async with asyncio.timeout(_LOOK_S):
                return _says(await client.fetch_channel(channel_id))
    except Fault as fault:
        log.warning("channel not looked up", channel=channel_id, detail=str(fault))
        return False


def _says(place: object) -> bool:
    return isinstance(place, discord.abc.GuildChannel) and getattr(place, "is_nsfw", bool)()
