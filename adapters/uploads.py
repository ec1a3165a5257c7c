"""The pictures as files: named, described, and re-encoded where a place takes no more."""

import asyncio
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from PIL import Image

from adapters.captions import alt_text
from bot.errors import PictureTooLarge
from bot.model import Delivery

EVERYWHERE_BYTES: Final = 10 * 2**20 - 2**16
"""What every place takes, with some room for what surrounds a file."""

_SLUG: Final = 48
_QUALITIES: Final = (92, 80, 60)
_SCALES: Final = (1.0, 0.75, 0.5, 0.25)
_SUFFIXES: Final = {"WEBP": "webp", "JPEG": "jpg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to post; `alt_text`, as long as it is, is for those who do not see it."""

    n: int
    filename: str
    data: bytes
    alt_text: str


def uploads(delivery: Delivery) -> list[Upload]:
    """The delivery's pictures as drawn, named by the prompt's first words and the seed."""
    prompt = delivery.generation.request.prompt
    plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG].strip("-") or "picture"
    return [
        Upload(
            n=picture.n,
            filename=f"{slug}-{picture.seed}.png",
            data=picture.png,
            alt_text=alt_text(delivery, picture),
        )
        for picture in delivery.pictures
    ]


async def smaller(files: Sequence[Upload], *, kind: Literal["WEBP", "JPEG"]) -> list[Upload]:
    """`files` for a place that took them not, though its limit is unknown: well below what they were."""
    largest = max(len(file.data) for file in files)
    fit, _ = await fitted(files, max_bytes=min(EVERYWHERE_BYTES, largest // 2), kind=kind)
    return fit


async def fitted(
    files: Sequence[Upload], *, max_bytes: int, kind: Literal["WEBP", "JPEG"]
) -> tuple[list[Upload], bool]:
    """`files` with each that is larger than `max_bytes` re-encoded to fit, and whether any was.

    Raises `PictureTooLarge` where even the smallest encoding does not fit.
    """
    fit = [
        file if len(file.data) <= max_bytes else await asyncio.to_thread(_reencoded, file, max_bytes, kind)
        for file in files
    ]
    return fit, any(new is not old for new, old in zip(fit, files, strict=True))


def _reencoded(file: Upload, max_bytes: int, kind: Literal["WEBP", "JPEG"]) -> Upload:
    with Image.open(io.BytesIO(file.data)) as picture:
        original = picture.convert("RGB")
    for scale in _SCALES:
        size = (max(1, round(original.width * scale)), max(1, round(original.height * scale)))
        scaled = original if scale == 1 else original.resize(size, Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            out = io.BytesIO()
            scaled.save(out, kind, quality=quality)
            if out.tell() <= max_bytes:
                name = f"{file.filename.rpartition('.')[0]}.{_SUFFIXES[kind]}"
                return replace(file, filename=name, data=out.getvalue())
    raise PictureTooLarge(f"the picture does not fit into {max_bytes} bytes")
