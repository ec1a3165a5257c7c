"""Posting as the bot itself, for when an interaction's own way back is gone."""

import asyncio
from collections.abc import Sequence
from typing import Final

import discord
from discord import ui
from discord.utils import MISSING
from pydantic import SecretStr

from adapters.discord.faults import faults
from bot.errors import Unreachable

_SOON_AFTER: Final = 100


class BotRest:
    """Discord's REST with the bot's token, without a gateway; logs in when it is first needed."""

    def __init__(self, *, token: SecretStr) -> None:
        self._token = token
        self._client: discord.Client | None = None
        self._login = asyncio.Lock()

    async def send(
        self,
        channel_id: int,
        *,
        content: str,
        embeds: Sequence[discord.Embed] = (),
        files: Sequence[discord.File] = (),
        view: ui.View = MISSING,
        nonce: str,
        ping: int | None = None,
    ) -> discord.Message:
        """Post to a channel; of those whom `content` mentions, `ping` alone hears of it."""
        users = [] if ping is None else [discord.Object(ping)]
        with faults():
            client = await self._logged_in()
            return await client.get_partial_messageable(channel_id).send(
                content=content,
                embeds=embeds,
                files=files,
                view=view,
                nonce=_nonce(nonce),
                allowed_mentions=discord.AllowedMentions(everyone=False, roles=False, users=users),
            )

    async def send_dm(
        self,
        user_id: int,
        *,
        content: str | None = None,
        embed: discord.Embed = MISSING,
        files: Sequence[discord.File] = (),
        view: ui.View = MISSING,
        nonce: str,
    ) -> discord.Message:
        """Write to a person alone."""
        with faults():
            client = await self._logged_in()
            channel = await client.create_dm(discord.Object(user_id))
            return await channel.send(
                content=content,
                embed=embed,
                files=list(files),
                view=view,
                nonce=_nonce(nonce),
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def name_of(self, user_id: int) -> str:
        """What somebody is called on Discord; their id where nobody has it any more."""
        try:
            with faults():
                user = await (await self._logged_in()).fetch_user(user_id)
        except Unreachable:
            return str(user_id)
        return user.display_name

    async def standing(self, channel_id: int, *, interaction_id: int) -> discord.Message | None:
        """The interaction's own message if it shows a result; None also where the bot may not read the channel."""
        with faults():
            client = await self._logged_in()
            # The message got its id with the first answer, so it is among the first after the interaction.
            history = client.get_partial_messageable(channel_id).history(
                after=discord.Object(interaction_id), limit=_SOON_AFTER, oldest_first=True
            )
            async for message in history:
                if message.interaction_metadata is not None and message.interaction_metadata.id == interaction_id:
                    return message if message.embeds else None
        return None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()

    async def _logged_in(self) -> discord.Client:
        async with self._login:
            if self._client is None:
                # A pause longer than this is for the core to wait for, up to the command's deadline.
                client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30.0)
                try:
                    await client.login(self._token.get_secret_value())
                except BaseException:
                    # A second login would leave the connections of the first one behind.
                    await client.close()
                    raise
                self._client = client
            return self._client


def _nonce(key: str) -> str:
    """Discord drops a second message with the same nonce (25 characters) for some minutes: a lost answer's repeat."""
    return key.rpartition(":")[2][-25:]
