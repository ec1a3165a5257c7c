"""The rules that Slack holds the blocks of a message or a view to.

https://docs.slack.dev/reference/block-kit/blocks/
"""

import re
from collections.abc import Callable
from typing import Any

from sandbox.slack.elements import IN_ACTIONS, IN_INPUT, check_element
from sandbox.slack.findings import Findings

MAX_BLOCKS = 50
_FILE_ID = re.compile(r"F[A-Z0-9]{8,}")
# Blocks that a message may hold and that are not looked into.
_OTHER_BLOCKS = frozenset(
    {"context_actions", "call", "video", "rich_text", "table", "task_card", "plan"}
    | {"alert", "card", "container", "carousel"}
)
# Those of them, and of the others, that a message may hold and a view may not.
_NOT_IN_VIEWS = frozenset({"context_actions", "markdown", "table"})

FileLookup = Callable[[dict[str, Any]], str | None]


class BlockCheck:
    """One reading of a list of blocks: `errors` found, the `file_ids` of its images, whether there is an input."""

    def __init__(self, blocks: object, *, showable: FileLookup, in_view: bool = False, most: int = MAX_BLOCKS) -> None:
        """Check up to `most` blocks of a message, or of a view.

        `showable` gives the id of the file that a `slack_file` names, None if it may not show.
        """
        self._showable = showable
        self._findings = Findings()
        self._block_ids: set[str] = set()
        self.file_ids: list[str] = []
        self.has_input = False
        rules: dict[str, Callable[[str, dict[str, Any]], None]] = {
            "actions": self._check_actions,
            "context": self._check_context,
            "divider": self._check_divider,
            "header": self._check_header,
            "image": self._check_image,
            "input": self._check_input,
            "markdown": self._check_markdown,
            "section": self._check_section,
        }
        root = "/view/blocks" if in_view else "/blocks"
        for index, item in enumerate(self._findings.require_list(root, blocks, most=most)):
            at = f"{root}/{index}"
            block = self._findings.require_object(at, item)
            if block is None:
                continue
            self._check_block_id(at, block)
            kind = block.get("type")
            if kind is None:
                self._findings.add(at, "missing required field: type")
            elif in_view and kind in _NOT_IN_VIEWS:
                self._findings.add(f"{at}/type", f"unsupported type: {kind}")
            elif kind in rules:
                rules[kind](at, block)
            elif kind not in _OTHER_BLOCKS:
                self._findings.add(f"{at}/type", f"unsupported type: {kind}")

    @property
    def errors(self) -> list[str]:
        """Every fault, in the order of the blocks."""
        return self._findings.errors

    def _check_block_id(self, at: str, block: dict[str, Any]) -> None:
        if "block_id" not in block:
            return
        block_id = block["block_id"]
        self._findings.check_string(f"{at}/block_id", block_id, most=255)
        if block_id in self._block_ids:
            self._findings.add(f"{at}/block_id", f"`block_id` {block_id} already exists")
        self._block_ids.add(str(block_id))

    def _check_section(self, at: str, block: dict[str, Any]) -> None:
        self._findings.check_keys(at, block, required=(), optional=("text", "fields", "accessory", "expand"))
        if "text" not in block and "fields" not in block:
            self._findings.add(at, "missing required field: text")
        if "text" in block:
            self._findings.check_text(f"{at}/text", block["text"], most=3000)
        if "fields" in block:
            for index, item in enumerate(self._findings.require_list(f"{at}/fields", block["fields"], most=10)):
                self._findings.check_text(f"{at}/fields/{index}", item, most=2000)
        if "accessory" in block:
            self._check_element(f"{at}/accessory", block["accessory"], allow_image=True)

    def _check_header(self, at: str, block: dict[str, Any]) -> None:
        if self._findings.check_keys(at, block, required=("text",), optional=("level",)):
            self._findings.check_text(f"{at}/text", block["text"], most=150, plain=True)

    def _check_divider(self, at: str, block: dict[str, Any]) -> None:
        self._findings.check_keys(at, block, required=())

    def _check_markdown(self, at: str, block: dict[str, Any]) -> None:
        if self._findings.check_keys(at, block, required=("text",)):
            self._findings.check_string(f"{at}/text", block["text"], most=12_000)

    def _check_context(self, at: str, block: dict[str, Any]) -> None:
        if not self._findings.check_keys(at, block, required=("elements",)):
            return
        elements = self._findings.require_list(f"{at}/elements", block["elements"], most=10)
        for index, item in enumerate(elements):
            below = f"{at}/elements/{index}"
            if isinstance(item, dict) and item.get("type") == "image":
                self._check_image(below, item)
            else:
                self._findings.check_text(below, item, most=3000)

    def _check_actions(self, at: str, block: dict[str, Any]) -> None:
        if not self._findings.check_keys(at, block, required=("elements",)):
            return
        elements = self._findings.require_list(f"{at}/elements", block["elements"], most=25)
        action_ids: set[str] = set()
        for index, item in enumerate(elements):
            below = f"{at}/elements/{index}"
            self._check_element(below, item)
            action_id = item.get("action_id") if isinstance(item, dict) else None
            if isinstance(action_id, str):
                if action_id in action_ids:
                    self._findings.add(f"{below}/action_id", f"`action_id` {action_id} already exists")
                action_ids.add(action_id)

    def _check_input(self, at: str, block: dict[str, Any]) -> None:
        self.has_input = True
        optional = ("hint", "optional", "dispatch_action")
        if not self._findings.check_keys(at, block, required=("label", "element"), optional=optional):
            return
        self._findings.check_text(f"{at}/label", block["label"], most=2000, plain=True)
        if "hint" in block:
            self._findings.check_text(f"{at}/hint", block["hint"], most=2000, plain=True)
        element = self._findings.require_object(f"{at}/element", block["element"])
        if element is None:
            return
        if element.get("type") in IN_INPUT:
            check_element(self._findings, f"{at}/element", element)
        else:
            self._findings.add(f"{at}/element/type", f"unsupported type: {element.get('type')}")

    def _check_element(self, at: str, item: object, *, allow_image: bool = False) -> None:
        element = self._findings.require_object(at, item)
        if element is None:
            return
        kind = element.get("type")
        if kind == "button":
            self._check_button(at, element)
        elif kind == "image" and allow_image:
            self._check_image(at, element)
        elif kind in IN_ACTIONS:
            check_element(self._findings, at, element)
        else:
            self._findings.add(f"{at}/type", f"unsupported type: {kind}")

    def _check_button(self, at: str, button: dict[str, Any]) -> None:
        optional = ("action_id", "url", "value", "style", "confirm", "accessibility_label")
        if not self._findings.check_keys(at, button, required=("text",), optional=optional):
            return
        self._findings.check_text(f"{at}/text", button["text"], most=75, plain=True)
        for key, most in (("action_id", 255), ("url", 3000), ("value", 2000), ("accessibility_label", 75)):
            if key in button:
                self._findings.check_string(f"{at}/{key}", button[key], most=most)
        if button.get("style", "primary") not in ("primary", "danger"):
            self._findings.add(f"{at}/style", "must be a valid enum value")

    def _check_image(self, at: str, image: dict[str, Any]) -> None:
        optional = ("image_url", "slack_file", "title")
        if self._findings.check_keys(at, image, required=("alt_text",), optional=optional):
            self._findings.check_string(f"{at}/alt_text", image["alt_text"], most=2000)
        if "title" in image:
            self._findings.check_text(f"{at}/title", image["title"], most=2000, plain=True)
        if ("image_url" in image) == ("slack_file" in image):
            self._findings.add(at, "must define exactly one of image_url, slack_file")
        elif "slack_file" in image:
            self._check_slack_file(f"{at}/slack_file", image["slack_file"])
        else:
            self._findings.check_string(f"{at}/image_url", image["image_url"], most=3000)
            # Slack fetches the picture itself, so the address must be one that the whole internet can reach.
            if not str(image["image_url"]).startswith("https://"):
                self._findings.add(f"{at}/image_url", "must be a valid https URL")

    def _check_slack_file(self, at: str, item: object) -> None:
        reference = self._findings.require_object(at, item)
        if reference is None:
            return
        if ("id" in reference) == ("url" in reference) or reference.keys() - {"id", "url"}:
            self._findings.add(at, "must define exactly one of id, url")
            return
        if "id" in reference and not _FILE_ID.fullmatch(str(reference["id"])):
            self._findings.add(f"{at}/id", f"must match the regex {_FILE_ID.pattern}")
            return
        file_id = self._showable(reference)
        if file_id is None:
            self._findings.add(at, "invalid slack file")
        else:
            self.file_ids.append(file_id)
