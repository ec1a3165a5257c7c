"""A picture in a terminal: two pixels a character, as half blocks in colour."""

import io

from PIL import Image
from rich.text import Text


def thumbnail(png: bytes, *, width: int, most_rows: int) -> Text:
    """The picture `width` characters wide, or narrower where it would be higher than `most_rows` lines."""
    with Image.open(io.BytesIO(png)) as picture:
        width = min(width, most_rows * 2 * picture.width // picture.height)
        rows = max(1, round(width * picture.height / picture.width / 2))
        small = picture.convert("RGB").resize((width, rows * 2), Image.Resampling.LANCZOS)
    colours = small.tobytes()

    def colour(x: int, y: int) -> str:
        at = (y * width + x) * 3
        return "#" + colours[at : at + 3].hex()

    text = Text(no_wrap=True)
    for row in range(rows):
        for x in range(width):
            text.append("▀", style=f"{colour(x, row * 2)} on {colour(x, row * 2 + 1)}")
        text.append("\n")
    text.rstrip()
    return text
