"""Words that a server or workspace keeps out of prompts: found as whole words, however they are written."""

import functools
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.plain import plain

MOST_WORDS: Final = 200
LONGEST_WORD: Final = 60
"""Characters of one entry."""

_COMMAS: Final = re.compile("[,;\n\N{FULLWIDTH COMMA}\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH SEMICOLON}]")

# They choose how a sign looks, join two, stretch a word, or put a line above, below or through it: it reads the same.
_LINES: Final = "\u0305\u0332\u0333\u0335-\u0338\u033f\u20d0-\u20f0"
_UNSEEN: Final = re.compile(f"[\u0640\u200c\u200d\ufe00-\ufe0f{_LINES}\U000e0100-\U000e01ef]")

# Scripts that put no spaces between words: Thai, Lao, Tibetan, Burmese, Khmer, kana and Chinese characters.
_UNSPACED: Final = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
_IDEOGRAPHS: Final = "\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U00020000-\U0003ffff"
_DENSE: Final = re.compile(f"[{_UNSPACED}{_IDEOGRAPHS}]")

# Particles are written right behind a Korean word, and behind a foreign one: an entry is found before any of them,
# and so at the beginning of a longer word, too.
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyWords:
    """More than `limit` entries."""

    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BadWord:
    """`word` has more than `limit` characters, or neither a letter nor a digit."""

    word: str
    limit: int


def words_of(text: str) -> tuple[str, ...] | TooManyWords | BadWord:
    """The entries of a list that somebody typed, separated by commas; each once, as typed."""
    entries: dict[str, str] = {}
    for entry in filter(None, map(plain, _COMMAS.split(text))):
        key = _needle(entry)
        if len(entry) > LONGEST_WORD or not key.strip():
            return BadWord(word=entry, limit=LONGEST_WORD)
        entries.setdefault(key, entry)
    if len(entries) > MOST_WORDS:
        return TooManyWords(limit=MOST_WORDS)
    return tuple(entries.values())


def to_json(words: Iterable[str]) -> str:
    """A list as it is kept."""
    return json.dumps(list(words), ensure_ascii=False)


def from_json(text: str | None) -> tuple[str, ...]:
    """A list that was kept; what is no text in it is left out."""
    try:
        words = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return ()
    return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


def found(prompt: str, words: Iterable[str]) -> str | None:
    """The first of `words` that stands in `prompt`; None if none does."""
    text = f" {' '.join(_tokens(prompt))} "
    return next((word for word in words if (needle := _needle(word)).strip() and needle in text), None)


@functools.lru_cache(maxsize=4096)
def _needle(word: str) -> str:
    """`word` as it stands among the tokens of a prompt: where its ends are of a spaced script, between blanks."""
    text = " ".join(_tokens(word))
    if not text:
        return ""
    open_end = _DENSE.match(text[-1]) or _HANGUL.match(text[-1])
    return f"{'' if _DENSE.match(text[0]) else ' '}{text}{'' if open_end else ' '}"


def _tokens(text: str) -> list[str]:
    """The runs of letters, digits and their marks, folded; everything else, and a change of writing, parts."""
    tokens: list[str] = []
    token = ""
    for character in _folded(text):
        letter = character.isalnum()
        if letter and token and _writing(token[-1]) != _writing(character):
            tokens.append(token)
            token = character
        elif letter or (token and unicodedata.category(character).startswith("M")):
            token += character
        elif token:
            tokens.append(token)
            token = ""
    return [*tokens, token] if token else tokens


def _writing(character: str) -> tuple[bool, bool]:
    """Whether it is of a script without spaces, and whether it is Hangul."""
    return _DENSE.match(character) is not None, _HANGUL.match(character) is not None


def _folded(text: str) -> str:
    text = _UNSEEN.sub("", plain(text))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # The Turkish capital I has its dot as a sign of its own once it is small.
    return folded.replace("i\N{COMBINING DOT ABOVE}", "i")
