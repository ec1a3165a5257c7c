"""The buttons: each carries a word (its `action_id`, up to an underscore) and an id, and nothing else."""

from typing import Any, Final

from adapters import captions
from adapters.actions import ENTRIES, Page, can_be_larger, is_shareable, receipt_of
from adapters.choices import ASPECT, CHOICES, DEFAULT, EXTEND, IMAGES, PERSONAL, PRIVATE, SIZE, shown
from adapters.commands import Confirm, Drawing
from adapters.locales import catalogue
from adapters.sentences import Link, Moment, Sentence
from adapters.settings import SettingsView
from adapters.slack import render
from adapters.slack.whispers import Payload
from bot.model import Delivery, Generation, GenerationId
from bot.plain import plain

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

_CHANNELS: Final = ("C", "G")
_DIGITS: Final = 6
_PROMPT: Final = 300
"""Of a prompt in a list, to know it by."""

Block = dict[str, Any]


def read(action_id: str) -> tuple[str, str]:
    """The word of a button, and what tells it from others of its kind."""
    word, _, which = action_id.partition("_")
    return word, which


def number(text: str) -> int | None:
    """A number from 1 on; None for what is none, or too long to be one of ours."""
    return (int(text) or None) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def under_result(delivery: Delivery, *, origin: str, locale: str | None) -> Block:
    """What can be made of a result, and with it; `origin` is the channel that it was asked for in."""
    generation, shown = delivery.generation, [picture.n for picture in delivery.pictures]
    words, of = catalogue(locale), generation.id
    buttons = [button(AGAIN, words.again(), of), button(EDIT, words.edit(), of)]
    if can_be_larger(generation.request):
        several = len(shown) > 1
        buttons += [
            button(f"{LARGER}_{n + 1}", words.larger(at if several else None), of)
            for at, n in enumerate(shown, start=1)
        ]
    buttons.append(button(DELETE, words.delete(), of))
    # Direct messages are nobody else's to look at: there is nowhere to share with.
    if is_shareable(generation) and origin.startswith(_CHANNELS):
        buttons.append(button(SHARE, words.share(), of))
    return _actions(*buttons)


def under_shared(generation: Generation, *, locale: str | None) -> Block:
    """Likewise, under a private result that was shown to everybody."""
    words, of = catalogue(locale), generation.id
    return _actions(
        button(AGAIN, words.again(), of), button(EDIT, words.edit(), of), button(DELETE, words.delete(), of)
    )


def said(sentence: Sentence) -> Payload:
    """A sentence, and nothing to press."""
    words = render.sentence(sentence)
    return {"text": words, "blocks": [render.section(words)]}


def drawing(drawing: Drawing, *, locale: str | None) -> Payload:
    """A command is taken: it can be called off, and asked after."""
    return under_way(drawing.id, drawing.sentence, cancellable=True, locale=locale)


def under_way(id: GenerationId, sentence: Sentence, *, cancellable: bool, locale: str | None) -> Payload:
    """Where a command stands; `cancellable` while nothing was paid for it."""
    words = catalogue(locale)
    shown = said(sentence)
    buttons = [button(CANCEL, words.cancel(), id)] if cancellable else []
    shown["blocks"].append(_actions(*buttons, button(WAITING, words.how_long(), id)))
    return shown


def draft(draft: Confirm, *, locale: str | None) -> Payload:
    """What was asked for, and whether it is to be drawn."""
    words = catalogue(locale)
    shown = said(draft.sentence)
    yes = button(DRAW, words.draw(), draft.id) | {"style": "primary"}
    shown["blocks"].append(_actions(yes, button(DISCARD, words.discard(), draft.id)))
    return shown


def history(page: Page, *, locale: str | None) -> Payload:
    """A page of somebody's pictures, newest first."""
    words = catalogue(locale)
    first = (page.number - 1) * ENTRIES + 1
    title = words.history_title(page=page.number)
    blocks: list[Block] = [{"type": "header", "text": render.plain(title)}]
    for at, entry in enumerate(page.entries):
        blocks += _entry(entry, first + at, at=at + 1, locale=locale)
    turns = []
    if page.number > 1:
        turns.append(button(f"{HISTORY}_newer", words.newer(), str(page.number - 1)))
    if page.more:
        turns.append(button(f"{HISTORY}_older", words.older(), str(page.number + 1)))
    return {"text": title, "blocks": [*blocks, *([_actions(*turns)] if turns else [])]}


def _entry(entry: Generation, number: int, *, at: int, locale: str | None) -> list[Block]:
    words, request = catalogue(locale), entry.request
    price = words.credits(entry.charged)
    facts = words.history_entry(size=str(request.size), seed=request.seed, credits=price)
    prompt = captions.clip(plain(request.prompt) or "…", _PROMPT)
    receipt = receipt_of(entry)
    url = None if receipt is None else receipt.link
    told = render.sentence((f"{number}. ", prompt if url is None else Link(prompt, url), "\n"))
    small = render.sentence((Moment(entry.created_ms), f" · {facts}"))
    buttons = [
        button(f"{AGAIN}_{at}", words.numbered(words.again(), number), entry.id),
        button(f"{EDIT}_{at}", words.numbered(words.edit(), number), entry.id),
    ]
    if url is not None:
        buttons.append(button(f"{OPEN}_{at}", words.numbered(words.open(), number), entry.id) | {"url": url})
    return [render.section(told + small), _actions(*buttons)]


def settings(view: SettingsView, *, locale: str | None) -> Payload:
    """A person's settings, each with a menu to choose from."""
    words, own = catalogue(locale), shown(view.own)
    labels = {
        ASPECT: words.form_aspect(),
        SIZE: words.form_size(),
        IMAGES: words.form_images(),
        EXTEND: words.form_extend(),
        PRIVATE: words.form_private(),
    }
    told = said(view.sentence)
    for name in PERSONAL:
        options = [option(words.choice(value), value) for value in (DEFAULT, *CHOICES[name])]
        chosen = next((one for one in options if one["value"] == own.get(name, DEFAULT)), options[0])
        menu = {
            "type": "static_select",
            "action_id": f"{SETTING}_{name}",
            "options": options,
            "initial_option": chosen,
        }
        told["blocks"].append({"type": "section", "text": render.plain(labels[name]), "accessory": menu})
    return told


def erasing(sentence: Sentence, *, locale: str | None) -> Payload:
    """What is about to be erased, and the button that does it."""
    shown = said(sentence)
    erase = button(ERASE, catalogue(locale).data_erase_button, ERASE) | {"style": "danger"}
    shown["blocks"].append(_actions(erase))
    return shown


def option(label: str, value: str) -> Block:
    """A line of a menu."""
    return {"text": render.plain(label), "value": value}


def button(action_id: str, label: str, value: str) -> Block:
    """A button whose label says all that there is to say."""
    return {"type": "button", "action_id": action_id, "text": render.plain(label), "value": value}


def _actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}
