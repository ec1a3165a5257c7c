"""`/imagine-settings` on Discord: menus for one's own, typed options for admins."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, Literal

import discord
from discord import app_commands, ui

from adapters.choices import CHOICES, DEFAULT, PERSONAL, shown
from adapters.discord import answers, convert
from adapters.discord.buttons import Control, Rows, Word
from adapters.discord.doctor import POSTING
from adapters.discord.translator import localised
from adapters.locales import catalogue
from adapters.responses import Say
from adapters.settings import SETTINGS, SettingsAsked, SettingsCommands, SettingsView, named
from bot.model import GenerationId
from bot.sizes import RATIOS, Tier

Channel = app_commands.AppCommandChannel
Switch = Literal["on", "off", "default"]

_OFF: Final = "off"


class _LogChannel(app_commands.Transformer):
    """A channel that pictures can be posted in: Discord offers no category, and no forum, which holds posts alone."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.voice]

    async def transform(self, _: discord.Interaction, value: Channel, /) -> Channel:
        return value


def build_group(commands: SettingsCommands) -> app_commands.Group:
    """The commands. Everybody has settings of their own, so Discord shows the group to all; the core knows admins."""
    group = app_commands.Group(
        name=SETTINGS.removeprefix("/"), description=localised(lambda words: words.about_settings())
    )

    @group.command(name="mine", description=localised(lambda words: words.about_own_settings()))
    async def mine(interaction: discord.Interaction) -> None:
        view = await commands.mine(convert.person(interaction), convert.channel(interaction))
        await _show(interaction, view, turning=False)

    @group.command(name="channel", description=localised(lambda words: words.about_channel_settings()))
    @app_commands.describe(**_described("pictures", *PERSONAL))
    @app_commands.choices(aspect=_choices(RATIOS), size=_choices([tier.value for tier in Tier]))
    async def channel(
        interaction: discord.Interaction,
        *,
        pictures: Switch | None = None,
        aspect: str | None = None,
        size: str | None = None,
        images: Literal["1", "2", "3", "4", "default"] | None = None,
        extend: Switch | None = None,
        private: Switch | None = None,
    ) -> None:
        options = _given(pictures=pictures, aspect=aspect, size=size, images=images, extend=extend, private=private)
        asked = _asked(interaction, "channel", options)
        await answers.at_leisure(interaction, lambda: commands.channel(asked, options))

    @group.command(name="server", description=localised(lambda words: words.about_server_settings()))
    @app_commands.describe(**_described("pictures", "spoilers", "restricted", "words", "log", "stop-log"))
    @app_commands.rename(stop_log="stop-log")
    async def server(
        interaction: discord.Interaction,
        *,
        pictures: Switch | None = None,
        spoilers: Switch | None = None,
        restricted: Switch | None = None,
        words: str | None = None,
        log: app_commands.Transform[Channel, _LogChannel] | None = None,
        stop_log: bool | None = None,
    ) -> None:
        # Discord offers the server's own channels alone; typed as text it could be another server's.
        place = _OFF if stop_log else None if log is None else str(log.id)
        options = _given(pictures=pictures, spoilers=spoilers, restricted=restricted, words=words, log=place)
        asked = replace(
            _asked(interaction, "server", options), closed=log is not None and _is_closed(interaction, log.id)
        )
        await answers.at_leisure(interaction, lambda: commands.server(asked, options))

    return group


async def choose(interaction: discord.Interaction, commands: SettingsCommands, name: str, value: str) -> None:
    """Something was picked in a menu: keep it, and show the menus as they are now."""
    person = convert.person(interaction)
    await _show(interaction, await commands.choose(person, name, value, convert.channel(interaction)), turning=True)


def menus(view: SettingsView, *, locale: str | None) -> Rows:
    """A menu for each setting; what is picked says of which, since a menu in a message has no label."""
    words, rows, own = catalogue(locale), Rows(), shown(view.own)
    for row, name in enumerate(PERSONAL):
        setting = words.setting_name(name)
        options = [
            discord.SelectOption(
                label=words.setting_choice(setting=setting, value=named(name, value, locale=locale)),
                value=value,
                default=own.get(name, DEFAULT) == value,
            )
            for value in (DEFAULT, *CHOICES[name])
        ]
        custom_id = Control(Word.SETTING, GenerationId(name)).custom_id
        rows.add_item(ui.Select[Any](custom_id=custom_id, placeholder=setting, options=options, row=row))
    return rows


async def _show(interaction: discord.Interaction, view: SettingsView | Say, *, turning: bool) -> None:
    if isinstance(view, Say):
        await answers.say(interaction, view.sentence)
        return
    rows = menus(view, locale=str(interaction.locale))
    if turning:
        await answers.replace(interaction, view.sentence, view=rows)
    else:
        await answers.say(interaction, view.sentence, view=rows)


def _asked(interaction: discord.Interaction, scope: str, options: dict[str, str]) -> SettingsAsked:
    return SettingsAsked(
        id=f"discord:{interaction.id}",
        actor=convert.actor(interaction),
        person=convert.person(interaction),
        channel=convert.channel(interaction),
        line=" ".join([scope, *(f"{name}={value}" for name, value in options.items())]),
    )


def _is_closed(interaction: discord.Interaction, channel_id: int) -> bool:
    """Whether Discord says that the bot may not post there: with what was picked it sends what the bot may do."""
    data: Any = interaction.data or {}
    allowed = data.get("resolved", {}).get("channels", {}).get(str(channel_id), {}).get("app_permissions")
    return allowed is not None and not discord.Permissions(int(allowed)).is_superset(POSTING)


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _choices(values: Iterable[str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=value, value=value) for value in (*values, DEFAULT)]


def _described(*names: str) -> dict[str, str | app_commands.locale_str]:
    """What Discord shows beside each option, by the name of its parameter."""
    return {name.replace("-", "_"): _description(name) for name in names}


def _description(name: str) -> app_commands.locale_str:
    return localised(lambda words: words.settings_options[name])
