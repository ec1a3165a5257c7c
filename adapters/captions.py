"""What stands around the pictures, the same on both platforms: free of markup and unescaped."""

import re
from typing import Final

from adapters.locales import catalogue
from bot.model import Delivery
from bot.plain import plain

_CLOSING: Final = re.compile(r"`(?=``)|`$")


def details(delivery: Delivery, *, locale: str | None) -> list[str]:
    """Size, seed, time taken and credits left."""
    words = catalogue(locale)
    facts = [
        str(delivery.generation.request.size),
        words.seeds([picture.seed for picture in delivery.pictures]),
        words.seconds(delivery.took_ms),
        words.credits_left(delivery.balance),
    ]
    return [fact for fact in facts if fact]


def asked(delivery: Delivery) -> str:
    """The person's own words, fit to be shown; never empty, since neither platform takes an empty text."""
    return plain(delivery.generation.request.prompt) or "…"


def revised(delivery: Delivery) -> list[str]:
    """The model's own wordings, where they were asked for and differ from the person's: each once, in order."""
    extended = delivery.generation.request.extend
    texts = [plain(picture.revised or "") for picture in delivery.pictures] if extended else []
    return [text for text in dict.fromkeys(texts) if text not in ("", asked(delivery))]


def notes(delivery: Delivery, *, shrunk: bool, elsewhere: bool, locale: str | None) -> list[str]:
    """What the person should know beyond the picture."""
    words = catalogue(locale)
    generation = delivery.generation
    notes = []
    if delivery.failed:
        back = generation.asked - generation.charged
        notes.append(words.partly(failed=delivery.failed, count=generation.request.count, credits=back))
    if shrunk:
        notes.append(words.shrunk())
    if elsewhere:
        notes.append(words.elsewhere())
    return notes


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, with an ellipsis where some are missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fenced(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, for between ```: a zero-width space keeps it from closing its block."""
    return clip(_CLOSING.sub("`\N{ZERO WIDTH SPACE}", text), limit)
