"""The rules of message components: action rows with buttons, and Components V2.

Source: https://docs.discord.com/developers/components/reference
"""

from collections.abc import Iterator
from typing import Any

from sandbox.discord.errors import FormErrors
from sandbox.discord.selects import SELECTS, check_select

ACTION_ROW = 1
BUTTON = 2
PREMIUM_STYLE = 6
LINK_STYLE = 5

Path = tuple[str | int, ...]


def walk(components: list[dict[str, Any]], path: Path = ("components",)) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every component with its path, however deep it is nested."""
    for index, component in enumerate(components):
        here = (*path, index)
        yield here, component
        yield from walk(component.get("components") or [], (*here, "components"))
        if isinstance(component.get("accessory"), dict):
            yield (*here, "accessory"), component["accessory"]


def check_components(errors: FormErrors, components: list[dict[str, Any]], *, v2: bool) -> None:
    """Without the IS_COMPONENTS_V2 flag at most 5 action rows; with it 40 components and 4000 characters."""
    found = list(walk(components))
    if v2:
        if len(found) > 40:
            errors.add(("components",), "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")
        if sum(len(str(component.get("content", ""))) for _, component in found) > 4000:
            errors.add(("components",), "BASE_TYPE_MAX_LENGTH", "Must be 4000 or fewer in length.")
    else:
        if len(components) > 5:
            errors.add(("components",), "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
        for index, component in enumerate(components):
            if component.get("type") != ACTION_ROW:
                errors.add(("components", index, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1,).")
    _check_rows(errors, found)
    _check_custom_ids(errors, found)


def _check_rows(errors: FormErrors, found: list[tuple[Path, dict[str, Any]]]) -> None:
    for path, component in found:
        if component.get("type") == ACTION_ROW and not 1 <= len(component.get("components") or []) <= 5:
            errors.add((*path, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
        if component.get("type") == BUTTON:
            errors.text((*path, "label"), component.get("label"), maximum=80)
        if component.get("type") in SELECTS:
            check_select(errors, path, component)
        if component.get("type") == ACTION_ROW:
            inside = [part.get("type") for part in component.get("components") or []]
            if len(inside) > 1 and any(kind in SELECTS for kind in inside):
                message = "The specified component exceeds the maximum width"
                errors.add((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _check_custom_ids(errors: FormErrors, found: list[tuple[Path, dict[str, Any]]]) -> None:
    seen: set[str] = set()
    for path, component in found:
        kind = component.get("type")
        has_one = kind == BUTTON and component.get("style") not in (LINK_STYLE, PREMIUM_STYLE)
        needed = has_one or kind in SELECTS
        at = (*path, "custom_id")
        custom_id = errors.text(at, component.get("custom_id"), minimum=1, maximum=100, required=needed)
        if custom_id and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            errors.add(at, "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)
