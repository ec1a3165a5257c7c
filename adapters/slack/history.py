"""A person's pictures, page by page: for `/imagine-history` and the App Home."""

from typing import Any, Final

from adapters import captions
from adapters.actions import ENTRIES, Page, receipt_of
from adapters.locales import catalogue
from adapters.sentences import Link, Moment
from adapters.slack import buttons, render
from adapters.slack.whispers import Payload
from bot.model import Generation
from bot.plain import plain

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
    words, request = catalogue(locale), entry.request
    price = words.credits(entry.charged)
    facts = words.history_entry(size=str(request.size), seed=request.seed, credits=price)
    prompt = captions.clip(plain(request.prompt) or "…", _PROMPT)
    receipt = receipt_of(entry)
    url = None if receipt is None else receipt.link
    told = render.sentence((f"{number}. ", prompt if url is None else Link(prompt, url), "\n"))
    small = render.sentence((Moment(entry.created_ms), f" · {facts}"))
    row = [
        buttons.button(f"{buttons.AGAIN}_{at}", words.numbered(words.again(), number), entry.id),
        buttons.button(f"{buttons.EDIT}_{at}", words.numbered(words.edit(), number), entry.id),
    ]
    if url is not None:
        row.append(
            buttons.button(f"{buttons.OPEN}_{at}", words.numbered(words.open(), number), entry.id) | {"url": url}
        )
    return [render.section(told + small), buttons.row(*row)]
