"""The stand-in of Discord registers commands, and its people use them, by the service's rules."""

from typing import Any

import aiohttp
import discord
import pytest
from callers import DiscordBot, deferred

from sandbox.discord import DiscordSandbox, InputRefusedError, Permission


async def test_a_command_in_a_dm_carries_the_person_and_their_language(
    sandbox: DiscordSandbox, bot: DiscordBot
) -> None:
    """No guild, the DM's context and the user's locale."""
    anna = sandbox.add_user("anna", locale="de")
    _, interaction = await deferred(sandbox, bot, user=anna, in_dm=True)
    assert (interaction.guild, interaction.user.id) == (None, anna.id)
    assert interaction.context.dm_channel
    assert interaction.locale is discord.Locale.german
    assert isinstance(interaction.channel, discord.DMChannel)
    with pytest.raises(InputRefusedError):
        await sandbox.slash("quota-admin show", {"person": anna}, in_dm=True)


async def test_a_subcommand_gets_its_people_and_roles_resolved(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """With the permissions that the person has by their role."""
    role = sandbox.add_role("admins", permissions=Permission.MANAGE_GUILD)
    admin = sandbox.add_user("admin", roles=(role,))
    await sandbox.slash("quota-admin show", {"person": sandbox.user, "role": role}, user=admin)
    interaction = await bot.received()
    assert (interaction.extras["person"].id, interaction.extras["role"].id) == (sandbox.user.id, role.id)
    assert interaction.permissions.manage_guild
    assert isinstance(interaction.user, discord.Member)
    assert [held.name for held in interaction.user.roles] == ["@everyone", "admins"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("draw", {"prompt": "a red fox"}),
        ("imagine", {}),
        ("imagine", {"prompt": "a red fox", "colour": "red"}),
        ("imagine", {"prompt": "a red fox", "ratio": "1:3"}),
        ("imagine", {"prompt": "x" * 201}),
        ("imagine", {"prompt": 7}),
        ("imagine", {"prompt": "a red fox", "count": 5}),
        ("imagine", {"prompt": "a red fox", "count": True}),
        ("quota-admin", {}),
        ("quota-admin hide", {}),
        ("quota-admin show", {"person": "someone"}),
    ],
)
async def test_the_client_refuses_what_does_not_fit_the_command(
    sandbox: DiscordSandbox, bot: DiscordBot, name: str, options: dict[str, Any]
) -> None:
    """As Discord's client does; the bot hears nothing of it."""
    with pytest.raises(InputRefusedError):
        await sandbox.slash(name, options)
    assert bot.inbox.empty()


async def test_commands_keep_their_ids_when_overwritten(
    sandbox: DiscordSandbox, bot: DiscordBot, rest: aiohttp.ClientSession
) -> None:
    """A name that stays keeps its id; one that goes is gone; a guild has its own list."""
    before = {command["name"]: command["id"] for command in sandbox.commands}
    bot.tree.remove_command("quota-admin")
    await bot.tree.sync()
    assert [(command["name"], command["id"]) for command in sandbox.commands] == [("imagine", before["imagine"])]
    assert sandbox.syncs == 2
    route = f"applications/{sandbox.application_id}/guilds/{sandbox.guild.id}/commands"
    async with rest.post(route, json={"name": "local", "description": "Here only"}) as response:
        assert response.status == 201
        local = await response.json()
    assert local["guild_id"] == str(sandbox.guild.id)
    async with rest.delete(f"{route}/{local['id']}") as response:
        assert response.status == 204
    async with rest.get(f"{route}/{local['id']}") as response:
        assert (response.status, (await response.json())["code"]) == (404, 10063)


