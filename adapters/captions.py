"""What stands around the pictures, the same on both platforms: free of markup and unescaped."""

import re
from collections.abc import Sequence
from typing import Final

from adapters.locales import catalogue
from adapters.sentences import Link, Moment, Sentence
from bot.model import Delivery, DrawnPicture, Generation, ImageRequest
from bot.plain import plain

_PARENT: Final = 60
"""Characters of an earlier prompt: enough to know it by."""

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


def asked(generation: Generation) -> str:
    """The person's own words, fit to be shown; never empty, since neither platform takes an empty text."""
    return plain(generation.request.prompt) or "…"


def entry(generation: Generation, number: int, *, most: int, locale: str | None) -> Sentence:
    """An entry of somebody's history: what was asked for, in at most `most` characters, when, and the facts."""
    words, receipt, request = catalogue(locale), generation.receipt, generation.request
    prompt = clip(asked(generation), most)
    named = prompt if receipt is None or receipt.link is None else Link(prompt, receipt.link)
    price = words.credits(generation.charged)
    facts = words.history_entry(size=str(request.size), seed=request.seed, credits=price)
    return (f"{number}. ", named, "\n", Moment(generation.created_ms), f" · {facts}")


def made_of(delivery: Delivery, *, locale: str | None) -> Sentence:
    """How the pictures came of earlier ones, which stand in it as a link where that can be opened; else empty."""
    made, of = delivery.generation.parent, delivery.parent
    if made is None or of is None or of.deleted_ms is not None or not of.request.prompt:
        return ()
    if of.request.private and not delivery.generation.request.private and of.shared_ms is None:
        # Edited from it for everybody: what only its person has read is not theirs to read.
        return ()
    prompt = clip(plain(of.request.prompt), _PARENT)
    # What only its person can open is no place to send others to.
    url = None if of.receipt is None or of.request.private else of.receipt.link
    words = catalogue(locale)
    return words.made_of(made.action, words.quoted(prompt) if url is None else Link(prompt, url))


def alt_text(delivery: Delivery, picture: DrawnPicture) -> str:
    """For those who do not see the picture: what it was drawn from, in the model's words where there are any."""
    return described(delivery.generation.request, picture.n, picture.revised)


def described(request: ImageRequest, n: int, revised: str | None) -> str:
    """What picture `n` of `request` was drawn from."""
    return plain(revised or "") or plain(request.prompt_of(n)) or "…"


def revised(delivery: Delivery) -> list[str]:
    """The model's own wordings of a delivery's pictures, `wordings` of them."""
    return wordings(delivery.generation.request, [(picture.n, picture.revised) for picture in delivery.pictures])


def wordings(request: ImageRequest, pictures: Sequence[tuple[int, str | None]]) -> list[str]:
    """The model's own wordings, where they were asked for and differ from the person's: each once, in order.

    Of several prompts at once each picture has a line, in the person's words where the model has none.
    """
    texts = [plain(revised or "") if request.extend else "" for _, revised in pictures]
    if request.prompts:
        return [text or plain(request.prompt_of(n)) for text, (n, _) in zip(texts, pictures, strict=True)]
    return [text for text in dict.fromkeys(texts) if text not in ("", plain(request.prompt))]


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
