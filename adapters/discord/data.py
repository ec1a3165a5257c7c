"""`/imagine-data` on Discord: the file comes as a direct message, and nothing is erased without a press."""

import discord
import structlog
from discord import app_commands

from adapters.data import IMAGINE_DATA, DataAsked, DataCommands
from adapters.discord import answers, buttons, convert, render
from adapters.discord.rest import BotRest
from adapters.discord.translator import localised
from adapters.locales import catalogue
from adapters.responses import Answer
from bot.errors import Fault, Unreachable

log = structlog.get_logger()


def build_group(commands: DataCommands, rest: BotRest) -> app_commands.Group:
    """The commands, wherever people are."""
    group = app_commands.Group(
        name=IMAGINE_DATA.removeprefix("/"), description=localised(lambda words: words.imagine_data)
    )

    @group.command(name="export", description=localised(lambda words: words.about_export()))
    async def export(interaction: discord.Interaction) -> None:
        await answers.at_leisure(interaction, lambda: _export(interaction, commands, rest), audited=False)

    @group.command(name="erase", description=localised(lambda words: words.about_erase()))
    async def erase(interaction: discord.Interaction) -> None:
        answer = await commands.run(DataAsked(person=convert.person(interaction), line="erase"))
        await answers.say(interaction, answer.sentence, view=buttons.erasing(locale=str(interaction.locale)))

    return group


async def erase(interaction: discord.Interaction, commands: DataCommands) -> None:
    """The button was pressed: what comes of it stands in the place of the question."""
    await interaction.response.defer()
    answer = await commands.erase_confirmed(convert.person(interaction))
    await interaction.edit_original_response(content=render.sentence(answer.sentence), view=None)


async def _export(interaction: discord.Interaction, commands: DataCommands, rest: BotRest) -> Answer:
    words = catalogue(str(interaction.locale))
    answer = await commands.run(DataAsked(person=convert.person(interaction), line="export"))
    if answer.files:
        try:
            await rest.send_dm(
                interaction.user.id, files=answers.attached(answer.files), nonce=f"discord:{interaction.id}"
            )
        except Fault as fault:
            log.warning("data not sent", interaction=interaction.id, detail=str(fault))
            # What Discord refuses to bring, the person has closed their direct messages to.
            lost = words.data_not_taken() if isinstance(fault, Unreachable) else words.data_not_sent()
            return Answer(sentence=lost, done=False)
    return Answer(sentence=answer.sentence)
