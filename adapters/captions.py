"""What stands around a picture, the same on both platforms: free of markup and unescaped."""

import re
import unicodedata
from typing import Final

from adapters.locales import catalogue
from bot.model import Delivery, DrawnPicture, Generation

_ALT_TEXT: Final = 1000
_SLUG: Final = 48


def details(delivery: Delivery, *, locale: str | None) -> list[str]:
    """Size, seed, time taken and credits left."""
    words = catalogue(locale)
    request = delivery.generation.request
    facts = [
        str(request.size),
        words.seed(request.seed),
        words.seconds(delivery.took_ms),
        words.credits_left(delivery.balance),
    ]
    return [fact for fact in facts if fact]


def revised(picture: DrawnPicture, generation: Generation) -> str | None:
    """The model's own wording, where it was asked for and differs from the person's."""
    text = (picture.revised or "").strip()
    return text if generation.request.extend and text not in ("", generation.request.prompt.strip()) else None


def alt_text(generation: Generation) -> str:
    """A description for those who do not see the picture: the person's own words."""
    return clip(generation.request.prompt, _ALT_TEXT)


def filename(picture: DrawnPicture, generation: Generation, *, suffix: str = "png") -> str:
    """The prompt's first words and the seed, in characters that every file system knows."""
    plain = unicodedata.normalize("NFKD", generation.request.prompt).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG].strip("-") or "picture"
    return f"{slug}-{picture.seed}.{suffix}"


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, with an ellipsis where some are missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
