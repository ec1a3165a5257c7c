"""The grammar of `/imagine`: words are the prompt, `--flags` say how to draw it; one grammar for both platforms.

::

    a red fox in the snow --ar 16:9 --size large --seed 7 --n 2 --raw --private

Flags stand anywhere and in any order, as `--flag value` or `--flag=value`; the last of two equal ones counts.
Text in double quotes is prompt, whatever it holds. Phones turn `--` into a dash and straight quotes into curly
ones: both are read as what was meant. Braces stand for several pictures: `{red,blue} fox` is two.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.defaults import MOST_PICTURES, NO_DEFAULTS, Defaults
from bot.model import MAX_SEED, ImageRequest, Size
from bot.plain import plain
from bot.sizes import RATIOS, SIZES, Tier, allowed
from bot.variants import how_many, prompts, variants

MAX_PROMPT: Final = 800
"""Characters; the service silently cuts what is beyond."""

MAX_COUNT: Final = MOST_PICTURES

_TOKEN: Final = re.compile(r'(?:"[^"]*"|[“„][^“”„]*[“”]|\S)+')
_FLAG: Final = re.compile(r"(--|[—–]{1,2})([^\W\d_][\w-]*)(?:=(.*))?", re.DOTALL)
_SIZE: Final = re.compile(r"(\d{1,5})[x*×](\d{1,5})", re.IGNORECASE)
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, which no encoder takes."""

_QUOTES: Final = '"“”„'

_WITH_VALUE: Final = ("ar", "size", "seed", "n")
_WITHOUT_VALUE: Final = ("extend", "raw", "private", "public", "help")
FLAGS: Final = (*_WITH_VALUE, *_WITHOUT_VALUE)
_OTHER_NAMES: Final = {"aspect": "ar", "count": "n", "number": "n"}

_ALIKE: Final = 0.6
_NEARLY_SAME: Final = 0.8


@dataclass(frozen=True, slots=True)
class EmptyPrompt:
    """There is nothing to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTooLong:
    """The prompt has `length` characters."""

    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFlag:
    """`flag` is none of ours; `corrected` is the whole line with the nearest one, if it can be drawn as it stands."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyPictures:
    """Braces and `--n` together ask for `count` pictures."""

    count: int


@dataclass(frozen=True, slots=True)
class HelpWanted:
    """`--help`."""


Invalid = EmptyPrompt | PromptTooLong | UnknownFlag | BadValue | SizeAndRatio | TooManyPictures | HelpWanted


class _Refusal(Exception):
    """Carries an `Invalid` out of the reading; never leaves this module."""

    def __init__(self, invalid: Invalid) -> None:
        self.invalid = invalid


def parse(
    line: str,
    *,
    typed: Mapping[str, str] | None = None,
    extend: bool,
    seed: Callable[[], int],
    defaults: Defaults = NO_DEFAULTS,
) -> ImageRequest | Invalid:
    """Read a command's text; never raises.

    `typed` holds options that the platform offers as fields, by the flag's name: they win over inline flags, but for
    `public`, which takes back a default alone. `defaults` are the person's and the channel's, `extend` is the
    deployment's, and `seed` chooses one where the person did not.
    """
    extend = extend if defaults.extend is None else defaults.extend
    outcome = _parse(line, typed or {}, extend=extend, seed=seed, defaults=defaults)
    if isinstance(outcome, UnknownFlag) and outcome.corrected is not None:
        corrected = _parse(outcome.corrected, typed or {}, extend=extend, seed=seed, defaults=defaults)
        if not isinstance(corrected, ImageRequest):
            return replace(outcome, corrected=None)
    return outcome


