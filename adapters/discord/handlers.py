"""Discord's commands: an interaction in, the core's answer out."""

from typing import assert_never

import discord
from discord import app_commands

from adapters.commands import Commands, Confirm, Drawing, Reply, Say, Silence
from adapters.discord import answers, convert
from adapters.discord.admin import build_group
from adapters.discord.rest import BotRest
from adapters.discord.translator import localised
from adapters.locales import catalogue
from adapters.platform import Services
from bot.model import MAX_SEED
from bot.prompt import MAX_COUNT
from bot.sizes import RATIOS, Tier


class Tree(app_commands.CommandTree):
    """Every exception of a handler ends in one place."""

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await answers.apologise(interaction, cause)


def build_tree(client: discord.Client, services: Services, rest: BotRest) -> Tree:
    """The application's commands."""
    commands = services.commands
    described = {name: _option(name) for name in catalogue("en").imagine_options}
    tree = Tree(
        client,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )

    @tree.command(name="imagine", description=localised(lambda words: words.imagine))
    @app_commands.describe(**described)
    @app_commands.choices(
        aspect=[app_commands.Choice(name=ratio, value=ratio) for ratio in RATIOS],
        size=[app_commands.Choice(name=_tier(tier), value=tier) for tier in Tier],
    )
    async def imagine(
        interaction: discord.Interaction,
        prompt: str,
        aspect: str | None = None,
        size: str | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        n: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        private: bool | None = None,
        extend: bool | None = None,
    ) -> None:
        asked = convert.asked(interaction, prompt, ar=aspect, size=size, seed=seed, n=n, private=private, extend=extend)
        await _answer(interaction, commands, await commands.imagine(asked))

    @tree.command(name="quota", description=localised(lambda words: words.quota))
    async def quota(interaction: discord.Interaction) -> None:
        await _answer(interaction, commands, await commands.quota(convert.person(interaction)))

    tree.add_command(build_group(services.admin, rest))
    return tree


def _option(name: str) -> app_commands.locale_str:
    return localised(lambda words: words.imagine_options[name])


def _tier(tier: Tier) -> app_commands.locale_str:
    return localised(lambda words: words.tier(tier))


async def _answer(interaction: discord.Interaction, commands: Commands, reply: Reply) -> None:
    match reply:
        case Drawing(id=id, account=account, sentence=sentence, private=private):
            if await answers.defer(interaction, sentence, private=private):
                commands.start(id, account)
            else:
                commands.abandon(id)
        case Say(sentence=sentence) | Confirm(sentence=sentence):
            await answers.say(interaction, sentence)
        case Silence():
            pass
        case _:
            assert_never(reply)
