"""What is offered below the options of `/imagine` while they are typed: nothing but the database is asked."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from discord import app_commands

from bot.model import Size
from bot.sizes import RATIOS, allowed

MOST: Final = 25
LONGEST: Final = 100
"""Characters of a choice's value: what is longer cannot be offered."""

LOOKED_AT: Final = 50
"""Of recent prompts: some may be too long."""

_PIXELS: Final = re.compile(r"(\d{1,5})[x*×](\d{1,5})", re.IGNORECASE)


def choices(values: Iterable[str], *, names: Mapping[str, str] | None = None) -> list[app_commands.Choice[str]]:
    """Each once, as Discord takes them; under its name, if it has one."""
    names = names or {}
    fitting = [value for value in dict.fromkeys(values) if 0 < len(value) <= LONGEST]
    return [app_commands.Choice(name=names.get(value, value), value=value) for value in fitting[:MOST]]


def ratios(typed: str) -> list[str]:
    """Aspect ratios that begin as typed; all, where none does."""
    wanted = typed.strip().replace("/", ":")
    return [ratio for ratio in RATIOS if ratio.startswith(wanted)] or list(RATIOS)


def sizes(typed: str, *, names: Mapping[str, str]) -> list[str]:
    """The sizes by what they are called, and pixels as they were typed, if those can be drawn."""
    wanted = typed.strip().lower()
    match = _PIXELS.fullmatch(wanted)
    if match and allowed(Size(int(match[1]), int(match[2]))):
        return [wanted]
    return [size for size, name in names.items() if name.lower().startswith(wanted)] or list(names)


def prompts(typed: str, recent: list[str]) -> list[str]:
    """What was typed so far first, so that it can be sent as it stands."""
    return [typed.strip(), *recent]
