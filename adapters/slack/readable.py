"""Text of a message, as Slack keeps it, to what its readers see."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adapters.slack.convert import unescaped
from adapters.slack.render import escaped

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


def written(message: Mapping[str, Any]) -> str:
    """What a message says, as Slack keeps it: of an app's or a forwarded one that may be in blocks and attachments."""
    text = message.get("text") or "\n".join(_paragraphs(message.get("blocks")))
    return text or "\n".join(
        paragraph for attachment in message.get("attachments") or () for paragraph in _attached(attachment)
    )


def _attached(attachment: Mapping[str, Any]) -> list[str]:
    shown = [attachment[key] for key in ("pretext", "title", "text") if attachment.get(key)]
    return shown or _paragraphs(attachment.get("blocks")) or [attachment.get("fallback") or ""]


def _paragraphs(blocks: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """The words of blocks that are there to be read."""
    found = []
    for block in blocks or ():
        match block.get("type"):
            case "section" | "header" | "context":
                found += [_object(one) for one in (block.get("text"), *(block.get("fields") or ()))]
                found += [_object(one) for one in block.get("elements") or ()]
            case "image":
                found.append(_object(block.get("title")) or escaped(block.get("alt_text") or ""))
            case "markdown":
                found.append(block.get("text") or "")
            case "rich_text":
                found += ["".join(_inline(one)) for one in block.get("elements") or ()]
            case _:
                # A line between others, buttons: nothing to be read, or not what was said.
                pass
    return [paragraph for paragraph in found if paragraph.strip()]


def _object(text: Mapping[str, Any] | None) -> str:
    """A text object as markup."""
    match text:
        case {"type": "mrkdwn", "text": str(words)}:
            return words
        case {"type": "plain_text", "text": str(words)}:
            return escaped(words)
        case _:
            return ""


def _inline(element: Mapping[str, Any]) -> Iterator[str]:
    """The words of a rich text, link by link and name by name, as markup."""
    match element:
        case {"elements": list(parts)}:
            for at, part in enumerate(parts):
                if at and element.get("type") == "rich_text_list":
                    yield "\n"
                yield from _inline(part)
        case {"type": "text", "text": str(words)} | {"type": "link", "text": str(words)}:
            yield escaped(words)
        case {"type": "link", "url": str(url)}:
            yield escaped(url)
        case {"type": "user", "user_id": str(user_id)}:
            yield f"<@{user_id}>"
        case {"type": "broadcast", "range": str(reach)}:
            yield f"<!{reach}>"
        case _:
            pass
