"""Sentences and deliveries in Discord's markup."""

import io
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import discord

from adapters import captions
from adapters.locales import catalogue
from adapters.sentences import ChannelMention, Code, Link, Mention, Moment, RoleMention, Sentence, Span
from adapters.uploads import Upload
from bot.model import Delivery

_CONTENT: Final = 2000
_DESCRIPTION: Final = 4096
_CODE: Final = 1700
_ALT_TEXT: Final = 1024
_COLOUR: Final = discord.Colour(0x5B5BD6)

# The library's own escape_markdown leaves the second of two masked links in a line as it is: [a](b) [c](d).
_MARKUP: Final = re.compile(r"[\\*_~|`\[<]|^\s*(?:[-+#>]|\d+\.)", re.MULTILINE)

# A backslash hides a mention from readers, and not from those who are pinged: it has to be broken. Ids of any length,
# unlike in the library's own escape_mentions.
_MENTION: Final = re.compile(r"@(?=everyone|here|[!&]?\d)")


def escaped(text: str) -> str:
    """Text of a person or of the model, as plain text."""
    return _MENTION.sub("@\N{ZERO WIDTH SPACE}", _MARKUP.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", text))


def sentence(sentence: Sentence) -> str:
    """A sentence as message content; what is too long loses the ends of its longest plain texts, not its own."""
    content = _joined(sentence, room=_CONTENT)
    if len(content) > _CONTENT:
        # The most that each plain text can have; by what is shown, since escaping can double what people typed.
        fitting = bisect_right(range(_CONTENT), _CONTENT, key=lambda room: len(_joined(sentence, room=room)))
        content = _joined(sentence, room=max(fitting - 1, 0))
    return captions.clip(content, _CONTENT)


def _joined(sentence: Sentence, *, room: int) -> str:
    return "".join(_span(span, room=room) for span in sentence)


def _shortened(text: str, *, room: int) -> str:
    """`text` escaped, in at most `room` characters: cut before it is escaped, or half an escape could be left."""
    whole = escaped(text)
    if len(whole) <= room:
        return whole
    fitting = bisect_right(range(room), room, key=lambda kept: len(escaped(text[:kept] + "…")))
    return escaped(text[: max(fitting - 1, 0)] + "…")


def _span(span: Span, *, room: int) -> str:
    match span:
        case Mention() if span.platform not in ("", "discord"):
            return escaped(span.local_id)
        case Mention():
            sign = "<@&" if isinstance(span, RoleMention) else "<#" if isinstance(span, ChannelMention) else "<@"
            return f"{sign}{span.local_id}>"
        case Moment(at_ms=at_ms):
            return f"<t:{at_ms // 1000}:R>"
        case Link(text=text, url=url):
            return f"[{_shortened(text, room=room)}](<{url}>)"
        case Code(text=text):
            return f"\n```\n{captions.fenced(text, _CODE)}\n```"
        case _:
            return _shortened(span, room=room)


def embed(delivery: Delivery, notes: Sequence[str], *, locale: str | None) -> discord.Embed:
    """What the pictures above came of, the words they were drawn from, what else to know, and a line of facts."""
    words = catalogue(locale)
    asked = escaped(captions.asked(delivery.generation))
    revised = [escaped(text) for text in captions.revised(delivery)]
    if revised:
        numbered = revised if len(revised) == 1 else [f"{n}. {text}" for n, text in enumerate(revised, start=1)]
        start = f"**{words.revised_prompt}**\n" + "\n".join(numbered)
        end = f"\n\n**{words.asked_for}**\n{asked}"
    else:
        start, end = asked, ""
    end += "".join(f"\n\n{escaped(note)}" for note in notes)
    made = sentence(captions.made_of(delivery, locale=locale))
    made += "\n\n" if made else ""
    description = made + captions.clip(start, _DESCRIPTION - len(end) - len(made)) + end
    embed = discord.Embed(colour=_COLOUR, description=description)
    embed.set_footer(text=" · ".join(captions.details(delivery, locale=locale)))
    return embed


def files(uploads: Sequence[Upload], *, spoiler: bool = False) -> list[discord.File]:
    """Attachments with alt text; made anew for each try, since sending consumes them."""
    return [
        discord.File(
            io.BytesIO(upload.data),
            filename=upload.filename,
            spoiler=spoiler,
            description=captions.clip(upload.alt_text, _ALT_TEXT),
        )
        for upload in uploads
    ]
