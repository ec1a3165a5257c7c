"""A person's or a channel's defaults by the names that people type."""

from collections.abc import Mapping
from typing import Any, Final

from bot.defaults import Defaults

FIELDS: Final[Mapping[str, str]] = {
    "aspect": "ratio",
    "size": "size",
    "images": "count",
    "extend": "extend",
    "private": "private",
}
"""What each setting is called in `Defaults`."""


def shown(defaults: Defaults) -> dict[str, str]:
    """Each setting that says something, as it is typed."""
    values: dict[str, Any] = {name: getattr(defaults, field) for name, field in FIELDS.items()}
    return {name: _typed(value) for name, value in values.items() if value is not None}


def _typed(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
