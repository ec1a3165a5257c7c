"""The ribbon that says what the picture is: drawn by the sandbox, from this prompt and this seed."""

import unicodedata
from typing import Final

from PIL import Image, ImageDraw, ImageFont

MARK: Final = "sandbox picture · not drawn by Z-Image"
_WHITE: Final = (255, 255, 255)
_DIM: Final = (214, 220, 230)
_INK: Final = (12, 14, 22)
# Pillow's own font has these and no others beyond ASCII.
_KNOWN: Final = frozenset("·…“”’")
_PLAIN: Final = str.maketrans({"—": "-", "–": "-", "×": "x", "\u2018": "’", "•": "·"})


def paint_ribbon(sheet: Image.Image, *, prompt: str, seed: int) -> None:
    """Lay a translucent band over the foot of `sheet`: the prompt, shortened; the mark; and the seed."""
    unit = max(11.0, min(sheet.size) / 46)
    large, small = ImageFont.load_default(unit * 1.1), ImageFont.load_default(unit * 0.86)
    margin, height = round(unit * 1.3), round(unit * 4.1)
    top = sheet.height - height
    sheet.paste(_INK, (0, top), Image.new("L", (sheet.width, height), 135))
    pen = ImageDraw.Draw(sheet, "RGBA")
    pen.line((0, top, sheet.width, top), fill=(*_WHITE, 60), width=max(1, round(unit / 20)))
    room = sheet.width - 2 * margin
    shown = _shorten(_legible(prompt), large, room)
    if shown:
        pen.text((margin, top + height * 0.34), shown, font=large, fill=_WHITE, anchor="lm")
    row = top + height * (0.7 if shown else 0.5)
    number = f"seed {seed}"
    pen.text((sheet.width - margin, row), number, font=small, fill=_DIM, anchor="rm")
    mark = _shorten(MARK, small, room - small.getlength(number) - margin)
    pen.text((margin, row), mark, font=small, fill=_DIM, anchor="lm")


def _legible(prompt: str) -> str:
    """The part of `prompt` that the font can show; empty if too little of it is left to make sense."""
    flat = " ".join(prompt.translate(_PLAIN).split())
    bare = unicodedata.normalize("NFKD", flat)
    kept = "".join(c for c in bare if c in _KNOWN or " " <= c <= "~").strip()
    letters = sum(c.isalnum() for c in flat)
    return kept if sum(c.isalnum() for c in kept) * 2 > letters else ""


def _shorten(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: float) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip(" ,.;") + "…"
