"""Reads docs/faults.md: what the operator is promised is what the tests hold the bot to."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[3] / "docs" / "faults.md"
PLATFORMS: Final = {"The image service": ("discord", "slack"), "Discord": ("discord",), "Slack": ("slack",)}
CREDITS: Final = ("charged", "partly back", "back", "untouched")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the log, and fields that it carries."""

    name: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault, and how it ends: `sees` is empty where nothing of ours is shown."""

    fault: str
    platforms: tuple[str, ...]
    sees: tuple[str, ...]
    credits: str
    events: tuple[Event, ...]
    within_s: float

    @property
    def name(self) -> str:
        """What its scenario is known by: the fault without the codes behind a colon."""
        return self.fault.partition(": ")[0]

    @property
    def codes(self) -> list[str]:
        """The codes that the fault's name lists."""
        return re.findall(r"`([^`]+)`", self.fault)


def read() -> list[Row]:
    """Every row of the page, in its order."""
    rows: list[Row] = []
    platforms: tuple[str, ...] | None = None
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            platforms = PLATFORMS.get(line.removeprefix("## "))
        elif platforms and line.startswith("|") and not line.startswith(("|--", "| fault |")):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            fault, sees, credits_, events, within = cells
            rows.append(
                Row(
                    fault=fault,
                    platforms=platforms,
                    sees=() if sees == "nothing" else tuple(re.split(r", (?![^“]*”)", sees)),
                    credits=credits_,
                    events=tuple(_events(events)),
                    within_s=_seconds(within),
                )
            )
    return rows


def _events(cell: str) -> list[Event]:
    events: list[Event] = []
    for word in [] if cell == "nothing" else re.findall(r"`([^`]+)`", cell):
        name, is_field, value = word.partition("=")
        if is_field:
            events[-1].fields[name] = value
        else:
            events.append(Event(name=name, fields={}))
    return events


def _seconds(cell: str) -> float:
    amount, unit = cell.split()
    return float(amount) * {"s": 1, "min": 60}[unit]
