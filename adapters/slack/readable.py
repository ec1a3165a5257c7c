"""Text of a message, as Slack keeps it, to what its readers see."""

import re
from collections.abc import Mapping
from typing import Final

from adapters.slack.convert import unescaped

_LINK: Final = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_USER: Final = re.compile(r"<@([UW][A-Z0-9]+)>")


def mentioned(text: str) -> list[str]:
    """The people in `text` whose names do not stand in it."""
    return list(dict.fromkeys(_USER.findall(text)))


def readable(text: str, names: Mapping[str, str]) -> str:
    """`text` without markup: mentions by name, links as they are shown."""
    return unescaped(_LINK.sub(lambda match: _shown(match[1], match[2], names), text))


def _shown(target: str, label: str | None, names: Mapping[str, str]) -> str:
    match target[:1]:
        case "@":
            return f"@{label or names.get(target[1:], target[1:])}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            # A date, a group, everybody: each brings the words for those who cannot show it.
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            return label or target
