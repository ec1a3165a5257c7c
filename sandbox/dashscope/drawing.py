"""The pictures: a landscape for a prompt and a seed, a pleasure to look at and plainly no work of Z-Image."""

import io
import random

from sandbox.dashscope.land import paint_birds, paint_ridges, paint_snowfall, paint_water
from sandbox.dashscope.palette import mix, read_scene
from sandbox.dashscope.ribbon import paint_ribbon
from sandbox.dashscope.sky import paint_sky


def draw(prompt: str, *, seed: int, width: int, height: int) -> bytes:
    """A PNG of exactly `width` by `height` pixels; the same bytes for the same arguments.

    Words of the prompt choose the colours and what is in the picture, the seed the composition. Takes about a tenth
    of a second for a million pixels: call it in a thread.
    """
    dice = random.Random(f"{prompt}\n{seed}")  # noqa: S311 - composes a picture, keeps no secret
    scene = read_scene(prompt, dice=dice)
    line = round(height * (dice.uniform(0.6, 0.68) if scene.water else 1.0))
    top = round(height * (dice.uniform(0.42, 0.48) if scene.water else dice.uniform(0.46, 0.58)))
    horizon = line if scene.water else top
    sheet, lamp = paint_sky(width, height, scene, horizon=horizon, dice=dice)
    if not scene.night and dice.random() < 0.6:
        paint_birds(sheet, mix(scene.palette.near, scene.palette.middle, 0.25), horizon=top, dice=dice)
    paint_ridges(sheet, scene, top=top, bottom=line, dice=dice)
    if scene.water:
        paint_water(sheet, scene, lamp, line=line, dice=dice)
    if scene.snow:
        paint_snowfall(sheet, dice)
    paint_ribbon(sheet, prompt=prompt, seed=seed)
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=3)
    return out.getvalue()
