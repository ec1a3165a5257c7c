"""What is drawn where nobody says otherwise: a person's own defaults, and those of a channel."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final, Self, TypeVar

from bot.sizes import RATIOS, Tier

T = TypeVar("T")

MOST_PICTURES: Final = 4
"""Pictures that one command may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """A value for each option that a command may leave out; None says nothing."""

    ratio: str | None = None
    size: Tier | None = None
    count: int | None = None
    extend: bool | None = None
    private: bool | None = None

    def over(self, other: "Defaults") -> "Defaults":
        """These, and those of `other` where these say nothing."""
        return Defaults(
            ratio=_first(self.ratio, other.ratio),
            size=_first(self.size, other.size),
            count=_first(self.count, other.count),
            extend=_first(self.extend, other.extend),
            private=_first(self.private, other.private),
        )

    def to_json(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """What `text` says that this version knows: the rest, written by another version, is left out."""
        try:
            fields = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(fields, dict):
            return cls()
        ratio, size, count = fields.get("ratio"), fields.get("size"), fields.get("count")
        return cls(
            ratio=ratio if isinstance(ratio, str) and ratio in RATIOS else None,
            size=Tier(size) if isinstance(size, str) and size in list(Tier) else None,
            count=count if type(count) is int and 1 <= count <= MOST_PICTURES else None,
            extend=_flag(fields.get("extend")),
            private=_flag(fields.get("private")),
        )


NO_DEFAULTS: Final = Defaults()


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
