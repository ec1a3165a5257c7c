"""Discord's commands: an interaction in, the core's answer out."""

import discord
from discord import app_commands

from adapters.discord import answers, convert, data, forms, history, settings, suggestions
from adapters.discord.admin import build_group
from adapters.discord.replies import Replies
from adapters.discord.rest import BotRest
from adapters.discord.translator import localised
from adapters.locales import catalogue
from adapters.platform import Services
from bot.model import MAX_SEED
from bot.prompt import MAX_COUNT
from bot.sizes import Tier

Choices = list[app_commands.Choice[str]]


class Tree(app_commands.CommandTree):
    """Every exception of a handler ends in one place."""

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await answers.apologise(interaction, cause)


def build_tree(client: discord.Client, services: Services, replies: Replies, rest: BotRest) -> Tree:
    """The application's commands."""
    commands, actions = services.commands, services.actions
    described = {name: _option(name) for name in catalogue("en").imagine_options}
    tree = Tree(
        client,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )

    @tree.command(name="imagine", description=localised(lambda words: words.imagine))
    @app_commands.describe(**described)
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
        await replies.send(interaction, await commands.imagine(asked))

    @imagine.autocomplete("prompt")
    async def suggest_prompts(interaction: discord.Interaction, typed: str) -> Choices:
        recent = await actions.prompts(convert.person(interaction), typed, limit=suggestions.LOOKED_AT)
        return suggestions.choices(suggestions.prompts(typed, recent))

    @imagine.autocomplete("aspect")
    async def suggest_ratios(_: discord.Interaction, typed: str) -> Choices:
        return suggestions.choices(suggestions.ratios(typed))

    @imagine.autocomplete("size")
    async def suggest_sizes(interaction: discord.Interaction, typed: str) -> Choices:
        words = catalogue(str(interaction.locale))
        names = {tier.value: words.tier(tier) for tier in Tier}
        return suggestions.choices(suggestions.sizes(typed, names=names), names=names)

    @tree.command(name="imagine-history", description=localised(lambda words: words.about_history()))
    @app_commands.describe(page=localised(lambda words: words.about_page()))
    async def look_back(
        interaction: discord.Interaction, page: app_commands.Range[int, 1, history.MOST_PAGES] = 1
    ) -> None:
        await history.show(interaction, actions, page=page, turning=False)

    @tree.context_menu(name=localised(lambda words: words.imagine_this()))
    async def imagine_this(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_modal(forms.imagine(convert.text_of(message), locale=str(interaction.locale)))

    @tree.command(name="quota", description=localised(lambda words: words.quota))
    async def quota(interaction: discord.Interaction) -> None:
        await replies.send(interaction, await commands.quota(convert.person(interaction)))

    tree.add_command(settings.build_group(services.settings))
    tree.add_command(data.build_group(services.data, rest))
    tree.add_command(build_group(services.admin, rest))
    return tree


def _option(name: str) -> app_commands.locale_str:
    return localised(lambda words: words.imagine_options[name])
