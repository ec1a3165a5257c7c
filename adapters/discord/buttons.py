"""Buttons under messages. Each carries a word and an id, never more: the row has the rest, also after a restart."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

import discord
from discord import ui

from adapters.actions import enlargeable, is_shareable
from adapters.locales import catalogue
from adapters.responses import Page
from bot.model import Generation, GenerationId

_DIGITS: Final = 4
"""Of a picture's or a page's number: far more than there are."""


class Word(StrEnum):
    """What a button, or a form, does."""

    AGAIN = "again"
    EDIT = "edit"
    LARGER = "larger"
    DELETE = "delete"
    SHARE = "share"
    CANCEL = "cancel"
    DRAW = "draw"
    DISCARD = "discard"
    HISTORY = "history"
    FORM = "form"
    SETTING = "setting"
    ERASE = "erase"


NOTHING: Final = GenerationId("")
"""What a form is about that is made of no earlier picture."""

_NUMBERED: Final = frozenset({Word.LARGER, Word.HISTORY})
_WITHOUT_TARGET: Final = frozenset({Word.HISTORY, Word.FORM, Word.ERASE})


@dataclass(frozen=True, slots=True)
class Control:
    """What stands in a custom id: a word, what it is about, and of several pictures or pages which one."""

    word: Word
    target: GenerationId = NOTHING
    """A generation, a draft; of a setting its name."""
    n: int = 0

    @property
    def custom_id(self) -> str:
        """At most 100 characters, for Discord."""
        parts = [self.word.value, *([str(self.n)] if self.word in _NUMBERED else []), self.target]
        return ":".join(parts)

    @classmethod
    def read(cls, custom_id: str) -> Self | None:
        """None for what this version does not know."""
        name, _, rest = custom_id.partition(":")
        if name not in set(Word):
            return None
        word, number = Word(name), "0"
        if word in _NUMBERED:
            number, _, rest = rest.partition(":")
        if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
            return None
        if not rest and word not in _WITHOUT_TARGET:
            return None
        return cls(word, GenerationId(rest), int(number))


class Rows(ui.View):
    """Buttons that nobody waits for: a press is found by its custom id, so the library has nothing to keep."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.stop()

    def is_dispatchable(self) -> bool:
        """Else a courier, which has no gateway, could not send them."""
        return False

    def button(self, label: str, control: Control, *, row: int, style: discord.ButtonStyle | None = None) -> None:
        style = style or discord.ButtonStyle.secondary
        self.add_item(ui.Button(label=label, custom_id=control.custom_id, row=row, style=style))

    def link(self, label: str, url: str, *, row: int) -> None:
        self.add_item(ui.Button(label=label, url=url, row=row))


def result(generation: Generation, *, drawn: Iterable[int], shareable: bool, locale: str | None) -> Rows:
    """Below pictures: `drawn` tells which of them there are (from 0), each of which can be drawn larger."""
    words, rows = catalogue(locale), Rows()
    rows.button(words.again(), Control(Word.AGAIN, generation.id), row=0)
    rows.button(words.edit(), Control(Word.EDIT, generation.id), row=0)
    for n, number in enlargeable(generation.request, drawn):
        control = Control(Word.LARGER, generation.id, n)
        rows.button(words.larger(number), control, row=0 if number is None else 1)
    if shareable and is_shareable(generation):
        rows.button(words.share(), Control(Word.SHARE, generation.id), row=0)
    rows.button(words.delete(), Control(Word.DELETE, generation.id), row=0, style=discord.ButtonStyle.danger)
    return rows


def waiting(id: GenerationId, *, locale: str | None) -> Rows:
    """Below the progress, until the service is called."""
    rows = Rows()
    rows.button(catalogue(locale).cancel(), Control(Word.CANCEL, id), row=0)
    return rows


def draft(id: GenerationId, *, locale: str | None) -> Rows:
    """Below a question whether something should be drawn."""
    words, rows = catalogue(locale), Rows()
    rows.button(words.draw(), Control(Word.DRAW, id), row=0, style=discord.ButtonStyle.primary)
    rows.button(words.discard(), Control(Word.DISCARD, id), row=0)
    return rows


def history(page: Page, *, first: int, locale: str | None) -> Rows:
    """A row for each entry, which are numbered from `first`, and one to turn the pages."""
    words, rows = catalogue(locale), Rows()
    for row, entry in enumerate(page.entries):
        number = first + row
        rows.button(words.numbered(words.again(), number), Control(Word.AGAIN, entry.id), row=row)
        rows.button(words.numbered(words.edit(), number), Control(Word.EDIT, entry.id), row=row)
        receipt = entry.receipt
        if receipt is not None and receipt.link is not None:
            rows.link(words.numbered(words.open(), number), receipt.link, row=row)
    last = len(page.entries)
    if page.number > 1:
        rows.button(words.newer(), Control(Word.HISTORY, n=page.number - 1), row=last)
    if page.more:
        rows.button(words.older(), Control(Word.HISTORY, n=page.number + 1), row=last)
    return rows


def erasing(*, locale: str | None) -> Rows:
    """Below the question whether everything should be erased."""
    rows = Rows()
    rows.button(catalogue(locale).data_erase_button, Control(Word.ERASE), row=0, style=discord.ButtonStyle.danger)
    return rows


def as_shown(message: discord.Message, *, but: frozenset[Word] = frozenset()) -> Rows:
    """The buttons that a message has, without some."""
    rows = Rows()
    for row, shown in enumerate(message.components):
        for child in _buttons(shown):
            control = Control.read(child.custom_id or "")
            if control is None or control.word not in but:
                rows.add_item(
                    ui.Button(label=child.label, custom_id=child.custom_id, url=child.url, style=child.style, row=row)
                )
    return rows


def _buttons(component: Any) -> list[discord.Button]:
    children = component.children if isinstance(component, discord.ActionRow) else []
    return [child for child in children if isinstance(child, discord.Button)]
