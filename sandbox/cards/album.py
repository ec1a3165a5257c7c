"""Keeping what the demo saw, and taking pictures of it with a browser."""

import asyncio
import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops

from sandbox.cards import discord, slack
from sandbox.discord import Message as DiscordMessage
from sandbox.slack import Message as SlackMessage
from sandbox.slack import View

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_COLOURS: Final = 160
_SIZE: Final = "876,2400"
_SCALE: Final = 2
"""Pixels for each of the page's: sharp also where a page is shown large."""
_STYLE: Final = """
body { margin: 0; font: 15px/1.4 sans-serif; padding: 16px; columns: 2; column-gap: 16px }
div.card { padding: 12px 16px; border-radius: 8px; overflow-wrap: anywhere; break-inside: avoid; margin-bottom: 16px }
.section { display: flex; justify-content: space-between; align-items: center }
p { margin: 6px 0 } h2 { margin: 6px 0; font-size: 17px } img { max-width: 100%; border-radius: 6px }
hr { border: 0; border-top: 1px solid #8884 } code { white-space: pre-wrap } .author { font-weight: bold }
small { opacity: .75; font-weight: normal } .button, .select, .field { display: inline-block; margin: 2px 6px 2px 0;
  padding: 4px 10px; border-radius: 5px; border: 1px solid #8886 } .field, .input .select { min-width: 300px }
.discord { background: #313338; color: #dbdee1 } .discord .embed { background: #2b2d31; padding: 8px 12px;
  border-radius: 4px; border-left: 4px solid #1e1f22 }
.discord .button { background: #4e5058; border: 0; color: #fff } .discord .danger,
.slack .danger { background: #da373c; color: #fff } .discord u, .slack u { color: #1d9bd1; text-decoration: none }
.discord .primary { background: #5865f2 } .slack { background: #fff; color: #1d1c1d; border: 1px solid #ddd }
.slack .primary { background: #007a5a; color: #fff } .person { color: #7c8cf8 } .below { text-align: right }
"""


class Album:
    """One page for each platform."""

    def __init__(self) -> None:
        self._cards: dict[str, list[str]] = {"discord": [], "slack": []}

    def keep(self, shown: object, names: Mapping[str, str]) -> None:
        """A message, a form or a home tab, as it is now; `names` are those of people, by id."""
        match shown:
            case DiscordMessage():
                self._cards["discord"].append(discord.message(shown, names))
            case SlackMessage():
                self._cards["slack"].append(slack.message(shown, names))
            case View():
                self._cards["slack"].append(slack.view(shown, names))
            case _:
                raise TypeError(shown)

    def page(self, platform: str) -> str:
        """The HTML of a platform's cards."""
        cards = "".join(f"<div class='card {platform}'>{card}</div>" for card in self._cards[platform])
        return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><body>{cards}</body>"

    async def save(self, folder: Path) -> list[Path]:
        """Write `buttons-<platform>.png`, or the page as `.html` where there is no browser to take its picture."""
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
        pages = {platform: folder / f"buttons-{platform}.html" for platform in self._cards}
        for platform, page in pages.items():
            await asyncio.to_thread(page.write_text, self.page(platform), encoding="utf-8")
        return list(pages.values()) if browser is None else [await _shoot(browser, page) for page in pages.values()]


async def _shoot(browser: str, page: Path) -> Path:
    """A picture of the page in its place, as small as it gets."""
    picture = page.with_suffix(".png")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    size = (f"--window-size={_SIZE}", f"--force-device-scale-factor={_SCALE}")
    process = await asyncio.create_subprocess_exec(
        browser,
        *options,
        *size,
        f"--screenshot={picture}",
        _address(page),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await process.wait() != 0:
        raise RuntimeError(f"{browser} took no picture of {page}")
    data = await asyncio.to_thread(picture.read_bytes)
    await asyncio.to_thread(picture.write_bytes, cropped(data))
    await asyncio.to_thread(page.unlink)
    return picture


def _address(page: Path) -> str:
    return page.absolute().as_uri()


def cropped(png: bytes) -> bytes:
    """Without the empty margin below and to the right, in few colours."""
    with Image.open(io.BytesIO(png)) as shot:
        whole = shot.convert("RGB")
    empty = Image.new("RGB", whole.size, whole.getpixel((0, 0)))
    box = ImageChops.difference(whole, empty).getbbox() or (0, 0, *whole.size)
    out = io.BytesIO()
    margin = 16 * _SCALE
    corner = (min(box[2] + margin, whole.width), min(box[3] + margin, whole.height))
    whole.crop((0, 0, *corner)).quantize(_COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()
