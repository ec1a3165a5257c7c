"""String selects, in messages and in modals: their rules, and what a person may pick.

Source: https://docs.discord.com/developers/components/reference#string-select
"""

from collections.abc import Sequence
from typing import Any

from sandbox.discord.errors import FormErrors
from sandbox.discord.options import InputRefusedError

STRING_SELECT = 3
# Of people, roles, mentionables and channels: taken by type, nobody picks in them here.
OTHER_SELECTS = (5, 6, 7, 8)
SELECTS = (STRING_SELECT, *OTHER_SELECTS)
MAX_OPTIONS = 25

Path = tuple[str | int, ...]


def check_select(errors: FormErrors, path: Path, select: dict[str, Any]) -> None:
    """Placeholder, bounds and options of one select; its custom id is the business of what holds it."""
    errors.text((*path, "placeholder"), select.get("placeholder"), maximum=150)
    low, high = _bounds(select)
    for key, value, least in (("min_values", low, 0), ("max_values", high, 1)):
        if not isinstance(value, int) or not least <= value <= MAX_OPTIONS:
            message = f"int value should be between {least} and {MAX_OPTIONS}."
            errors.add((*path, key), "NUMBER_TYPE_RANGE", message)
    if select.get("type") != STRING_SELECT:
        return
    options = errors.items((*path, "options"), select.get("options"), maximum=MAX_OPTIONS)
    if not options:
        errors.add((*path, "options"), "BASE_TYPE_REQUIRED", "This field is required")
    seen: set[str] = set()
    for index, option in enumerate(options):
        at = (*path, "options", index)
        errors.text((*at, "label"), option.get("label"), minimum=1, maximum=100, required=True)
        value = errors.text((*at, "value"), option.get("value"), minimum=1, maximum=100, required=True)
        errors.text((*at, "description"), option.get("description"), maximum=100)
        if value in seen:
            message = "The specified option value is already used"
            errors.add((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(value)


def picked(select: dict[str, Any], choice: str | Sequence[str]) -> list[str]:
    """The values of the options that are named by value or label; InputRefusedError for what cannot be picked."""
    wanted = [choice] if isinstance(choice, str) else list(choice)
    values = []
    for name in wanted:
        found = [option["value"] for option in select["options"] if name in (option["value"], option["label"])]
        if not found:
            offered = [option["value"] for option in select["options"]]
            raise InputRefusedError(f"{select['custom_id']!r} has no option {name!r}; there are {offered}")
        values.append(found[0])
    low, high = _bounds(select)
    if not low <= len(values) <= high:
        raise InputRefusedError(f"{select['custom_id']!r} takes {low} to {high} options")
    return values


def _bounds(select: dict[str, Any]) -> tuple[Any, Any]:
    low, high = select.get("min_values"), select.get("max_values")
    return 1 if low is None else low, 1 if high is None else high
