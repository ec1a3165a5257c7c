"""The land: ridge behind ridge, each a little darker, with mist between them; trees, water and snowfall."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from sandbox.dashscope.palette import Colour, Scene, mix
from sandbox.dashscope.sky import Lamp, gradient

# Outlines are drawn this many times larger and scaled down: that is what makes them smooth.
_FINE: Final = 3
_STEP: Final = 4


def paint_ridges(sheet: Image.Image, scene: Scene, *, top: int, bottom: int, dice: random.Random) -> None:
    """Ridges from far to near over `sheet`, the farthest at row `top`; mist gathers above row `bottom`."""
    palette = scene.palette
    layers = dice.randint(4, 5)
    span = bottom - top
    for layer in range(layers):
        depth = layer / (layers - 1)
        base = top + span * (0.02 + 0.8 * depth**1.25)
        rise = span * (0.34 - 0.1 * depth)
        sharp = scene.peaks and layer < layers - 2
        outline = _peaks(sheet.width, dice) if sharp else _hills(sheet.width, dice, calm=1.0 - 0.4 * depth)
        heights = [base - rise * (1.5 if sharp else 1.0) * height for height in outline]
        colour = mix(palette.far, palette.near, depth**1.15)
        mist = mix(colour, palette.horizon, 0.62 * (1 - depth) + 0.12)
        forest = scene.trees and layer >= layers - 3
        _paint_ridge(
            sheet, heights, colour, mist, bottom=bottom, trees=0.35 + 0.65 * depth if forest else 0.0, dice=dice
        )


def _hills(width: int, dice: random.Random, *, calm: float) -> list[float]:
    """A rolling outline, 0 to 1, one height for every step."""
    waves = [(dice.uniform(0.6, 1.1) * 1.9**octave, dice.uniform(0, math.tau), 0.5**octave) for octave in range(5)]
    waves = [
        (turns, phase, share * (calm if octave > 1 else 1.0)) for octave, (turns, phase, share) in enumerate(waves)
    ]
    total = sum(share for _, _, share in waves)
    return [
        0.5 + sum(share * math.sin(turns * x / width * math.tau + phase) for turns, phase, share in waves) / total / 2
        for x in range(0, width + 2 * _STEP, _STEP)
    ]


def _peaks(width: int, dice: random.Random) -> list[float]:
    """A jagged outline, 0 to 1, one height for every step: midpoint displacement between summits and saddles."""
    points = [dice.uniform(0.45, 1.0) if index % 2 else dice.uniform(0.0, 0.35) for index in range(dice.randint(5, 8))]
    points, rough = points[dice.randint(0, 1) :], 0.16
    while len(points) < width // _STEP + 3:
        between = [(a + b) / 2 + dice.uniform(-rough, rough) for a, b in pairwise(points)]
        points = [point for pair in zip(points, between, strict=False) for point in pair] + [points[-1]]
        rough *= 0.52
    return points[: width // _STEP + 3]


def _paint_ridge(
    sheet: Image.Image,
    heights: list[float],
    colour: Colour,
    mist: Colour,
    *,
    bottom: int,
    trees: float,
    dice: random.Random,
) -> None:
    tall = trees * min(sheet.size) * 0.075
    first = max(0, math.floor(min(heights) - tall * 1.4) - 2)
    if first >= bottom:
        return
    mask = Image.new("L", (sheet.width * _FINE, (bottom - first) * _FINE))
    pen = ImageDraw.Draw(mask)
    edge = [(index * _STEP * _FINE, (y - first) * _FINE) for index, y in enumerate(heights)]
    pen.polygon([(0, mask.height), *edge, (mask.width + _STEP * _FINE, mask.height)], fill=255)
    if trees:
        _plant(pen, edge, tall * _FINE, dice)
    fill = gradient(sheet.width, bottom - first, [(0.0, colour), (0.35, colour), (1.0, mist)])
    sheet.paste(fill, (0, first), mask.reduce(_FINE))


def _plant(pen: ImageDraw.ImageDraw, edge: Sequence[tuple[float, float]], tall: float, dice: random.Random) -> None:
    """Conifers along an outline, in stands with clearings between them."""
    phase, turns, x = dice.uniform(0, math.tau), dice.uniform(1.5, 3.5), 0.0
    width = edge[-1][0]
    while x < width:
        stand = 0.5 + 0.5 * math.sin(x / width * turns * math.tau + phase)
        if dice.random() < 0.25 + 0.75 * stand:
            foot = edge[min(len(edge) - 1, int(x / (_STEP * _FINE)))][1] + tall * 0.12
            _conifer(pen, x, foot, tall * dice.uniform(0.45, 1.0) * (0.6 + 0.5 * stand), dice)
        x += tall * dice.uniform(0.12, 0.42)


def _conifer(pen: ImageDraw.ImageDraw, x: float, foot: float, tall: float, dice: random.Random) -> None:
    half, tiers = tall * dice.uniform(0.15, 0.2), 5
    right, left = [], []
    for tier in range(tiers):
        low = foot - tall * (0.08 + 0.8 * tier / tiers)
        reach = half * (1 - tier / (tiers + 0.6))
        right += [(x + reach, low), (x + reach * 0.45, low - tall * 0.13)]
        left += [(x - reach, low), (x - reach * 0.45, low - tall * 0.13)]
    pen.polygon([(x, foot), *right, (x, foot - tall), *reversed(left)], fill=255)


def paint_water(sheet: Image.Image, scene: Scene, lamp: Lamp, *, line: int, dice: random.Random) -> None:
    """Still water below row `line`: what is above it upside down, with ripples and the light's path."""
    width, depth = sheet.width, sheet.height - line
    palette = scene.palette
    mirror = sheet.crop((0, max(0, line - depth), width, line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirror = mirror.resize((max(1, width // 6), depth), Image.Resampling.BOX).resize(
        (width, depth), Image.Resampling.BICUBIC
    )
    veil = Image.linear_gradient("L").point([round(50 + 0.42 * v) for v in range(256)]).resize((width, depth))
    mirror.paste(mix(palette.middle, palette.near, 0.55), (0, 0), veil)
    y = 0
    while y < depth:
        band = 1 + round(y / depth * 4)
        shift = round(math.sin(y * 0.6 + dice.uniform(-0.5, 0.5)) * (1 + 7 * y / depth) * width / 1500)
        mirror.paste(mirror.crop((0, y, width, y + band)), (shift, y))
        y += band
    sheet.paste(mirror, (0, line))
    _glitter(sheet, lamp, mix(palette.light, (255, 255, 255), 0.2), line=line, dice=dice)


def _glitter(sheet: Image.Image, lamp: Lamp, colour: Colour, *, line: int, dice: random.Random) -> None:
    depth = sheet.height - line
    mask = Image.new("L", (sheet.width, depth * 2))
    pen = ImageDraw.Draw(mask)
    for _ in range(170):
        at = dice.random() ** 1.5
        spread = lamp.radius * (0.5 + 1.5 * at)
        x, y = lamp.x + dice.gauss(0, spread * 0.6), 2 * depth * at
        half, thick = lamp.radius * dice.uniform(0.08, 0.55) * (0.5 + at), 0.8 + 3.2 * at
        pen.ellipse((x - half, y - thick, x + half, y + thick), round(dice.uniform(60, 190) * (1 - 0.6 * at)))
    soft = mask.filter(ImageFilter.GaussianBlur(0.8)).resize((sheet.width, depth), Image.Resampling.BOX)
    sheet.paste(colour, (0, line), soft)


def paint_snowfall(sheet: Image.Image, dice: random.Random) -> None:
    """Flakes of three distances over everything."""
    pen = ImageDraw.Draw(sheet, "RGBA")
    unit = min(sheet.size) / 1000
    for _ in range(round(sheet.width * sheet.height / 2600)):
        x, y = dice.uniform(0, sheet.width), dice.uniform(0, sheet.height)
        radius = unit * (0.7 + 3.0 * dice.random() ** 4)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), (255, 255, 255, dice.randint(60, 190)))


def paint_birds(sheet: Image.Image, colour: Colour, *, horizon: int, dice: random.Random) -> None:
    """A small flock, each bird two curved strokes."""
    fine = 3
    unit = min(sheet.size) * 0.011
    left, top = sheet.width * dice.uniform(0.2, 0.65), horizon * dice.uniform(0.18, 0.5)
    for _ in range(dice.randint(3, 7)):
        size = unit * dice.uniform(0.6, 1.2)
        tile = Image.new("L", (round(size * 2.4 * fine) + 2, round(size * 1.2 * fine) + 2))
        pen = ImageDraw.Draw(tile)
        middle, stroke = tile.width / 2, max(2, round(size * 0.17 * fine))
        bend = dice.uniform(0.5, 0.8)
        for side in (-1, 1):
            wing = [
                (middle + side * t / 8 * size * 1.1 * fine, tile.height * (0.75 - bend * math.sin(t / 8 * 2.4) * 0.8))
                for t in range(9)
            ]
            pen.line(wing, fill=210, width=stroke, joint="curve")
        at = (round(left + dice.gauss(0, unit * 6)), round(top + dice.gauss(0, unit * 2.5)))
        sheet.paste(colour, at, tile.reduce(fine))
