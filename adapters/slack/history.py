"""A person's pictures, page by page: for `/imagine-history` and the App Home."""

from typing import Any, Final

from adapters import captions
from adapters.actions import ENTRIES
from adapters.locales import catalogue
from adapters.responses import Page
from adapters.slack import buttons, render
from adapters.slack.whispers import Payload
from bot.model import Generation

_PROMPT: Final = 300
"""Of a prompt in a list, to know it by."""


def listed(page: Page, *, locale: str | None) -> Payload:
    """A page of somebody's pictures, newest first."""
    words = catalogue(locale)
    first = (page.number - 1) * ENTRIES + 1
    title = words.history_title(page=page.number)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": render.plain(title)}]
    for at, entry in enumerate(page.entries):
        blocks += _entry(entry, first + at, at=at + 1, locale=locale)
    turns = []
    if page.number > 1:
        turns.append(buttons.button(f"{buttons.HISTORY}_newer", words.newer(), str(page.number - 1)))
    if page.more:
        turns.append(buttons.button(f"{buttons.HISTORY}_older", words.older(), str(page.number + 1)))
    return {"text": title, "blocks": [*blocks, *([buttons.row(*turns)] if turns else [])]}


def _entry(entry: Generation, number: int, *, at: int, locale: str | None) -> list[dict[str, Any]]:
    words = catalogue(locale)
    url = None if entry.receipt is None else entry.receipt.link
    told = render.sentence(captions.entry(entry, number, most=_PROMPT, locale=locale))
    row = [
        buttons.button(f"{buttons.AGAIN}_{at}", words.numbered(words.again(), number), entry.id),
        buttons.button(f"{buttons.EDIT}_{at}", words.numbered(words.edit(), number), entry.id),
    ]
    if url is not None:
        row.append(
            buttons.button(f"{buttons.OPEN}_{at}", words.numbered(words.open(), number), entry.id) | {"url": url}
        )
    return [render.section(told), buttons.row(*row)]
