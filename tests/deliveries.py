"""Deliveries as the core hands them to a courier, and pictures to deliver."""

import io
import random
from dataclasses import replace
from typing import Any

from PIL import Image

from bot.model import (
    Account,
    Balance,
    Delivery,
    DrawnPicture,
    Generation,
    GenerationId,
    ImageRequest,
    Size,
    Space,
    State,
)

BALANCE = Balance(limit=20, used=2, returns_ms=1_900_000_000_000)


def generation(
    prompt: str = "a red fox",
    *,
    count: int = 1,
    extend: bool = True,
    private: bool = False,
    seed: int = 7,
    charged: int | None = None,
    address: dict[str, Any] | None = None,
    attempt: int = 1,
    id: str = "discord:1234567890123456789",
) -> Generation:
    """A row on its way to the person: two credits a picture."""
    request = ImageRequest(prompt=prompt, size=Size(1024, 1024), seed=seed, extend=extend, count=count, private=private)
    return Generation(
        id=GenerationId(id),
        account=Account("discord:1:2"),
        space=Space("discord:1"),
        asked=2 * count,
        charged=2 * count if charged is None else charged,
        bonus=0,
        state=State.DELIVERING,
        attempt=attempt,
        created_ms=1_900_000_000_000,
        deadline_ms=1_900_001_800_000,
        reason=None,
        request=request,
        address=address or {},
    )


def delivery(of: Generation | None = None, *, revised: list[str | None] | None = None, failed: int = 0) -> Delivery:
    """Everything that came of `of`, with the service's wording of each picture (`revised`, one for each)."""
    row = generation() if of is None else of
    wordings = [None] * (row.request.count - failed) if revised is None else revised
    pictures = tuple(
        DrawnPicture(n=n, png=png(8, 8, seed=n), seed=row.request.seed_of(n), revised=text)
        for n, text in enumerate(wordings)
    )
    charged = row.asked * len(pictures) // row.request.count
    return Delivery(
        generation=replace(row, charged=charged), pictures=pictures, failed=failed, took_ms=12_345, balance=BALANCE
    )


def png(width: int, height: int, *, seed: int = 0) -> bytes:
    """Noise, which no encoder makes small."""
    data = random.Random(seed).randbytes(width * height * 3)  # noqa: S311 - nothing is guarded
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), data).save(out, "PNG")
    return out.getvalue()
