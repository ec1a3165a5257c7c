"""What stands in the elements of a view or message, and what becomes of it when a person types or chooses."""

from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.slack.elements import MAX_INPUT, is_number, options_of

Block = dict[str, Any]
Element = dict[str, Any]
# What an element holds, as `state.values` tells it: by block_id, then by action_id.
State = dict[str, dict[str, dict[str, Any]]]
# What a person types (text, a number), or chooses (one option or several, by value or label).
Choice = str | int | float | Sequence[str]

_TYPED = ("plain_text_input", "number_input")
_ONE = ("static_select", "radio_buttons")
_MANY = ("checkboxes",)


def elements_of(blocks: Sequence[Block]) -> Iterator[tuple[Block, Element]]:
    """Every element that has an action_id, with the block it is in."""
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def find(blocks: Sequence[Block], name: str, *, kinds: Sequence[str] = ()) -> tuple[Block, Element]:
    """The element with the action_id `name`, of one of `kinds` if given; LookupError if there is none."""
    for block, element in elements_of(blocks):
        if element["action_id"] == name and (not kinds or element["type"] in kinds):
            return block, element
    there = [(element["type"], element["action_id"]) for _, element in elements_of(blocks)]
    raise LookupError(f"there is no {' or '.join(kinds) or 'element'} {name}; there are {there}")


def initial_state(blocks: Sequence[Block]) -> State:
    """What the elements hold before anybody touches them."""
    state: State = {}
    for block, element in elements_of(blocks):
        kind = element["type"]
        if kind in _TYPED:
            entry = {"value": element.get("initial_value")}
        elif kind in _ONE:
            entry = {"selected_option": element.get("initial_option")}
        elif kind in _MANY:
            entry = {"selected_options": element.get("initial_options", [])}
        else:
            continue
        state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": kind, **entry}
    return state


def entered(element: Element, choice: Choice) -> dict[str, Any]:
    """What an element holds after a person's choice; ValueError for what the client would not take."""
    kind, name = element["type"], element["action_id"]
    if kind in _TYPED:
        text = str(choice)
        if kind == "number_input":
            _check_number(element, text)
        elif len(text) > element.get("max_length", MAX_INPUT):
            raise ValueError(f"{name} takes at most {element.get('max_length', MAX_INPUT)} characters")
        return {"type": kind, "value": text or None}
    names = [choice] if isinstance(choice, str) else list(choice) if isinstance(choice, Sequence) else [str(choice)]
    chosen = [_option(element, label) for label in names]
    if kind in _MANY:
        return {"type": kind, "selected_options": chosen}
    if len(chosen) != 1:
        raise ValueError(f"{name} takes one option")
    return {"type": kind, "selected_option": chosen[0]}


def complaint(block: Block, element: Element, entry: dict[str, Any]) -> str | None:
    """What keeps the client from submitting this input; None if nothing does."""
    held = entry.get("value") or entry.get("selected_option") or entry.get("selected_options")
    if not held:
        return None if block.get("optional") else f"{element['action_id']} is required"
    if element["type"] == "plain_text_input" and len(held) < element.get("min_length", 0):
        return f"{element['action_id']} takes at least {element['min_length']} characters"
    return None


def _option(element: Element, label: str) -> dict[str, Any]:
    for option in options_of(element):
        if label in (option["value"], option["text"]["text"]):
            return option
    offered = [option["value"] for option in options_of(element)]
    raise ValueError(f"{element['action_id']} has no option {label}; there are {offered}")


def _check_number(element: Element, text: str) -> None:
    if not text:
        return
    if not is_number(text, decimal=element["is_decimal_allowed"]):
        raise ValueError(f"{element['action_id']} does not take {text!r}")
    low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    if not low <= float(text) <= high:
        raise ValueError(f"{element['action_id']} takes {low:g} to {high:g}")
