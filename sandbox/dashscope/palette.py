"""From the words of a prompt to the colours and the things of a landscape."""

import random
import re
from dataclasses import dataclass, replace
from typing import Final

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The sky from top to horizon, the light in it, and the land from far to near; each channel 0 to 255."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    light: Colour
    far: Colour
    near: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is to be drawn: the colours, and which things are in the picture."""

    palette: Palette
    night: bool
    snow: bool
    trees: bool
    water: bool
    peaks: bool


def _hex(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


def _palette(codes: str) -> Palette:
    zenith, middle, horizon, light, far, near = (_hex(code) for code in codes.split())
    return Palette(zenith=zenith, middle=middle, horizon=horizon, light=light, far=far, near=near)


# zenith, middle, horizon, light, far, near
_PALETTES: Final = {
    "dawn": _palette("5b7db1 c9a7b8 fbd9b5 fff3d6 b79fb0 2b2b46"),
    "red": _palette("3d1f3d b0413e f7a072 ffe3b8 b8605c 2a1220"),
    "orange": _palette("56476e d9825b fcd29f fff0cc c98d6b 33202a"),
    "gold": _palette("7fa3b5 e6cf9d fbe7b2 fffbe3 cfae73 3d3222"),
    "green": _palette("6fa3a0 b9d6b9 eef3d2 fffde6 8fb79a 15302b"),
    "blue": _palette("1f4e8c 6ea8d6 dceff7 ffffff 7ea6c9 10253f"),
    "purple": _palette("2f2a5c 8a6bb1 f0bcd0 ffe9ee 9a80b5 1f1838"),
    "pink": _palette("8fa8d6 f0b7c9 fde5dc fff8ef d9a2b7 472a45"),
    "white": _palette("8aa4bf c6d4e0 f2f3f1 ffffff b3c3d1 3a4c60"),
    "night": _palette("070b1f 142450 3e5c8c eef2ff 33497a 060a18"),
    "grey": _palette("5c6670 99a3aa d9dcdc f7f7f2 98a1a8 22282e"),
}
_WORDS: Final = {
    "red": "red crimson scarlet ruby fox fire flame lava mars blood rose rot rouge rojo",
    "orange": "orange sunset evening dusk autumn fall pumpkin tiger amber copper",
    "gold": "gold golden yellow desert sand dune wheat lemon honey savanna lion",
    "green": "green forest jungle meadow moss emerald frog grass garden spring tea bamboo grün vert verde",
    "blue": "blue azure sea ocean lake river sky whale ice cobalt sapphire blau bleu azul",
    "purple": "purple violet lavender lilac magic dream nebula galaxy twilight wizard",
    "pink": "pink cherry blossom sakura flamingo peach coral candy",
    "white": "white snow snowy winter frost polar arctic swan",
    "night": "night midnight moon moonlit moonlight stars star starry space cosmos dark black owl",
    "grey": "grey gray fog foggy mist misty rain storm stone silver cat wolf",
    "dawn": "dawn morning sunrise pastel",
}
_CHARACTERS: Final = {
    "red": "红紅火狐",
    "orange": "橙秋",
    "gold": "金黄黃沙",
    "green": "绿綠森竹草",
    "blue": "蓝藍海湖",
    "purple": "紫",
    "pink": "粉樱櫻花",
    "white": "白雪冬",
    "night": "夜月星黑",
    "grey": "灰雾霧雨",
}
_TREES: Final = frozenset(["forest", "jungle", "wood", "woods", "tree", "trees", "pine", "fox", "wolf", "owl", "bear"])
_WATER: Final = frozenset(["sea", "ocean", "lake", "river", "water", "boat", "ship", "island", "fish", "whale", "swan"])
_PEAKS: Final = frozenset(["mountain", "mountains", "alps", "peak", "peaks", "castle", "dragon", "ice", "volcano"])
_NIGHT: Final = frozenset(_WORDS["night"].split()) - {"dark", "black"}
_SNOW: Final = frozenset(["snow", "snowy", "winter", "frost", "polar", "arctic"])


def read_scene(prompt: str, *, dice: random.Random) -> Scene:
    """The scene that `prompt` asks for; `dice` decides what its words leave open."""
    words = re.findall(r"\w+", prompt.lower())
    moods = [mood for word in words for mood in _moods(word)]
    said = set(words)
    night = bool(said & _NIGHT) or any(character in prompt for character in _CHARACTERS["night"])
    snow = bool(said & _SNOW) or "雪" in prompt
    colours = [mood for mood in moods if mood != "night"]
    calm = [mood for mood in _PALETTES if mood not in {"night", "grey"}]
    palette = _PALETTES[(colours or (["night"] if night else [dice.choice(calm)]))[0]]
    if len(colours) > 1:
        palette = _blend(palette, _PALETTES[colours[1]], 0.3)
    if night and colours:
        palette = _blend(palette, _PALETTES["night"], 0.68)
    if snow:
        palette = replace(
            palette,
            far=mix(palette.far, (235, 240, 246), 0.45),
            near=mix(palette.near, (150, 170, 192), 0.4 if night else 0.55),
        )
    chance = dice.random()
    return Scene(
        palette=palette,
        night=night,
        snow=snow,
        trees=bool(said & _TREES) or any(c in prompt for c in "森林树樹狐") or chance < 0.3,
        water=bool(said & _WATER) or any(c in prompt for c in "海湖水河") or chance > 0.7,
        peaks=bool(said & _PEAKS) or "山" in prompt or 0.2 < chance < 0.55,
    )


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour between two: `one` at share 0, `other` at share 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _moods(word: str) -> list[str]:
    found = [mood for mood, words in _WORDS.items() if word in words.split()]
    return found + [mood for mood, characters in _CHARACTERS.items() if any(c in word for c in characters)]


def _blend(one: Palette, other: Palette, share: float) -> Palette:
    return Palette(
        zenith=mix(one.zenith, other.zenith, share),
        middle=mix(one.middle, other.middle, share),
        horizon=mix(one.horizon, other.horizon, share),
        light=mix(one.light, other.light, share),
        far=mix(one.far, other.far, share),
        near=mix(one.near, other.near, share),
    )
