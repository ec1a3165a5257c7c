"""Which people a text would ping."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

# https://docs.slack.dev/messaging/formatting-message-text/#mentioning-users
_MARKUP = re.compile(r"<(?:@([UW][A-Z0-9]+)|(!(?:channel|here|everyone|subteam\^[A-Z0-9]+)))(?:\|[^<>]*)?>")
# Plain names only count where the caller asked for it: link_names, or parse=full.
_NAMES = re.compile(r"(?<!\w)@(channel|here|everyone)\b")


def pings(text: str, blocks: Iterable[Mapping[str, Any]], *, link_names: bool = False) -> list[str]:
    """The user ids (`"U…"`) and special mentions (`"!channel"`) that are not escaped, each once, in order.

    Looks where Slack reads markup: the top-level text, mrkdwn and markdown text, rich text elements; a
    plain_text object pings nobody.
    """
    found: list[str] = []
    for part in (text, *_marked_up(list(blocks))):
        found += [user or special for user, special in _MARKUP.findall(part)]
        if link_names:
            found += [f"!{name}" for name in _NAMES.findall(part)]
    return list(dict.fromkeys(found))


def _marked_up(node: object) -> Iterable[str]:
    if isinstance(node, list):
        for item in node:
            yield from _marked_up(item)
    elif isinstance(node, dict):
        match node:
            case {"type": "mrkdwn" | "markdown", "text": str(text)}:
                yield text
            case {"type": "user", "user_id": str(user_id)}:
                yield f"<@{user_id}>"
            case {"type": "broadcast", "range": str(reach)}:
                yield f"<!{reach}>"
            case _:
                for value in node.values():
                    yield from _marked_up(value)
