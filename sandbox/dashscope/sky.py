"""The sky: a gradient, stars, a sun or a moon with its glow, clouds, and an aurora on some nights."""

import math
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sandbox.dashscope.palette import Colour, Palette, Scene, mix

# Soft things are drawn this many times smaller and scaled up: nobody sees it, and it is much faster.
_SOFT: Final = 8
# And sharp things this many times larger, scaled down: that is what makes them smooth.
_FINE: Final = 3
_WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """The sun or the moon, in pixels."""

    x: int
    y: int
    radius: int


def gradient(width: int, height: int, stops: list[tuple[float, Colour]]) -> Image.Image:
    """A vertical gradient through `stops`, each a share of the height and a colour, in order."""
    column = bytearray()
    for row in range(height):
        at = row / max(1, height - 1)
        low, high = next((pair for pair in pairwise(stops) if at <= pair[1][0]), (stops[-1], stops[-1]))
        share = (at - low[0]) / (high[0] - low[0]) if high[0] > low[0] else 0.0
        column += bytes(mix(low[1], high[1], share * share * (3 - 2 * share)))
    return Image.frombytes("RGB", (1, height), bytes(column)).resize((width, height), Image.Resampling.NEAREST)


def paint_sky(width: int, height: int, scene: Scene, *, horizon: int, dice: random.Random) -> tuple[Image.Image, Lamp]:
    """The whole sheet as sky, with `horizon` as the row where land or water will meet it; and where the light is."""
    palette = scene.palette
    at = horizon / height
    sky = gradient(
        width,
        height,
        [(0.0, palette.zenith), (at * 0.55, palette.middle), (at, palette.horizon), (1.0, palette.horizon)],
    )
    short = min(width, height)
    lamp = Lamp(
        x=round(width * dice.choice((dice.uniform(0.22, 0.4), dice.uniform(0.6, 0.78)))),
        y=round(horizon * (dice.uniform(0.26, 0.5) if scene.night else dice.uniform(0.42, 0.82))),
        radius=round(short * (dice.uniform(0.045, 0.07) if scene.night else dice.uniform(0.06, 0.105))),
    )
    if scene.night:
        _stars(sky, lamp, horizon, dice)
        if dice.random() < 0.6:
            _aurora(sky, palette, horizon, dice)
    _glow(sky, lamp, palette.light, reach=7.5, strength=0.5)
    _glow(sky, lamp, palette.light, reach=2.6, strength=0.55)
    _disc(sky, lamp, palette.light, crescent=scene.night and dice.random() < 0.6)
    _clouds(sky, palette, horizon, night=scene.night, dice=dice)
    return sky, lamp


def _stars(sky: Image.Image, lamp: Lamp, horizon: int, dice: random.Random) -> None:
    mask = Image.new("L", (sky.width * _FINE, horizon * _FINE))
    pen = ImageDraw.Draw(mask)
    unit = _FINE * max(1.0, min(sky.size) / 800)
    for _ in range(round(sky.width * horizon / 3000)):
        x, y = dice.uniform(0, mask.width), mask.height * dice.random() ** 1.4
        radius = unit * (0.45 + 1.3 * dice.random() ** 5)
        brightness = round((1 - y / mask.height * 0.75) * dice.randint(80, 255))
        if math.hypot(x / _FINE - lamp.x, y / _FINE - lamp.y) > lamp.radius * 1.3:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), brightness)
    sky.paste(_WHITE, (0, 0), mask.reduce(_FINE))


def _aurora(sky: Image.Image, palette: Palette, horizon: int, dice: random.Random) -> None:
    wide, high = max(1, sky.width // _SOFT), max(1, horizon // _SOFT)
    mask = Image.new("L", (wide, high))
    strip = Image.linear_gradient("L").resize((1, max(8, high // 2)))
    phase, turns = dice.uniform(0, math.tau), dice.uniform(0.7, 1.3)
    for x in range(wide):
        at = x / wide * math.tau * turns + phase
        foot = high * (0.62 + 0.13 * math.sin(at) + 0.05 * math.sin(2.7 * at + 1))
        strength = 0.30 + 0.17 * math.sin(5.3 * at) + 0.1 * math.sin(13 * at + phase)
        ray = strip.point([round(value * max(0.0, strength) * (value / 255)) for value in range(256)])
        mask.paste(ray, (x, round(foot) - strip.height))
    mask = mask.filter(ImageFilter.GaussianBlur(1.6)).resize((wide * _SOFT, high * _SOFT), Image.Resampling.BICUBIC)
    colour = mix((120, 255, 200), palette.light, dice.uniform(0.1, 0.5))
    sky.paste(colour, (0, 0), mask)


def _glow(sky: Image.Image, lamp: Lamp, colour: Colour, *, reach: float, strength: float) -> None:
    radius = round(lamp.radius * reach)
    # Pillow's radial gradient reaches 255 in the corners, so 180 is where the halo must have ended: the sides.
    fall = [round(255 * strength * max(0.0, 1 - distance / 180) ** 2.2) for distance in range(256)]
    halo = Image.radial_gradient("L").point(fall).resize((2 * radius, 2 * radius), Image.Resampling.BILINEAR)
    sky.paste(colour, (lamp.x - radius, lamp.y - radius), halo)


def _disc(sky: Image.Image, lamp: Lamp, colour: Colour, *, crescent: bool) -> None:
    side = 2 * lamp.radius * _FINE
    disc = Image.new("L", (side, side))
    ImageDraw.Draw(disc).ellipse((0, 0, side - 1, side - 1), 255)
    if crescent:
        bite = Image.new("L", (side, side), 255)
        ImageDraw.Draw(bite).ellipse((side * 0.3, -side * 0.12, side * 1.22, side * 0.8), 0)
        disc = ImageChops.multiply(disc, bite)
    sky.paste(mix(colour, _WHITE, 0.5), (lamp.x - lamp.radius, lamp.y - lamp.radius), disc.reduce(_FINE))


def _clouds(sky: Image.Image, palette: Palette, horizon: int, *, night: bool, dice: random.Random) -> None:
    wide, high = max(1, sky.width // _SOFT), max(1, horizon // _SOFT)
    mask = Image.new("L", (wide, high))
    pen = ImageDraw.Draw(mask)
    for _ in range(dice.randint(2, 5)):
        x, y = dice.uniform(0, wide), high * dice.uniform(0.15, 0.8)
        length, thick = wide * dice.uniform(0.12, 0.3), high * dice.uniform(0.006, 0.016)
        alpha = dice.randint(60, 130) // (2 if night else 1)
        for _ in range(14):
            dx, dy = dice.gauss(0, length * 0.5), dice.gauss(0, thick * 1.6)
            half = length * dice.uniform(0.15, 0.5)
            tall = max(0.6, thick * dice.uniform(0.6, 1.3))
            pen.ellipse((x + dx - half, y + dy - tall, x + dx + half, y + dy + tall), alpha)
    soft = mask.filter(ImageFilter.GaussianBlur(2)).resize((wide * _SOFT, high * _SOFT), Image.Resampling.BICUBIC)
    sky.paste(mix(palette.light, palette.horizon, 0.4), (0, 0), soft)
