"""Aspect ratio and tier to width and height: sizes that are safe under every reading of the service's limits."""

from enum import StrEnum
from typing import Final

from bot.model import Size


class Tier(StrEnum):
    """How large a picture is; the price is the same."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


_LANDSCAPE: Final = {
    "1:1": ((1024, 1024), (1280, 1280), (1536, 1536)),
    "3:2": ((1248, 832), (1536, 1024), (1872, 1248)),
    "4:3": ((1152, 864), (1472, 1104), (1728, 1296)),
    "16:9": ((1280, 720), (1536, 864), (2048, 1152)),
    "9:7": ((1152, 896), (1440, 1120), (1728, 1344)),
    "21:9": ((1344, 576), (1680, 720), (2016, 864)),
}

SIZES: Final[dict[tuple[str, Tier], Size]] = {
    (":".join(reversed(ratio.split(":"))) if upright else ratio, tier): Size(*(side[::-1] if upright else side))
    for ratio, sides in _LANDSCAPE.items()
    for upright in (False, True)
    for tier, side in zip(Tier, sides, strict=True)
}

_NEXT: Final = {Tier.SMALL: Tier.MEDIUM, Tier.MEDIUM: Tier.LARGE}

RATIOS: Final = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "9:7", "7:9", "21:9", "9:21")

MIN_SIDE: Final = 512
MAX_SIDE: Final = 2048
"""Each side inside these keeps the total inside the service's 512² to 2048² pixels."""


def allowed(size: Size) -> bool:
    """Whether the service draws exactly this size."""
    return all(MIN_SIDE <= side <= MAX_SIDE for side in (size.width, size.height))


def larger(size: Size) -> Size | None:
    """The next tier of the same ratio; None for the largest, and for pixels that are no tier's."""
    for (ratio, tier), known in SIZES.items():
        if known == size:
            return SIZES[ratio, _NEXT[tier]] if tier in _NEXT else None
    return None
