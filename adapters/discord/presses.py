"""What pressed buttons and submitted forms do: the core's answer, in this platform's gestures."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import discord
from discord import ui

from adapters.background import Background
from adapters.discord import answers, convert, data, forms, history, settings
from adapters.discord.buttons import Control, Word
from adapters.discord.replies import Replies
from adapters.discord.rest import BotRest
from adapters.discord.sharing import Shares
from adapters.gestures import Pressed
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.responses import Cancelled, Drawing, Say

Handler = Callable[[discord.Interaction, Control], Awaitable[None]]


class Presses:
    """Every press and every submit, whatever message it is of and whichever process sent that."""

    def __init__(self, *, services: Services, replies: Replies, rest: BotRest, background: Background) -> None:
        self._commands = services.commands
        self._actions = services.actions
        self._settings = services.settings
        self._data = services.data
        self._replies = replies
        self._background = background
        self._shares = Shares(services.actions, rest)
        self._handlers: Mapping[Word, Handler] = {
            Word.AGAIN: self._again,
            Word.EDIT: self._edit,
            Word.LARGER: self._larger,
            Word.DELETE: self._delete,
            Word.SHARE: self._share,
            Word.CANCEL: self._cancel,
            Word.DRAW: self._draw,
            Word.DISCARD: self._discard,
            Word.HISTORY: self._turn,
            Word.FORM: self._submit,
            Word.SETTING: self._choose,
            Word.ERASE: self._erase,
        }

    async def take(self, interaction: discord.Interaction) -> None:
        """Answer a press or a submit. Every exception ends here: the library would only log it."""
        try:
            control = Control.read(_data(interaction).get("custom_id", ""))
            if control is None:
                await answers.say(interaction, catalogue(str(interaction.locale)).outdated())
                return
            await self._handlers[control.word](interaction, control)
        except Exception as error:  # noqa: BLE001 - told and logged
            await answers.apologise(interaction, error)

    async def _again(self, interaction: discord.Interaction, control: Control) -> None:
        await self._replies.send(interaction, await self._actions.again(_pressed(interaction, control)))

    async def _larger(self, interaction: discord.Interaction, control: Control) -> None:
        await self._replies.send(interaction, await self._actions.larger(_pressed(interaction, control), control.n))

    async def _edit(self, interaction: discord.Interaction, control: Control) -> None:
        form = await self._actions.edit(_pressed(interaction, control))
        if isinstance(form, Say):
            await answers.say(interaction, form.sentence)
        else:
            await interaction.response.send_modal(forms.edit(form, locale=str(interaction.locale)))

    async def _submit(self, interaction: discord.Interaction, control: Control) -> None:
        submitted = forms.read(_data(interaction))
        asked = convert.asked(interaction, submitted.line, **submitted.typed)
        if control.target:
            await self._replies.send(interaction, await self._actions.submit(asked, control.target))
        else:
            await self._replies.send(interaction, await self._commands.imagine(asked))

    async def _draw(self, interaction: discord.Interaction, control: Control) -> None:
        reply = await self._actions.confirm(_pressed(interaction, control))
        await self._replies.send(interaction, reply)
        if isinstance(reply, Drawing):
            await self._replies.take_away(control.target)

    async def _discard(self, interaction: discord.Interaction, control: Control) -> None:
        outcome = await self._actions.discard(_pressed(interaction, control))
        if isinstance(outcome, Say):
            await answers.say(interaction, outcome.sentence)
        else:
            await answers.replace(interaction, outcome.sentence)

    async def _cancel(self, interaction: discord.Interaction, control: Control) -> None:
        outcome = await self._actions.cancel(_pressed(interaction, control))
        if not isinstance(outcome, Cancelled):
            # Beside what everybody sees, which becomes the picture.
            await answers.say(interaction, outcome.sentence)
            return
        if await answers.replace(interaction, outcome.sentence):
            await self._actions.settle(outcome.id)
        else:
            await self._actions.untold(outcome.id)

    async def _delete(self, interaction: discord.Interaction, control: Control) -> None:
        pressed = _pressed(interaction, control)
        removal = await self._actions.delete(pressed)
        if isinstance(removal, Say):
            await answers.say(interaction, removal.sentence)
        elif await answers.remove(interaction):
            message = interaction.message
            stood = None if message is None else (str(message.channel.id), str(message.id))
            await self._actions.deleted(pressed, removal.generation, stood=stood)
            await answers.say(interaction, removal.sentence)
        else:
            await answers.say(interaction, catalogue(str(interaction.locale)).not_deleted())

    async def _share(self, interaction: discord.Interaction, control: Control) -> None:
        # Held: cut off, it has to take back that the picture is shared, before the database is gone.
        await self._background.start(self._shares.share(interaction, _pressed(interaction, control)))

    async def _turn(self, interaction: discord.Interaction, control: Control) -> None:
        await history.show(interaction, self._actions, page=control.n, turning=True)

    async def _choose(self, interaction: discord.Interaction, control: Control) -> None:
        picked = _data(interaction).get("values") or [""]
        await settings.choose(interaction, self._settings, control.target, picked[0])

    async def _erase(self, interaction: discord.Interaction, _: Control) -> None:
        await data.erase(interaction, self._data)


def build_item(presses: Presses) -> type[ui.DynamicItem[ui.Item[Any]]]:
    """What discord.py hands presses to: any custom id, since those of older versions want an answer too."""

    class Item(ui.DynamicItem[ui.Item[Any]], template=r"[\s\S]+"):
        @classmethod
        async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], __: re.Match[str], /) -> "Item":
            return cls(item)

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            await presses.take(interaction)

    return Item


def _pressed(interaction: discord.Interaction, control: Control) -> Pressed:
    return convert.pressed(interaction, control.target)


def _data(interaction: discord.Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})
