"""A private picture, shown to everybody by its person."""

import asyncio
from typing import Final

import discord
import structlog

from adapters.actions import Actions
from adapters.discord import answers, buttons, render
from adapters.discord.buttons import Word
from adapters.discord.faults import faults
from adapters.discord.rest import BotRest
from adapters.gestures import Pressed
from adapters.locales import catalogue
from adapters.responses import Say, Sharing
from adapters.sentences import Mention
from bot.errors import Fault, PlatformBusy, Unreachable

log = structlog.get_logger()

_AT_ONCE: Final = 2
"""Pictures are in memory while they are posted again."""

_TRY_S: Final = 120.0


class Shares:
    """Posts the files of a private message again, in public."""

    def __init__(self, actions: Actions, rest: BotRest) -> None:
        self._actions = actions
        self._rest = rest
        self._hands = asyncio.Semaphore(_AT_ONCE)

    async def share(self, interaction: discord.Interaction, pressed: Pressed) -> None:
        """Take the button away, then post; the button is back where that fails."""
        words, message = catalogue(str(interaction.locale)), interaction.message
        if message is None:
            await answers.say(interaction, words.not_shared())
            return
        sharing = await self._actions.share(pressed)
        if isinstance(sharing, Say):
            await answers.say(interaction, sharing.sentence)
            return
        of = sharing.generation
        try:
            await answers.redraw(interaction, _rows(message))
            async with self._hands:
                await self._post(interaction, message, sharing)
        except Fault as fault:
            log.warning("not shared", generation=of.id, detail=str(fault))
            await self._actions.unshare(of.id)
            await answers.say(interaction, words.not_shared())
            await self._restore(interaction, message)
            return
        except BaseException:
            # Also where the bot is stopped in the middle of it.
            await self._actions.unshare(of.id)
            raise
        async with self._hands:
            await self._log(interaction, message, sharing)
        if not message.flags.ephemeral:
            # It stands somewhere else than where the button was pressed.
            await answers.say(interaction, words.shared_there())

    async def _post(self, interaction: discord.Interaction, message: discord.Message, sharing: Sharing) -> None:
        """From a message that only its person sees, below it; from direct messages, where it was asked for."""
        content = render.sentence(catalogue(str(interaction.locale)).shared_by(Mention(str(interaction.user.id))))
        if not message.flags.ephemeral:
            await self._post_there(message, sharing, content)
            return
        try:
            await _post_below(interaction, message, sharing, content)
        except PlatformBusy:
            # The answer may have been lost, not the post: whoever presses again would post it twice.
            if not await self._stands(interaction):
                raise

    async def _post_there(self, message: discord.Message, sharing: Sharing, content: str) -> None:
        receipt = sharing.generation.receipt
        asked_in = None if receipt is None else receipt.thread or receipt.origin
        if asked_in is None or int(asked_in) == message.channel.id:
            raise Unreachable("nobody else is there")
        with faults():
            async with asyncio.timeout(_TRY_S):
                await self._rest.send(
                    int(asked_in),
                    content=content,
                    embeds=message.embeds,
                    files=await _files(message, sharing),
                    view=_rows(message),
                    # Not the press's own: another press, after a lost answer, posts nothing that stands already.
                    nonce=f"{sharing.generation.id}-share",
                )

    async def _stands(self, interaction: discord.Interaction) -> bool:
        """Whether what this press posted is there, as far as the bot may look."""
        if interaction.channel_id is None:
            return False
        try:
            return await self._rest.standing(interaction.channel_id, interaction_id=interaction.id) is not None
        except Fault as fault:
            log.info("no look-up of a lost answer", interaction=interaction.id, detail=str(fault))
            return False

    async def _log(self, interaction: discord.Interaction, message: discord.Message, sharing: Sharing) -> None:
        """Show the place's log what everybody can see now; where that fails it is shared all the same."""
        if sharing.log_channel is None:
            return
        shared = sharing.generation.id
        # Readers of many languages: the bot's own.
        content = render.sentence(catalogue(None).shared_by(Mention(str(interaction.user.id))))
        try:
            with faults():
                async with asyncio.timeout(_TRY_S):
                    files = await _files(message, sharing)
                    await self._rest.send(
                        int(sharing.log_channel),
                        content=content,
                        embeds=message.embeds,
                        files=files,
                        # The log has had a line about it under another one, maybe just now.
                        nonce=f"{shared}-shown",
                    )
        except Fault as fault:
            log.warning("not in the log channel", generation=shared, channel=sharing.log_channel, detail=str(fault))

    async def _restore(self, interaction: discord.Interaction, message: discord.Message) -> None:
        try:
            with faults():
                await interaction.edit_original_response(view=buttons.as_shown(message))
        except Fault as fault:
            log.info("button stays away", interaction=interaction.id, detail=str(fault))


async def _post_below(
    interaction: discord.Interaction, message: discord.Message, sharing: Sharing, content: str
) -> None:
    with faults():
        async with asyncio.timeout(_TRY_S):
            posted = await interaction.followup.send(
                content,
                embeds=message.embeds,
                files=await _files(message, sharing),
                view=_rows(message),
                allowed_mentions=discord.AllowedMentions.none(),
                wait=True,
            )
            if posted.flags.ephemeral:
                # Where an app that a person brought along may not speak up, Discord makes its posts private.
                await posted.delete()
                raise Unreachable("the server lets nobody else see it")


def _rows(message: discord.Message) -> buttons.Rows:
    return buttons.as_shown(message, but=frozenset({Word.SHARE}))


async def _files(message: discord.Message, sharing: Sharing) -> list[discord.File]:
    """Its files with their alt text, read anew each time, since sending consumes them."""
    if not message.attachments:
        raise Unreachable("the message has no files")
    return [await file.to_file(spoiler=sharing.spoiler or file.is_spoiler()) for file in message.attachments]
