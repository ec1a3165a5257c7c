"""Delivering to Discord from the stored address alone."""

import asyncio
from collections.abc import Sequence
from typing import Final, cast

import aiohttp
import discord
import structlog
from discord import ui
from discord.utils import MISSING

from adapters import captions, text
from adapters.discord import buttons, render
from adapters.discord.convert import Address
from adapters.discord.faults import faults
from adapters.discord.rest import BotRest
from adapters.locales import catalogue
from adapters.sentences import Mention
from adapters.uploads import EVERYWHERE_BYTES, Upload, fitted, smaller, uploads
from bot.errors import PictureTooLarge, Unreachable
from bot.model import Delivery, Generation, Outlook, Reason, Receipt

log = structlog.get_logger()

# discord.py types message ids as numbers, and passes what it is given into the route.
_ORIGINAL: Final = cast("int", "@original")

_PROGRESS_S: Final = 3.0
"""Nobody's picture waits longer for a word that it will soon replace."""

_TRY_S: Final = 120.0
"""Enough for four pictures over a slow line. The library sleeps for as long as a 429 says: an hour, if need be."""


class DiscordCourier:
    """Edits the interaction's own message: idempotent, so a repeated delivery changes nothing.

    Once the interaction's token is dead (15 minutes), a public picture goes to the channel as the bot, mentioning the
    requester alone, or else to their direct messages; a private one only ever to their direct messages.
    """

    def __init__(self, *, session: aiohttp.ClientSession, rest: BotRest) -> None:
        self._session = session
        self._rest = rest

    async def deliver(self, delivery: Delivery) -> Receipt:
        address = Address.from_json(delivery.generation.address)
        files, shrunk = await fitted(uploads(delivery), max_bytes=address.max_file_bytes, kind="WEBP")
        try:
            return await self._send(delivery, address, files, shrunk=shrunk)
        except PictureTooLarge:
            # The limit that came with the command may promise more than the place keeps.
            return await self._send(delivery, address, await smaller(files, kind="WEBP"), shrunk=True)

    async def log(self, delivery: Delivery) -> None:
        if delivery.log_channel is None:
            return
        generation = delivery.generation
        address = Address.from_json(generation.address)
        # Readers of many languages: the bot's own, as for a public picture of nobody's.
        content = render.sentence(text.logged(delivery, Mention(str(address.user_id)), locale=None))
        # A nonce of its own: the picture may have been posted under the other one just now.
        channel_id, nonce = int(delivery.log_channel), f"{generation.id}-log"
        if generation.request.private:
            await self._rest.send(channel_id, content=content, nonce=nonce)
            return
        files, shrunk = await fitted(uploads(delivery), max_bytes=EVERYWHERE_BYTES, kind="WEBP")
        await self._rest.send(
            channel_id,
            content=content,
            embeds=[_embed(delivery, shrunk=shrunk, locale=None)],
            files=render.files(files, spoiler=delivery.spoiler),
            nonce=nonce,
        )

    async def tell(self, generation: Generation, reason: Reason) -> None:
        address = Address.from_json(generation.address)
        content = render.sentence(text.ended(generation, reason, locale=address.locale))
        try:
            await self._edit(address, content=content, embeds=[], attachments=[], view=None)
        except Unreachable:
            await self._rest.send_dm(address.user_id, content=content, nonce=generation.id)

    async def progress(self, generation: Generation, outlook: Outlook | None) -> None:
        address = Address.from_json(generation.address)
        words = catalogue(address.locale)
        sentence = words.drawing_now() if outlook is None else words.waiting(outlook)
        view = None if outlook is None else buttons.waiting(generation.id, locale=address.locale)
        # These two fields alone: whatever comes late, it takes no picture away.
        await self._edit(address, content=render.sentence(sentence), view=view, within_s=_PROGRESS_S)

    async def _send(self, delivery: Delivery, address: Address, files: Sequence[Upload], *, shrunk: bool) -> Receipt:
        generation = delivery.generation
        view = _buttons(delivery, address)
        try:
            embed = _embed(delivery, shrunk=shrunk, locale=address.locale)
            message = await self._edit(
                address,
                content=None,
                embeds=[embed],
                attachments=render.files(files, spoiler=delivery.spoiler),
                view=view,
            )
        except Unreachable as lost:
            log.info("interaction is gone", generation=generation.id, detail=str(lost))
        else:
            return _receipt(message, address)
        if address.channel_id is not None and not generation.request.private:
            if generation.attempt > 1:
                stands = await self._stands(generation, address, address.channel_id)
                if stands is not None:
                    return _receipt(stands, address)
            try:
                message = await self._rest.send(
                    address.channel_id,
                    content=f"<@{address.user_id}>",
                    ping=address.user_id,
                    embeds=[_embed(delivery, shrunk=shrunk, locale=address.locale)],
                    files=render.files(files, spoiler=delivery.spoiler),
                    view=view,
                    nonce=generation.id,
                )
            except Unreachable as lost:
                log.info("channel is closed", generation=generation.id, detail=str(lost))
            else:
                return _receipt(message, address)
        message = await self._rest.send_dm(
            address.user_id,
            embed=_embed(delivery, shrunk=shrunk, elsewhere=not generation.request.private, locale=address.locale),
            files=render.files(files, spoiler=delivery.spoiler),
            view=view,
            nonce=generation.id,
        )
        return _receipt(message, address)

    async def _stands(self, generation: Generation, address: Address, channel_id: int) -> discord.Message | None:
        """What an earlier run's edit left, though its token is dead by now, as far as the bot may look."""
        interaction_id = address.interaction_id or int(generation.id.rpartition(":")[2])
        try:
            return await self._rest.standing(channel_id, interaction_id=interaction_id)
        except Unreachable as closed:
            log.info("no look-up of a lost answer", generation=generation.id, detail=str(closed))
            return None

    async def _edit(
        self,
        address: Address,
        *,
        content: str | None,
        embeds: list[discord.Embed] = MISSING,
        attachments: list[discord.File] = MISSING,
        view: ui.View | None,
        within_s: float | None = None,
    ) -> discord.Message:
        webhook = discord.Webhook.partial(address.application_id, address.token, session=self._session)
        with faults():
            async with asyncio.timeout(within_s or _TRY_S):
                return await webhook.edit_message(
                    _ORIGINAL,
                    content=content,
                    embeds=embeds,
                    attachments=attachments,
                    view=view,
                    allowed_mentions=discord.AllowedMentions.none(),
                )


def _embed(delivery: Delivery, *, shrunk: bool, elsewhere: bool = False, locale: str | None) -> discord.Embed:
    notes = captions.notes(delivery, shrunk=shrunk, elsewhere=elsewhere, locale=locale)
    return render.embed(delivery, notes, locale=locale)


def _buttons(delivery: Delivery, address: Address) -> buttons.Rows:
    return buttons.result(
        delivery.generation,
        drawn=[picture.n for picture in delivery.pictures],
        shareable=not address.direct,
        locale=address.locale,
    )


def _receipt(message: discord.Message, address: Address) -> Receipt:
    """A message of direct messages is in no server; one that only its person sees can be opened by no link."""
    channel_id = message.channel.id
    guild = address.guild_id if channel_id == address.channel_id and address.guild_id is not None else "@me"
    link = None if message.flags.ephemeral else f"https://discord.com/channels/{guild}/{channel_id}/{message.id}"
    asked_in = None if address.channel_id is None else str(address.channel_id)
    return Receipt(
        channel=str(channel_id),
        message=str(message.id),
        link=link,
        origin=asked_in if address.parent_id is None else str(address.parent_id),
        thread=None if address.parent_id is None else asked_in,
    )
