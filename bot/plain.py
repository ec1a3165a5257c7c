"""Text of a person or of the model, made fit to be shown among other people's: what is left is what can be seen.

Markup is not this module's business; each platform's `render` escapes it afterwards, since what is taken out here
may bring a line's start or two halves of a mention together.
"""

import re
import unicodedata
from typing import Final

# Embeddings, overrides and isolates reorder whatever stands behind them, up to the end of the paragraph. They are taken
# out rather than closed again: a text can also close what it did not open, and scripts from right to left need none.
# With them go characters that nobody sees, by which a text can look like another one, or like nothing.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb]"
)

# Invisible copies of ASCII. Behind a black flag some of them spell the flags of England, Scotland and Wales.
_TAGS: Final = re.compile("(\U0001f3f4[\U000e0061-\U000e007a]{4,6}\U000e007f)|[\U000e0000-\U000e007f]")

# Line breaks too: a caption is one paragraph, and headings, quotes and lists begin at the start of a line.
_SPACES: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_HALVES: Final = re.compile("[\ud800-\udfff]")

_JOINERS: Final = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_MOST_MARKS: Final = 5
"""On one letter: as many as Tibetan or Hebrew need, and too few to reach into other people's lines."""


def plain(text: str) -> str:
    """`text` as one line without what cannot be seen, reorders the rest, or towers above it."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _TAGS.sub(lambda match: match[1] or "", _UNSEEN.sub("", text))
    text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", _SPACES.sub(" ", text))
    return _thinned(text).strip()


def _thinned(text: str) -> str:
    kept = []
    marks = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
            if marks > _MOST_MARKS:
                continue
        elif character not in _JOINERS:
            marks = 0
        kept.append(character)
    return "".join(kept)
