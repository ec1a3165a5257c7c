"""Sentences and deliveries in Discord's markup."""

import io
from typing import Final

import discord
from discord.utils import escape_markdown, escape_mentions

from adapters import captions
from adapters.locales import catalogue
from adapters.sentences import Code, Moment, Sentence
from bot.model import Delivery, DrawnPicture, Generation

_DESCRIPTION: Final = 4096
_CODE: Final = 1900
_COLOUR: Final = discord.Colour(0x5B5BD6)


def escaped(text: str) -> str:
    """Text of a person or of the model, as plain text."""
    return escape_mentions(escape_markdown(text))


def sentence(sentence: Sentence) -> str:
    """A sentence as message content."""
    return "".join(_span(span) for span in sentence)


def _span(span: str | Moment | Code) -> str:
    match span:
        case Moment(at_ms=at_ms):
            return f"<t:{at_ms // 1000}:R>"
        case Code(text=text):
            # A zero-width space keeps backticks of the text from closing the block.
            block = captions.clip(text, _CODE).replace("```", "`\N{ZERO WIDTH SPACE}``")
            return f"\n```\n{block}\n```"
        case _:
            return escaped(span)


def embeds(delivery: Delivery, *, locale: str) -> list[discord.Embed]:
    """The picture, the words it was drawn from, and a line of facts."""
    generation = delivery.generation
    first = delivery.pictures[0]
    embed = discord.Embed(colour=_COLOUR, description=_description(first, generation, locale=locale))
    embed.set_image(url=f"attachment://{captions.filename(first, generation)}")
    embed.set_footer(text=" · ".join(captions.details(delivery, locale=locale)))
    return [embed]


def _description(picture: DrawnPicture, generation: Generation, *, locale: str) -> str:
    words = catalogue(locale)
    asked = escaped(generation.request.prompt)
    revised = captions.revised(picture, generation)
    if revised is None:
        return captions.clip(asked, _DESCRIPTION)
    text = f"**{words.revised_prompt}**\n{escaped(revised)}"
    original = f"\n\n**{words.asked_for}**\n{asked}"
    return captions.clip(text, _DESCRIPTION - len(original)) + original


def files(delivery: Delivery) -> list[discord.File]:
    """The pictures as attachments with alt text; made anew for each try, since sending consumes them."""
    generation = delivery.generation
    return [
        discord.File(
            io.BytesIO(picture.png),
            filename=captions.filename(picture, generation),
            description=captions.alt_text(generation),
        )
        for picture in delivery.pictures
    ]
