"""Modals: the rules for a form that a bot shows, and what a person may fill in.

Source: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.errors import FormErrors
from sandbox.discord.options import InputRefusedError
from sandbox.discord.selects import STRING_SELECT, check_select, picked

ACTION_ROW, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 4, 10, 18
MAX_INPUT = 4000

Path = tuple[str | int, ...]
Component = dict[str, Any]
# What is typed into a text input, or picked in a select (one, or several).
Values = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Modal:
    """A form on a person's screen; `inputs` are its text inputs and selects, by custom id."""

    custom_id: str
    title: str
    components: list[Component]
    inputs: dict[str, Component] = field(default_factory=dict)

    @classmethod
    def from_payload(cls, data: Mapping[str, Any]) -> "Modal":
        """Read the `data` of a callback; ApiError 50035 with every broken rule.

        Action rows with a text input, and labels with a text input or a string select; Discord's other inputs
        are not known here and refused.
        """
        errors = FormErrors()
        errors.text(("data", "title"), data.get("title"), minimum=1, maximum=45, required=True)
        custom_id = errors.text(("data", "custom_id"), data.get("custom_id"), minimum=1, maximum=100, required=True)
        components = errors.items(("data", "components"), data.get("components"), maximum=5)
        if not components:
            errors.add(("data", "components"), "BASE_TYPE_REQUIRED", "This field is required")
        inputs: dict[str, Component] = {}
        for path, component in _inputs(errors, components):
            at = (*path, "custom_id")
            name = errors.text(at, component.get("custom_id"), minimum=1, maximum=100, required=True)
            if name in inputs:
                errors.add(at, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
            inputs[name] = component
        errors.raise_if_any()
        return cls(custom_id=custom_id, title=data["title"], components=components, inputs=inputs)

    def filled(self, values: Values) -> list[Component]:
        """The components of the interaction that is sent when a person fills in `values` and submits.

        An input that is not named keeps what it was opened with. Raises InputRefusedError for an unknown input,
        an empty one that is required, and a value against its bounds: the client would not send the form.
        """
        if unknown := set(values) - set(self.inputs):
            raise InputRefusedError(f"unknown input {sorted(unknown)}; there are {sorted(self.inputs)}")
        answers = {name: _answer(item, values.get(name)) for name, item in self.inputs.items()}
        sent: list[Component] = []
        number = 0
        for component in self.components:
            number += 1
            shell = {"type": component["type"], "id": component.get("id") or number}
            if component["type"] == TEXT_DISPLAY:
                sent.append(shell)
                continue
            number += 1
            if component["type"] == ACTION_ROW:
                sent.append(
                    {**shell, "components": [{"id": number, **answers[component["components"][0]["custom_id"]]}]}
                )
            else:
                sent.append({**shell, "component": {"id": number, **answers[component["component"]["custom_id"]]}})
        return sent


def _inputs(errors: FormErrors, components: list[Component]) -> Iterator[tuple[Path, Component]]:
    """The inputs with their paths, once they and what holds them have been checked."""
    for index, component in enumerate(components):
        path: Path = ("data", "components", index)
        kind = component.get("type")
        if kind == ACTION_ROW:
            yield from _in_row(errors, path, component)
        elif kind == LABEL:
            yield from _in_label(errors, path, component)
        elif kind == TEXT_DISPLAY:
            errors.text((*path, "content"), component.get("content"), maximum=4000, required=True)
        else:
            message = f"Value must be one of {(ACTION_ROW, TEXT_DISPLAY, LABEL)}."
            errors.add((*path, "type"), "BASE_TYPE_CHOICES", message)


def _in_row(errors: FormErrors, path: Path, row: Component) -> Iterator[tuple[Path, Component]]:
    inside = errors.items((*path, "components"), row.get("components"), maximum=1)
    if not inside:
        errors.add((*path, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 1 in length.")
    for item in inside[:1]:
        at = (*path, "components", 0)
        if _is_one_of(errors, at, item, (TEXT_INPUT,)):
            _check_label(errors, at, item)
            _check_text_input(errors, at, item)
            yield at, item


def _in_label(errors: FormErrors, path: Path, label: Component) -> Iterator[tuple[Path, Component]]:
    _check_label(errors, path, label)
    errors.text((*path, "description"), label.get("description"), maximum=100)
    at, item = (*path, "component"), label.get("component")
    if not isinstance(item, dict):
        errors.add(at, "BASE_TYPE_REQUIRED", "This field is required")
    elif _is_one_of(errors, at, item, (TEXT_INPUT, STRING_SELECT)):
        if item["type"] == STRING_SELECT:
            check_select(errors, at, item)
            if item.get("required", True) and item.get("min_values") == 0:
                errors.add((*at, "min_values"), "NUMBER_TYPE_RANGE", "int value should be between 1 and 25.")
        else:
            # Deprecated here and not shown, yet an empty one is refused like that of a row.
            if item.get("label") is not None:
                _check_label(errors, at, item)
            _check_text_input(errors, at, item)
        yield at, item


def _is_one_of(errors: FormErrors, path: Path, item: Component, kinds: tuple[int, ...]) -> bool:
    if item.get("disabled"):
        errors.add((*path, "disabled"), "COMPONENT_DISABLED_IN_MODAL", "Modals cannot have disabled components.")
    if item.get("type") in kinds:
        return True
    errors.add((*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {kinds}.")
    return False


def _check_label(errors: FormErrors, path: Path, item: Component) -> None:
    if item.get("label") == "":
        errors.add((*path, "label"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
    else:
        errors.text((*path, "label"), item.get("label"), minimum=1, maximum=45, required=True)


def _check_text_input(errors: FormErrors, path: Path, item: Component) -> None:
    if item.get("style") not in (1, 2):
        errors.add((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
    errors.text((*path, "placeholder"), item.get("placeholder"), maximum=100)
    low, high = _lengths(item)
    for key, value, least in (("min_length", low, 0), ("max_length", high, 1)):
        if not isinstance(value, int) or not least <= value <= MAX_INPUT:
            message = f"int value should be between {least} and {MAX_INPUT}."
            errors.add((*path, key), "NUMBER_TYPE_RANGE", message)
            return
    if low > high:
        errors.add((*path, "min_length"), "BASE_TYPE_BAD_LENGTH", "min_length must not exceed max_length.")
    errors.text((*path, "value"), item.get("value"), minimum=low, maximum=high)


def _lengths(item: Component) -> tuple[Any, Any]:
    low, high = item.get("min_length"), item.get("max_length")
    return 0 if low is None else low, MAX_INPUT if high is None else high


def _answer(item: Component, given: str | Sequence[str] | None) -> Component:
    name, kind = item["custom_id"], item["type"]
    required = item.get("required", True)
    if kind == STRING_SELECT:
        chosen = [option["value"] for option in item["options"] if option.get("default")] if given is None else given
        if not chosen and required:
            raise InputRefusedError(f"input {name!r} is required")
        return {"type": kind, "custom_id": name, "values": picked(item, chosen) if chosen else []}
    text = (item.get("value") or "") if given is None else given
    if not isinstance(text, str):
        raise InputRefusedError(f"input {name!r} does not take {text!r}")
    if not text and required:
        raise InputRefusedError(f"input {name!r} is required")
    low, high = _lengths(item)
    if text and not low <= len(text) <= high:
        raise InputRefusedError(f"input {name!r} takes {low} to {high} characters")
    return {"type": kind, "custom_id": name, "value": text}
