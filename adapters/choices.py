"""Settings of a person or a channel by the names that people type: what there is, and what each can be."""

from collections.abc import Mapping
from typing import Any, Final

from bot.defaults import MOST_PICTURES, Defaults
from bot.sizes import RATIOS, Tier

DEFAULT: Final = "default"
"""The value that takes a setting back."""

ASPECT, SIZE, IMAGES, EXTEND, PRIVATE = "aspect", "size", "images", "extend", "private"
PERSONAL: Final = (ASPECT, SIZE, IMAGES, EXTEND, PRIVATE)

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    ASPECT: RATIOS,
    SIZE: tuple(tier.value for tier in Tier),
    IMAGES: tuple(str(count) for count in range(1, MOST_PICTURES + 1)),
    EXTEND: ("on", "off"),
    PRIVATE: ("on", "off"),
}
"""What each personal setting can be, beside `default`."""

FIELDS: Final[Mapping[str, str]] = {
    ASPECT: "ratio",
    SIZE: "size",
    IMAGES: "count",
    EXTEND: "extend",
    PRIVATE: "private",
}
"""What each setting is called in `Defaults`."""


def shown(defaults: Defaults) -> dict[str, str]:
    """Each setting that says something, as it is typed."""
    values: dict[str, Any] = {name: getattr(defaults, field) for name, field in FIELDS.items()}
    return {name: _typed(value) for name, value in values.items() if value is not None}


def _typed(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
