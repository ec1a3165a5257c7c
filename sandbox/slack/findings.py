"""Collecting what is wrong with a JSON tree, each fault with the pointer to it."""

from collections.abc import Collection
from typing import Any


class Findings:
    """The faults found so far, worded as Slack words them: `must be … [json-pointer:/blocks/0/text]`."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def add(self, at: str, fault: str) -> None:
        """Note a fault of the node `at`."""
        self.errors.append(f"{fault} [json-pointer:{at}]")

    def require_object(self, at: str, value: object) -> dict[str, Any] | None:
        """`value` if it is an object, else a fault and None."""
        if isinstance(value, dict):
            return value
        self.add(at, "must provide an object")
        return None

    def require_list(self, at: str, value: object, *, most: int) -> list[Any]:
        """`value` if it is a list of 1 to `most` items, else a fault; never more than it could read."""
        if not isinstance(value, list):
            self.add(at, "must provide an array")
            return []
        if not value:
            self.add(at, "no less than 1 items allowed")
        if len(value) > most:
            self.add(at, f"no more than {most} items allowed")
        return value

    def check_string(self, at: str, value: object, *, most: int, least: int = 1) -> None:
        """Note it if `value` is no string of `least` to `most` characters."""
        if not isinstance(value, str):
            self.add(at, "must be a string")
        elif len(value) < least:
            self.add(at, f"must be more than {least - 1} characters")
        elif len(value) > most:
            self.add(at, f"must be less than {most + 1} characters")

    def check_text(self, at: str, item: object, *, most: int, plain: bool = False) -> None:
        """Note what is wrong with a text object of up to `most` characters, plain_text only if `plain`."""
        text = self.require_object(at, item)
        if text is None:
            return
        if text.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
            self.add(f"{at}/type", "must be a valid enum value")
            return
        extra = "emoji" if text["type"] == "plain_text" else "verbatim"
        if self.check_keys(at, text, required=("text",), optional=(extra,)):
            self.check_string(f"{at}/text", text["text"], most=most)

    def check_keys(
        self, at: str, node: dict[str, Any], *, required: Collection[str], optional: Collection[str] = ()
    ) -> bool:
        """Note keys that lack or have no place here; whether all the required ones are there."""
        missing = [key for key in required if key not in node]
        for key in missing:
            self.add(at, f"missing required field: {key}")
        for key in node.keys() - {"type", "block_id", *required, *optional}:
            self.add(at, f"invalid additional property: {key}")
        return not missing
