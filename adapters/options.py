"""Options of `/imagine-settings` as they were typed, read as defaults and as rules."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.captions import clip
from adapters.choices import CHOICES, DEFAULT, FIELDS, IMAGES, PERSONAL, SIZE
from adapters.locales import catalogue
from adapters.sentences import ChannelMention, Sentence
from bot import wordlist
from bot.defaults import Defaults
from bot.model import Space
from bot.plain import plain
from bot.rules import Change, Kind, Subject
from bot.sizes import Tier

_FLAGS: Final = {"pictures": Kind.PICTURES, "spoilers": Kind.SPOILER, "restricted": Kind.RESTRICTED}
_ON: Final = {"on": True, "off": False}
_CHANNEL: Final = re.compile(r"(?:<#)?([0-9]{1,20}|[CG][A-Z0-9]+)(?:\|[^>]*)?>?")
_QUOTED: Final = 60


class Wrong(Exception):
    """Carries the sentence about a bad option to whoever answers; no person reads the exception itself."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence


def changed(before: Defaults, options: Mapping[str, str], *, locale: str | None) -> Defaults:
    """`before` with what was typed."""
    fields: dict[str, Any] = {}
    for name, typed in options.items():
        value = typed.strip().lower()
        if name not in PERSONAL:
            raise Wrong(catalogue(locale).setting_unknown(name=quoted(name), known=PERSONAL))
        if value not in (*CHOICES[name], DEFAULT):
            takes = (*CHOICES[name], DEFAULT)
            raise Wrong(catalogue(locale).setting_bad(name=name, value=quoted(typed), takes=takes))
        fields[FIELDS[name]] = None if value == DEFAULT else _value(name, value)
    return replace(before, **fields)


def rule(name: str, typed: str, *, space: Space, subject: Subject, closed: bool, locale: str | None) -> Change:
    """The rule that one option makes, or takes back."""
    words, value = catalogue(locale), typed.strip()
    kind = _FLAGS.get(name, Kind.WORDS if name == "words" else Kind.LOG)
    change = Change(space=space, subject=subject, kind=kind)
    if value.lower() == DEFAULT or (name not in _FLAGS and value.lower() in ("off", "")):
        return replace(change, applies=False)
    if name in _FLAGS:
        if value.lower() not in _ON:
            raise Wrong(words.setting_bad(name=name, value=quoted(value), takes=(*_ON, DEFAULT)))
        return replace(change, value=int(_ON[value.lower()]))
    if name == "log":
        match = _CHANNEL.fullmatch(value)
        if match is None or match[1].isdigit() is not space.startswith("discord:"):
            raise Wrong(words.setting_no_channel(text=quoted(value)))
        if closed:
            raise Wrong(words.setting_closed(channel=ChannelMention(match[1])))
        return replace(change, text=match[1])
    match wordlist.words_of(value):
        case wordlist.TooManyWords(limit=limit):
            raise Wrong(words.too_many_words(limit=limit))
        case wordlist.BadWord(word=word, limit=limit):
            raise Wrong(words.bad_word(word=quoted(word), limit=limit))
        case entries:
            return replace(change, applies=bool(entries), text=wordlist.to_json(entries) if entries else None)


def _value(name: str, value: str) -> str | int | bool:
    if name == SIZE:
        return Tier(value)
    if name == IMAGES:
        return int(value)
    return _ON.get(value, value)


def quoted(typed: str) -> str:
    """What was typed, short enough to be shown back."""
    return clip(plain(typed), _QUOTED)
