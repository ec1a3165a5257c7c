"""The buttons: each carries a word (its `action_id`, up to an underscore) and an id, and nothing else."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.actions import enlargeable, is_shareable
from adapters.locales import catalogue
from adapters.responses import Confirm, Drawing
from adapters.sentences import Sentence
from adapters.slack import render
from adapters.slack.whispers import Payload
from bot.model import Generation, GenerationId

AGAIN: Final = "again"
EDIT: Final = "edit"
LARGER: Final = "larger"
DELETE: Final = "delete"
SHARE: Final = "share"
CANCEL: Final = "cancel"
WAITING: Final = "waiting"
DRAW: Final = "draw"
DISCARD: Final = "discard"
HISTORY: Final = "history"
SETTING: Final = "setting"
ERASE: Final = "erase"
OPEN: Final = "open"
"""Leads to an address. Slack tells of it all the same."""

_DIGITS: Final = 6

Block = dict[str, Any]


def read(action_id: str) -> tuple[str, str]:
    """The word of a button, and what tells it from others of its kind."""
    word, _, which = action_id.partition("_")
    return word, which


def number(text: str) -> int | None:
    """A number from 1 on; None for what is none, or too long to be one of ours."""
    return (int(text) or None) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def result(generation: Generation, *, drawn: Iterable[int], shareable: bool, locale: str | None) -> Block:
    """Below pictures: `drawn` tells which of them there are (from 0), each of which can be drawn larger."""
    words, of = catalogue(locale), generation.id
    buttons = [button(AGAIN, words.again(), of), button(EDIT, words.edit(), of)]
    buttons += [
        button(f"{LARGER}_{n + 1}", words.larger(number), of) for n, number in enlargeable(generation.request, drawn)
    ]
    if shareable and is_shareable(generation):
        buttons.append(button(SHARE, words.share(), of))
    # Plain: Slack wants few red buttons, and this one stands under every picture.
    return row(*buttons, button(DELETE, words.delete(), of))


async def drawing(drawing: Drawing, *, locale: str | None) -> Payload:
    """A command is taken: it can be called off, and asked after."""
    return waiting(drawing.id, await drawing.sentence(), cancellable=True, locale=locale)


def waiting(id: GenerationId, sentence: Sentence, *, cancellable: bool, locale: str | None) -> Payload:
    """Where a command stands; `cancellable` while nothing was paid for it."""
    words = catalogue(locale)
    shown = render.said(sentence)
    buttons = [button(CANCEL, words.cancel(), id)] if cancellable else []
    shown["blocks"].append(row(*buttons, button(WAITING, words.how_long(), id)))
    return shown


def draft(draft: Confirm, *, locale: str | None) -> Payload:
    """What was asked for, and whether it is to be drawn."""
    words = catalogue(locale)
    shown = render.said(draft.sentence)
    yes = button(DRAW, words.draw(), draft.id) | {"style": "primary"}
    shown["blocks"].append(row(yes, button(DISCARD, words.discard(), draft.id)))
    return shown


def erasing(sentence: Sentence, *, locale: str | None) -> Payload:
    """What is about to be erased, and the button that does it."""
    shown = render.said(sentence)
    erase = button(ERASE, catalogue(locale).data_erase_button, ERASE) | {"style": "danger"}
    shown["blocks"].append(row(erase))
    return shown


def button(action_id: str, label: str, value: str) -> Block:
    """A button whose label says all that there is to say."""
    return {"type": "button", "action_id": action_id, "text": render.plain(label), "value": value}


def row(*elements: Block) -> Block:
    """Buttons side by side."""
    return {"type": "actions", "elements": list(elements)}
