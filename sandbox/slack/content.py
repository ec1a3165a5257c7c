"""What a message says: its text and blocks, checked the same way whichever door they come through."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blocks import BlockCheck, FileLookup
from sandbox.slack.errors import ApiError, invalid_blocks
from sandbox.slack.mentions import pings

# https://docs.slack.dev/reference/methods/chat.postMessage: longer text is cut off, not refused.
MAX_TEXT = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Text and blocks that have passed Slack's rules; `file_ids` are the files that the blocks show."""

    text: str
    blocks: list[dict[str, Any]]
    file_ids: tuple[str, ...]
    pings: list[str]

    @classmethod
    def from_payload(
        cls, payload: Mapping[str, Any], *, showable: FileLookup, max_text: int | None = None
    ) -> "Content":
        """Read `text`, `blocks` and `attachments`; the last two as JSON or as a JSON string.

        Text beyond 40,000 characters is cut off; with `max_text` a longer one is `msg_too_long` instead.
        Raises ApiError: `no_text`, `msg_too_long`, `invalid_blocks`, `invalid_blocks_format`.
        """
        text = payload.get("text") or ""
        text = text if isinstance(text, str) else str(text)
        if max_text is not None and len(text) > max_text:
            raise ApiError("msg_too_long")
        blocks = parse_list(payload.get("blocks"), error="invalid_blocks_format")
        attachments = parse_list(payload.get("attachments"), error="invalid_attachments")
        if not text.strip() and not blocks and not attachments:
            raise ApiError("no_text")
        file_ids: list[str] = []
        if blocks:
            check = BlockCheck(blocks, showable=showable)
            if check.errors:
                raise invalid_blocks(check.errors)
            file_ids = check.file_ids
        by_name = payload.get("link_names") in (True, 1, "1", "true") or payload.get("parse") == "full"
        return cls(
            text=text[:MAX_TEXT],
            blocks=[{"block_id": f"b{index}", **block} for index, block in enumerate(blocks)],
            file_ids=tuple(file_ids),
            pings=pings(text[:MAX_TEXT], [*blocks, *attachments], link_names=by_name),
        )


def parse_list(value: object, *, error: str) -> list[Any]:
    """A list given as JSON or as a JSON string; empty if it is not there, ApiError(`error`) if it is no list."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value else None
        except ValueError:
            raise ApiError(error) from None
    if value is None:
        return []
    if not isinstance(value, list):
        raise ApiError(error)
    return value