OPTION = {"name": "o", "description": "An option", "type": 3}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "Imagine"}, ["name", "APPLICATION_COMMAND_INVALID_NAME"]),
        ({"name": "two words"}, ["name", "APPLICATION_COMMAND_INVALID_NAME"]),
        ({"name": "x" * 33}, ["name", "BASE_TYPE_BAD_LENGTH"]),
        ({"description": ""}, ["description", "BASE_TYPE_REQUIRED"]),
        ({"description": "x" * 101}, ["description", "BASE_TYPE_BAD_LENGTH"]),
        ({"description_localizations": {"de": "x" * 101}}, ["description_localizations", "de"]),
        ({"options": [{**OPTION, "name": f"o{n}"} for n in range(26)]}, ["options", "BASE_TYPE_MAX_LENGTH"]),
        ({"options": [OPTION, OPTION]}, ["options", "1", "name"]),
        (
            {"options": [OPTION, {**OPTION, "name": "p", "required": True}]},
            ["options", "1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"],
        ),
        (
            {"options": [{**OPTION, "choices": [{"name": str(n), "value": str(n)} for n in range(26)]}]},
            ["options", "0", "choices", "BASE_TYPE_MAX_LENGTH"],
        ),
        ({"options": [{**OPTION, "max_length": 6001}]}, ["options", "0", "max_length"]),
        (
            {
                "options": [
                    {
                        **OPTION,
                        "name": f"o{n}",
                        "choices": [{"name": "x" * 97 + f"{m:03}", "value": "x"} for m in range(25)],
                    }
                    for n in range(4)
                ]
            },
            ["APPLICATION_COMMAND_TOO_LARGE"],
        ),
    ],
)
async def test_a_command_against_the_rules_is_refused(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, change: dict[str, Any], place: list[str]
) -> None:
    """400 code 50035, its errors nested to the place; what was registered stays."""
    command = {"name": "imagine", "description": "Draw a picture", **change}
    async with rest.put(f"applications/{sandbox.application_id}/commands", json=[command]) as response:
        assert (response.status, response.headers["Content-Type"]) == (400, "application/json")
        body = await response.json()
    assert (body["code"], body["message"]) == (50035, "Invalid Form Body")
    node = body["errors"]["0"]
    for key in place:
        codes = [error["code"] for error in node.get("_errors", [])]
        node = {} if key in codes else node[key]
    assert sandbox.commands == []


async def test_a_scope_holds_a_hundred_commands(sandbox: DiscordSandbox, rest: aiohttp.ClientSession) -> None:
    """400 code 30032 for one more."""
    commands = [{"name": f"c{number}", "description": "x"} for number in range(101)]
    route = f"applications/{sandbox.application_id}/commands"
    async with rest.put(route, json=commands) as response:
        assert (response.status, (await response.json())["code"]) == (400, 30032)
    async with rest.put(route, json=commands[:100]) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"name_localizations": {"de": "Bild"}}, "name_localizations.de", "APPLICATION_COMMAND_INVALID_NAME"),
        ({"name_localizations": {"xx": "bild"}}, "name_localizations.xx", "BASE_TYPE_CHOICES"),
        ({"description_localizations": {"zh": "x"}}, "description_localizations.zh", "BASE_TYPE_CHOICES"),
        ({"description_localizations": {"de": "x" * 101}}, "description_localizations.de", "BASE_TYPE_BAD_LENGTH"),
        ({"description_localizations": {"de": ""}}, "description_localizations.de", "BASE_TYPE_REQUIRED"),
        (
            {"options": [{"type": 3, "name": "a", "description": "b", "description_localizations": {"de": "x" * 101}}]},
            "options.0.description_localizations.de",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {
                "options": [
                    {
                        "type": 3,
                        "name": "a",
                        "description": "b",
                        "choices": [{"name": "wide", "value": "1", "name_localizations": {"xx": "weit"}}],
                    }
                ]
            },
            "options.0.choices.0.name_localizations.xx",
            "BASE_TYPE_CHOICES",
        ),
        (
            {"type": 3, "description": None, "name": "Imagine this", "name_localizations": {"zh": "x"}},
            "name_localizations.zh",
            "BASE_TYPE_CHOICES",
        ),
        (
            {"type": 3, "description": None, "name": "Imagine this", "name_localizations": {"de": "x" * 33}},
            "name_localizations.de",
            "BASE_TYPE_BAD_LENGTH",
        ),
    ],
)
async def test_translations_of_commands_are_held_to_the_same_rules(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, changes: dict[str, Any], place: str, code: str
) -> None:
    """Length and spelling as in the original, for the languages that Discord speaks."""
    command = {"name": "imagine", "description": "Draw", **changes}
    async with rest.put(f"applications/{sandbox.application_id}/commands", json=[command]) as response:
        assert response.status == 400
        node = (await response.json())["errors"]["0"]
    for key in place.split("."):
        node = node[key]
    assert [error["code"] for error in node["_errors"]] == [code]


async def test_translations_of_discord_py_are_taken(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Through its Translator, in each language the library knows."""

    class Translator(discord.app_commands.Translator):
        async def translate(
            self,
            string: discord.app_commands.locale_str,
            locale: discord.Locale,
            context: discord.app_commands.TranslationContextTypes,
        ) -> str | None:
            where = discord.app_commands.TranslationContextLocation
            return f"{string.message} ({locale.value})" if context.location is where.command_description else None

    await bot.tree.set_translator(Translator())
    await bot.tree.sync()
    command = next(command for command in sandbox.commands if command["name"] == "imagine")
    assert command["description_localizations"] == {
        locale.value: f"Draw a picture ({locale.value})" for locale in discord.Locale
    }
