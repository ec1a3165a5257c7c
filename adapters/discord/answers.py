"""The first answer to an interaction: within 3 s, and lost now and then without having failed."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import aiohttp
import discord
import structlog
from discord import ui
from discord.utils import MISSING

from adapters import text
from adapters.discord import render
from adapters.discord.faults import faults
from adapters.locales import catalogue
from adapters.responses import Answer, Attachment, Silence
from adapters.sentences import Sentence
from bot.errors import Fault

log = structlog.get_logger()

_UNKNOWN_MESSAGE: Final = 10008
_UNKNOWN_INTERACTION: Final = 10062
_UNKNOWN_WEBHOOK: Final = 10015
_ALREADY_ACKNOWLEDGED: Final = 40060

_TRY_S: Final = 3.0
"""An answer counts for 3 s; discord.py would go on for half a minute after a 500, and for ever after nothing at all."""


async def defer(
    interaction: discord.Interaction, sentence: Callable[[], Awaitable[Sentence]], *, private: bool
) -> bool:
    """Show "thinking …"; False only if Discord says twice that it does not know the interaction.

    A defer that fails may have arrived all the same: it is tried once more, and then an edit of its message tells
    `sentence`.
    """
    for _ in range(2):
        try:
            async with asyncio.timeout(_TRY_S):
                await interaction.response.defer(ephemeral=private, thinking=True)
        except discord.HTTPException as error:
            if error.code == _ALREADY_ACKNOWLEDGED:
                return True
            log.warning("defer failed", interaction=interaction.id, status=error.status, code=error.code)
            if error.code == _UNKNOWN_INTERACTION:
                break
        except Exception as error:  # noqa: BLE001 - a stranded row would be worse than any of them
            # Whatever else went wrong on the way, the answer may have been lost and not the defer.
            log.warning("defer failed", interaction=interaction.id, error=type(error).__name__)
        else:
            return True
    try:
        async with asyncio.timeout(_TRY_S):
            await interaction.edit_original_response(
                content=render.sentence(await sentence()), allowed_mentions=discord.AllowedMentions.none()
            )
    except discord.HTTPException as error:
        log.warning("answer failed", interaction=interaction.id, status=error.status, code=error.code)
        return error.code not in (_UNKNOWN_INTERACTION, _UNKNOWN_WEBHOOK)
    except Exception as error:  # noqa: BLE001 - the same
        log.warning("answer failed", interaction=interaction.id, error=type(error).__name__)
    return True


async def _working() -> Sentence:
    return ("…",)


async def say(interaction: discord.Interaction, sentence: Sentence, *, view: ui.View = MISSING) -> None:
    """Tell the person alone. What is lost on the way is said once more; that it was said already is as good."""
    content = render.sentence(sentence)
    if interaction.response.is_done():
        await interaction.followup.send(content, view=view, ephemeral=True)
        return
    try:
        await interaction.response.send_message(content, view=view, ephemeral=True)
    except (aiohttp.ClientError, OSError) as error:
        log.warning("answer failed", interaction=interaction.id, error=type(error).__name__)
        try:
            await interaction.response.send_message(content, view=view, ephemeral=True)
        except discord.HTTPException as refused:
            if refused.code != _ALREADY_ACKNOWLEDGED:
                raise


async def replace(interaction: discord.Interaction, sentence: Sentence, *, view: ui.View | None = None) -> bool:
    """Put a sentence in the place of the message that was pressed, and `view` below it; whether that got through."""
    try:
        with faults():
            async with asyncio.timeout(_TRY_S):
                await interaction.response.edit_message(content=render.sentence(sentence), view=view)
    except Fault as fault:
        log.warning("answer failed", interaction=interaction.id, detail=str(fault))
        return False
    return True


async def redraw(interaction: discord.Interaction, view: ui.View) -> None:
    """Give the message that was pressed other buttons."""
    with faults():
        async with asyncio.timeout(_TRY_S):
            await interaction.response.edit_message(view=view)


async def remove(interaction: discord.Interaction) -> bool:
    """Delete the message that was pressed; False if it stays. One that is gone already is what was wanted."""
    try:
        async with asyncio.timeout(_TRY_S):
            await interaction.response.defer()
            await interaction.delete_original_response()
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_MESSAGE:
            return True
        log.warning("not deleted", interaction=interaction.id, status=error.status, code=error.code)
        return False
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("not deleted", interaction=interaction.id, error=type(error).__name__)
        return False
    return True


async def at_leisure(
    interaction: discord.Interaction,
    doing: Callable[[], Awaitable[Answer | Silence]],
    *,
    audited: bool = True,
) -> None:
    """Tell the person alone what comes of `doing`, which may take longer than Discord waits for a first answer.

    `audited`: after a defect of ours, the audit shows whether it was done.
    """
    if not await defer(interaction, _working, private=True):
        return
    try:
        answer = await doing()
    except Exception:
        reference = text.reference()
        log.exception("handler failed", reference=reference, interaction=interaction.id)
        locale = str(interaction.locale)
        admin_failed = catalogue(locale).admin_failed(reference=reference)
        answer = Answer(sentence=admin_failed if audited else text.failed(reference, locale=locale), done=False)
    if isinstance(answer, Silence):
        return
    await interaction.edit_original_response(
        content=render.sentence(answer.sentence),
        attachments=attached(answer.files),
        allowed_mentions=discord.AllowedMentions.none(),
    )


def attached(files: Iterable[Attachment]) -> list[discord.File]:
    """Files as the library sends them, once."""
    return [discord.File(io.BytesIO(file.data), filename=file.filename, description=file.alt_text) for file in files]


async def apologise(interaction: discord.Interaction, error: Exception) -> None:
    """A defect of ours: logged once, under a reference that the person sees too.

    That an answer came too late, or twice, is none: Discord takes no other then.
    """
    if _is_settled(error):
        log.warning("answer failed", interaction=interaction.id, detail=str(error))
        return
    reference = text.reference()
    log.error("handler failed", reference=reference, interaction=interaction.id, exc_info=error)
    try:
        await say(interaction, text.failed(reference, locale=str(interaction.locale)))
    except (discord.DiscordException, aiohttp.ClientError, OSError) as lost:
        log.warning("answer failed", reference=reference, error=type(lost).__name__)


def _is_settled(error: Exception) -> bool:
    cause = error if isinstance(error, discord.HTTPException) else error.__cause__
    return isinstance(cause, discord.HTTPException) and cause.code in (_UNKNOWN_INTERACTION, _ALREADY_ACKNOWLEDGED)