def flags_of(request: ImageRequest) -> dict[str, str]:
    """The options, as fields by the flag's name, with which `request` is asked for again, whatever the defaults are."""
    named = {size: (ratio, tier) for (ratio, tier), size in SIZES.items()}.get(request.size)
    pixels = f"{request.size.width}x{request.size.height}"
    return {
        **({"size": pixels} if named is None else {"ar": named[0], "size": named[1].value}),
        "seed": str(request.seed),
        # Of several prompts, each is drawn so often.
        "n": str(request.count // max(len(request.prompts), 1)),
        "extend" if request.extend else "raw": "",
        "private" if request.private else "public": "",
    }


def _parse(
    line: str, typed: Mapping[str, str], *, extend: bool, seed: Callable[[], int], defaults: Defaults
) -> ImageRequest | Invalid:
    try:
        words, flags = _read(_UNSENDABLE.sub(" ", line))
        # "private: no" takes a default back, and does not publish what the line says is private: anything goes before.
        weak = {"public": typed["public"]} if "public" in typed else {}
        flags = weak | {name: value for name, value in flags.items() if name not in typed} | dict(typed)
        return _request(" ".join(words), flags, extend=extend, seed=seed, defaults=defaults)
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
        match = _flag(token)
        if match is None:
            words.append(token)
            continue
        name = _name(match)
        if name not in FLAGS:
            raise _Refusal(_unknown(match[2], tokens, at - 1))
        value = match[3]
        if name in _WITH_VALUE and value is None:
            if at == len(tokens) or _flag(tokens[at]):
                raise _Refusal(BadValue(flag=name, value=None))
            value = tokens[at]
            at += 1
        elif name in _WITHOUT_VALUE and value is not None:
            raise _Refusal(BadValue(flag=name, value=value))
        flags.pop(name, None)
        flags[name] = (value or "").strip(_QUOTES)
    return words, flags


def _request(
    prompt: str, flags: Mapping[str, str], *, extend: bool, seed: Callable[[], int], defaults: Defaults
) -> ImageRequest:
    if "help" in flags:
        raise _Refusal(HelpWanted())
    size = _size(flags.get("ar"), flags.get("size"), defaults)
    chosen = _number("seed", flags["seed"], 0, MAX_SEED) if "seed" in flags else seed()
    count = _number("n", flags["n"], 1, MAX_COUNT) if "n" in flags else defaults.count or 1
    private = defaults.private is True
    for name in flags:
        if name in ("extend", "raw"):
            extend = name == "extend"
        elif name in ("private", "public"):
            private = name == "private"
    parts = variants(prompt)
    most = how_many(parts)
    if most * count > MAX_COUNT and most > 1:
        raise _Refusal(TooManyPictures(count=most * count))
    # Without braces the prompt stays as it was typed, also between its quotes.
    made = prompts(parts) if len(parts) > 1 else (prompt,)
    for text in made:
        _drawable(text)
    several = len(made) > 1
    return ImageRequest(
        prompt=prompt if several else made[0],
        size=size,
        seed=chosen,
        extend=extend,
        count=len(made) * count,
        private=private,
        prompts=made if several else (),
    )


def _drawable(prompt: str) -> None:
    # Quotes, spaces of any kind and what has no width draw nothing.
    if not any(character.isprintable() and character not in f" {_QUOTES}" for character in plain(prompt)):
        raise _Refusal(EmptyPrompt())
    if len(prompt) > MAX_PROMPT:
        raise _Refusal(PromptTooLong(length=len(prompt)))


def _size(ratio: str | None, size: str | None, defaults: Defaults) -> Size:
    tier = defaults.size or Tier.SMALL
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
        return SIZES[defaults.ratio or "1:1", tier]
    # A slash means the same, and Chinese keyboards have a colon of their own.
    plain = ratio.replace("/", ":").replace("\N{FULLWIDTH COLON}", ":")
    if plain not in RATIOS:
        raise _Refusal(BadValue(flag="ar", value=ratio))
    return SIZES[plain, tier]


def _number(flag: str, value: str, least: int, most: int) -> int:
    # Digits of other scripts and numbers of thousands of digits are refused before int() sees them.
    if value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most:
        return int(value)
    raise _Refusal(BadValue(flag=flag, value=value))


def _flag(token: str) -> re.Match[str] | None:
    """A flag's parts. A dash before a word that is hardly one of ours is punctuation, not a flag a phone spoiled."""
    match = _FLAG.fullmatch(token)
    if match is None or (match[1] != "--" and _nearest(match[2], _NEARLY_SAME) is None):
        return None
    return match


def _name(flag: re.Match[str]) -> str:
    return _OTHER_NAMES.get(flag[2].lower(), flag[2].lower())


def _nearest(name: str, likeness: float) -> str | None:
    known = (*FLAGS, *_OTHER_NAMES)
    return next(iter(difflib.get_close_matches(name.lower(), known, n=1, cutoff=likeness)), None)


def _unknown(name: str, tokens: list[str], at: int) -> UnknownFlag:
    suggestion = _nearest(name, _ALIKE)
    if suggestion is None:
        return UnknownFlag(flag=name, suggestion=None, corrected=None)
    corrected = " ".join([*tokens[:at], *map(_mended, tokens[at:])])
    return UnknownFlag(flag=name, suggestion=suggestion, corrected=corrected)


def _mended(token: str) -> str:
    flag = _flag(token)
    if flag is None or _name(flag) in FLAGS:
        return token
    value = "" if flag[3] is None else f"={flag[3]}"
    return f"--{_nearest(flag[2], _ALIKE) or flag[2]}{value}"
