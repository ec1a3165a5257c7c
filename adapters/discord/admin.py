"""`/quota-admin` on Discord: a group of typed subcommands, made from the words that all platforms share."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from inspect import Parameter, Signature
from typing import Any, Final

import discord
import structlog
from discord import app_commands

from adapters.admin import QUOTA_ADMIN, AdminAsked, AdminCommands, Found
from adapters.discord import answers, convert
from adapters.discord.rest import BotRest
from adapters.discord.translator import localised
from bot.model import Account
from bot.rules import is_erased, local_id
from bot.vocabulary import FORMS, MOST_DAYS, MOST_PAGES, Argument, Said, Word, checked

# Numbers that may also be words are text with suggestions; the others are checked by Discord before they are sent.
_TYPES: Final[Mapping[Argument, Any]] = {
    Argument.PERSON: discord.Member | discord.User,
    Argument.ROLE: discord.Role,
    Argument.AMOUNT: str,
    Argument.CREDITS: str,
    Argument.EXPIRES: str,
    Argument.REASON: str,
    Argument.DAYS: app_commands.Range[int, 1, MOST_DAYS],
    Argument.PAGE: app_commands.Range[int, 1, MOST_PAGES],
    Argument.EVERYTHING: bool,
}
_SUGGESTED: Final[Mapping[Argument, tuple[str, ...]]] = {
    Argument.AMOUNT: ("unlimited", "default", "10", "20", "50", "100"),
    Argument.CREDITS: ("5", "10", "20", "50"),
    Argument.EXPIRES: ("7d", "30d", "90d"),
}

log = structlog.get_logger()

Run = Callable[[discord.Interaction, Word, Mapping[str, Any]], Awaitable[None]]
Suggest = Callable[[discord.Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


class Picked:
    """Who was picked in a command's fields: Discord has looked them up already."""

    def __init__(self, rest: BotRest, people: Iterable[Found] = ()) -> None:
        self._rest = rest
        self._people = {person.id: person for person in people}

    async def person(self, text: str) -> Found | None:
        return self._people.get(text)

    async def role(self, text: str) -> str | None:
        # Discord offers the server's own roles alone, and refuses the id of another.
        return text

    async def names(self, accounts: Iterable[Account]) -> Mapping[Account, str]:
        ours = [account for account in accounts if account.startswith("discord:") and not is_erased(account)]
        return {account: await self._rest.name_of(int(local_id(account))) for account in ours}


def build_group(commands: AdminCommands, rest: BotRest) -> app_commands.Group:
    """`/quota-admin`. Discord shows it to those who manage the server; the core checks that again."""
    group = app_commands.Group(
        name=QUOTA_ADMIN.removeprefix("/"),
        description=localised(lambda words: words.quota_admin),
        default_permissions=discord.Permissions(manage_guild=True),
        # What is not denied here is taken from the tree, which allows it.
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    async def run(interaction: discord.Interaction, word: Word, typed: Mapping[str, Any]) -> None:
        asked, said = _asked(interaction, rest, word, typed)
        await answers.at_leisure(interaction, lambda: commands.run(asked, said))

    for word in Word:
        group.add_command(_subcommand(word, run))
    return group


def _subcommand(word: Word, run: Run) -> "app_commands.Command[Any, ..., None]":
    """One word as discord.py knows it: a function whose parameters are the options."""
    form = FORMS[word]
    arguments = (*form.needs, *form.takes)

    async def handler(interaction: discord.Interaction, **typed: Any) -> None:
        await run(interaction, word, typed)

    parameters = [Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [_parameter(argument, required=argument in form.needs) for argument in arguments]
    handler.__signature__ = Signature(parameters)  # type: ignore[attr-defined] # where discord.py reads options
    described = app_commands.describe(**{argument: _described(argument) for argument in arguments})
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name=word, description=localised(lambda words: words.admin_words[word]), callback=described(handler)
    )
    for argument in arguments:
        if argument in _SUGGESTED:
            command.autocomplete(argument)(_suggesting(_SUGGESTED[argument]))
    return command


def _described(argument: Argument) -> app_commands.locale_str:
    return localised(lambda words: words.admin_arguments[argument])


def _parameter(argument: Argument, *, required: bool) -> Parameter:
    kind = _TYPES[argument]
    if required:
        return Parameter(argument, Parameter.KEYWORD_ONLY, annotation=kind)
    return Parameter(argument, Parameter.KEYWORD_ONLY, annotation=kind | None, default=None)


def _suggesting(values: tuple[str, ...]) -> Suggest:
    async def suggest(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """What was typed so far first, so that it can be sent as it stands."""
        wanted = typed.strip()[:100]
        fitting = [value for value in values if value.startswith(wanted.lower()) and value != wanted]
        return [app_commands.Choice(name=value, value=value) for value in ([wanted] if wanted else []) + fitting]

    return suggest


def _asked(
    interaction: discord.Interaction, rest: BotRest, word: Word, typed: Mapping[str, Any]
) -> tuple[AdminAsked, Any]:
    actor = convert.actor(interaction)
    filled = {Argument(name): value for name, value in typed.items() if value is not None}
    space = actor.space
    picked = filled.get(Argument.PERSON)
    people = [] if picked is None or space is None else [convert.found(picked, space)]
    said = Said(word=word, arguments={name: _text(value) for name, value in filled.items()})
    asked = AdminAsked(
        id=f"discord:{interaction.id}",
        actor=actor,
        line=" ".join([word, *said.arguments.values()]),
        command=QUOTA_ADMIN,
        directory=Picked(rest, people),
        locale=str(interaction.locale),
    )
    return asked, checked(said)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.id) if isinstance(value, (discord.Member, discord.User, discord.Role)) else str(value)
