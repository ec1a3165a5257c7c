"""The grammar of `/imagine`: words are the prompt, `--flags` say how to draw it; one grammar for both platforms.

::

    a red fox in the snow --ar 16:9 --size large --seed 7 --n 2 --raw --private

Flags stand anywhere and in any order, as `--flag value` or `--flag=value`; the last of two equal ones counts.
Text in double quotes is prompt, whatever it holds. Phones turn `--` into a dash and straight quotes into curly
ones: both are read as what was meant.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.model import MAX_SEED, ImageRequest, Size
from bot.sizes import RATIOS, SIZES, Tier, allowed

MAX_PROMPT: Final = 800
"""Characters; the service silently cuts what is beyond."""

MAX_COUNT: Final = 4

_TOKEN: Final = re.compile(r'(?:"[^"]*"|[“„][^“”„]*[“”]|\S)+')
_FLAG: Final = re.compile(r"(--|[—–])([^\W\d_][\w-]*)(?:=(.*))?", re.DOTALL)
_SIZE: Final = re.compile(r"(\d{1,5})[x*×](\d{1,5})", re.IGNORECASE)
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, which no encoder takes."""

_QUOTES: Final = '"“”„'

_WITH_VALUE: Final = ("ar", "size", "seed", "n")
_WITHOUT_VALUE: Final = ("extend", "raw", "private", "help")
FLAGS: Final = (*_WITH_VALUE, *_WITHOUT_VALUE)
_OTHER_NAMES: Final = {"aspect": "ar", "count": "n", "number": "n"}


@dataclass(frozen=True, slots=True)
class EmptyPrompt:
    """There is nothing to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTooLong:
    """The prompt has `length` characters."""

    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFlag:
    """`flag` is none of ours; `corrected` is the whole line with the nearest one, ready to copy."""

    flag: str
    suggestion: str | None
    corrected: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadValue:
    """`flag` cannot be `value` (None: nothing was given)."""

    flag: str
    value: str | None


@dataclass(frozen=True, slots=True)
class SizeAndRatio:
    """Pixels and an aspect ratio were both asked for."""


@dataclass(frozen=True, slots=True)
class HelpWanted:
    """`--help`."""


Invalid = EmptyPrompt | PromptTooLong | UnknownFlag | BadValue | SizeAndRatio | HelpWanted


class _Refusal(Exception):
    """Carries an `Invalid` out of the reading; never leaves this module."""

    def __init__(self, invalid: Invalid) -> None:
        self.invalid = invalid


def parse(
    line: str, *, typed: Mapping[str, str] | None = None, extend: bool, seed: Callable[[], int]
) -> ImageRequest | Invalid:
    """Read a command's text; never raises.

    `typed` holds options that the platform offers as fields, by the flag's name: they win over inline flags.
    `extend` is the deployment's default, `seed` chooses one where the person did not.
    """
    try:
        words, flags = _read(_UNSENDABLE.sub(" ", line))
        flags = {name: value for name, value in flags.items() if name not in (typed or {})} | dict(typed or {})
        return _request(" ".join(words), flags, extend=extend, seed=seed)
    except _Refusal as refusal:
        return refusal.invalid


def _read(line: str) -> tuple[list[str], dict[str, str]]:
    """Split a line into the prompt's words and its flags, in the order in which they count."""
    tokens = _TOKEN.findall(line)
    words: list[str] = []
    flags: dict[str, str] = {}
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        match = _FLAG.fullmatch(token)
        if match is None or (match[1] != "--" and _nearest(match[2]) is None):
            # A dash before a word that is like none of ours is punctuation, not a flag that a phone spoiled.
            words.append(token)
            continue
        name = _OTHER_NAMES.get(match[2].lower(), match[2].lower())
        if name not in FLAGS:
            raise _Refusal(_unknown(match[2], tokens, at - 1))
        value = match[3]
        if name in _WITH_VALUE and value is None:
            if at == len(tokens) or _FLAG.fullmatch(tokens[at]):
                raise _Refusal(BadValue(flag=name, value=None))
            value = tokens[at]
            at += 1
        elif name in _WITHOUT_VALUE and value is not None:
            raise _Refusal(BadValue(flag=name, value=value))
        flags.pop(name, None)
        flags[name] = (value or "").strip(_QUOTES)
    return words, flags


def _request(prompt: str, flags: Mapping[str, str], *, extend: bool, seed: Callable[[], int]) -> ImageRequest:
    if "help" in flags:
        raise _Refusal(HelpWanted())
    size = _size(flags.get("ar"), flags.get("size"))
    chosen = _number("seed", flags["seed"], 0, MAX_SEED) if "seed" in flags else seed()
    count = _number("n", flags["n"], 1, MAX_COUNT) if "n" in flags else 1
    for name in flags:
        if name in ("extend", "raw"):
            extend = name == "extend"
    if not prompt.strip(_QUOTES + " "):
        raise _Refusal(EmptyPrompt())
    if len(prompt) > MAX_PROMPT:
        raise _Refusal(PromptTooLong(length=len(prompt)))
    return ImageRequest(prompt=prompt, size=size, seed=chosen, extend=extend, count=count, private="private" in flags)


def _size(ratio: str | None, size: str | None) -> Size:
    tier = Tier.SMALL
    if size is not None:
        if match := _SIZE.fullmatch(size):
            pixels = Size(int(match[1]), int(match[2]))
            if not allowed(pixels):
                raise _Refusal(BadValue(flag="size", value=size))
            if ratio is not None:
                raise _Refusal(SizeAndRatio())
            return pixels
        try:
            tier = Tier(size.lower())
        except ValueError:
            raise _Refusal(BadValue(flag="size", value=size)) from None
    if ratio is None:
        return SIZES["1:1", tier]
    if ratio.replace("/", ":") not in RATIOS:
        raise _Refusal(BadValue(flag="ar", value=ratio))
    return SIZES[ratio.replace("/", ":"), tier]


def _number(flag: str, value: str, least: int, most: int) -> int:
    # Digits of other scripts and numbers of thousands of digits are refused before int() sees them.
    if value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most:
        return int(value)
    raise _Refusal(BadValue(flag=flag, value=value))


def _nearest(name: str) -> str | None:
    known = (*FLAGS, *_OTHER_NAMES)
    return next(iter(difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)), None)


def _unknown(name: str, tokens: list[str], at: int) -> UnknownFlag:
    suggestion = _nearest(name)
    if suggestion is None:
        return UnknownFlag(flag=name, suggestion=None, corrected=None)
    _, equals, value = tokens[at].partition("=")
    corrected = [*tokens[:at], f"--{suggestion}{equals}{value}", *tokens[at + 1 :]]
    return UnknownFlag(flag=name, suggestion=suggestion, corrected=" ".join(corrected))
