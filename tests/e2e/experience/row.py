"""A row of the second table: what people press, fill in and choose, and what they then read, see and pay."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from e2e.experience.acts import Act

FOX = "a red fox --raw --seed 7"
UNDER = frozenset({"Again", "Edit", "Larger", "Delete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """`point` is that of the issue, 0 for bad input. With `settings` a bot of its own is started."""

    name: str
    point: int
    acts: tuple[Act, ...]
    charged: int = 0
    calls: int | None = None
    """None: one for each credit."""
    only: str | None = None
    locales: Mapping[str, str] = field(default_factory=dict)
    """What the reader's client says of their language, by platform; where nothing is said, US English."""
    settings: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.point}-{self.name.replace(' ', '-')}"
