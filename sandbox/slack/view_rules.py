"""The rules that Slack holds a view to, a modal or the home tab.

https://docs.slack.dev/reference/views
"""

import json
from typing import Any, Literal

from sandbox.slack.blocks import BlockCheck, FileLookup
from sandbox.slack.errors import ApiError
from sandbox.slack.findings import Findings

ViewKind = Literal["modal", "home"]

MAX_BLOCKS = 100
MAX_BYTES = 250_000
_COMMON = ("blocks", "private_metadata", "callback_id", "external_id")
_OF_MODALS = ("title", "submit", "close", "clear_on_close", "notify_on_close")


def read_view(value: object, *, kind: ViewKind, showable: FileLookup) -> tuple[dict[str, Any], list[str]]:
    """The view, given as JSON or as a JSON string, and the ids of the files it shows.

    Raises ApiError `view_too_large`, or `invalid_arguments` with one sentence for each fault.
    """
    view = _object(value)
    if len(json.dumps(view)) > MAX_BYTES:
        raise ApiError("view_too_large")
    findings = Findings()
    if view.get("type") != kind:
        findings.add("/view/type", "must be a valid enum value")
    required, optional = (("blocks", "title"), _OF_MODALS) if kind == "modal" else (("blocks",), ())
    findings.check_keys("/view", view, required=required, optional=(*_COMMON, *optional))
    for key in ("title", "submit", "close"):
        if kind == "modal" and key in view:
            findings.check_text(f"/view/{key}", view[key], most=24, plain=True)
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if key in view:
            findings.check_string(f"/view/{key}", view[key], most=most, least=0)
    blocks = BlockCheck(view.get("blocks"), showable=showable, in_view=True, most=MAX_BLOCKS)
    if kind == "modal" and blocks.has_input and "submit" not in view:
        findings.add("/view", "missing required field: submit")
    errors = [*findings.errors, *(blocks.errors if "blocks" in view else ())]
    if errors:
        raise _invalid(["failed to match all allowed schemas [json-pointer:/view]", *errors])
    return view, blocks.file_ids


def _object(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise _invalid(["must provide an object [json-pointer:/view]"])
    return value


def _invalid(errors: list[str]) -> ApiError:
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {error}" for error in errors]})
