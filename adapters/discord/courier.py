"""Delivering to Discord from the stored address alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final, cast

import aiohttp
import discord

from adapters import text
from adapters.discord import render
from adapters.discord.convert import Address
from bot.errors import PictureTooLarge, PlatformBusy, Unreachable
from bot.model import Delivery, Generation, Reason

_ENTITY_TOO_LARGE: Final = 40005

# discord.py types message ids as numbers, and passes what it is given into the route.
_ORIGINAL: Final = cast("int", "@original")


class DiscordCourier:
    """Edits the interaction's own message: idempotent, so a repeated delivery changes nothing."""

    def __init__(self, *, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: Delivery) -> None:
        address = Address.from_json(delivery.generation.address)
        with faults():
            await self._webhook(address).edit_message(
                _ORIGINAL,
                content=None,
                embeds=render.embeds(delivery, locale=address.locale),
                attachments=render.files(delivery),
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def tell(self, generation: Generation, reason: Reason) -> None:
        address = Address.from_json(generation.address)
        sentence = text.ended(generation, reason, locale=address.locale)
        with faults():
            await self._webhook(address).edit_message(
                _ORIGINAL,
                content=render.sentence(sentence),
                embeds=[],
                attachments=[],
                allowed_mentions=discord.AllowedMentions.none(),
            )

    def _webhook(self, address: Address) -> discord.Webhook:
        return discord.Webhook.partial(address.application_id, address.token, session=self._session)


@contextmanager
def faults() -> Iterator[None]:
    """Turn what discord.py and aiohttp raise into our faults, told apart by whether another try may help."""
    try:
        yield
    except discord.HTTPException as error:
        detail = f"Discord answered {error.status} (code {error.code})"
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == _ENTITY_TOO_LARGE:
            raise PictureTooLarge(detail, status=error.status) from error
        if error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformBusy(detail, status=error.status) from error
        raise Unreachable(detail, status=error.status, code=str(error.code)) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise PlatformBusy(f"no answer from Discord ({type(error).__name__})") from error
