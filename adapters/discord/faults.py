"""What discord.py and aiohttp raise, as our faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import aiohttp
import discord

from bot.errors import OperatorNeeded, PictureTooLarge, PlatformBusy, Unreachable

_ENTITY_TOO_LARGE: Final = 40005


@contextmanager
def faults() -> Iterator[None]:
    """Turn a failed call into a fault, told apart by whether another try may help."""
    try:
        yield
    except discord.LoginFailure as error:
        raise OperatorNeeded("Discord refuses the bot's token") from error
    except discord.HTTPException as error:
        detail = f"Discord answered {error.status} (code {error.code})"
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == _ENTITY_TOO_LARGE:
            raise PictureTooLarge(detail, status=error.status) from error
        if error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformBusy(detail, status=error.status, retry_after_s=_retry_after_s(error)) from error
        raise Unreachable(detail, status=error.status, code=str(error.code)) from error
    except discord.RateLimited as error:
        raise PlatformBusy("Discord asks for a long pause", retry_after_s=error.retry_after) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise PlatformBusy(f"no answer from Discord ({type(error).__name__})") from error


def _retry_after_s(error: discord.HTTPException) -> float | None:
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
