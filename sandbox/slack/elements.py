"""The rules for what people choose from and type into: selects, menus, boxes and text inputs.

https://docs.slack.dev/reference/block-kit/block-elements/
"""

from typing import Any

from sandbox.slack.findings import Findings

_SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
_CHOICES = frozenset(
    {"checkboxes", "datepicker", "datetimepicker", "radio_buttons", "timepicker"}
    | {*_SELECTS, *(f"multi_{select}" for select in _SELECTS)}
)
# What an actions block or the side of a section may hold beside buttons, and what an input block may.
IN_ACTIONS = _CHOICES | {"overflow", "workflow_button"}
IN_INPUT = _CHOICES | {
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "rich_text_input",
    "file_input",
}

MAX_INPUT = 3000
_COMMON = ("action_id", "confirm", "focus_on_load")


def check_element(findings: Findings, at: str, element: dict[str, Any]) -> None:
    """Hold one element to the rules of its type; types that have none here pass."""
    kind = element.get("type")
    if "action_id" in element:
        findings.check_string(f"{at}/action_id", element["action_id"], most=255)
    match kind:
        case "static_select":
            _check_select(findings, at, element)
        case "overflow":
            if findings.check_keys(at, element, required=("options",), optional=("action_id", "confirm")):
                _check_options(findings, f"{at}/options", element["options"], most=5)
        case "checkboxes" | "radio_buttons":
            initial = "initial_options" if kind == "checkboxes" else "initial_option"
            if findings.check_keys(at, element, required=("options",), optional=(*_COMMON, initial)):
                _check_options(findings, f"{at}/options", element["options"], most=10, plain=False)
                _check_initial(findings, at, element, initial, element["options"])
        case "plain_text_input":
            _check_text_input(findings, at, element)
        case "number_input":
            _check_number_input(findings, at, element)
        case _:
            pass


def _check_select(findings: Findings, at: str, select: dict[str, Any]) -> None:
    optional = (*_COMMON, "placeholder", "options", "option_groups", "initial_option")
    findings.check_keys(at, select, required=(), optional=optional)
    if "placeholder" in select:
        findings.check_text(f"{at}/placeholder", select["placeholder"], most=150, plain=True)
    if ("options" in select) == ("option_groups" in select):
        findings.add(at, "must define exactly one of options, option_groups")
        return
    if "options" in select:
        _check_options(findings, f"{at}/options", select["options"], most=100)
    else:
        groups = findings.require_list(f"{at}/option_groups", select["option_groups"], most=100)
        for index, item in enumerate(groups):
            below = f"{at}/option_groups/{index}"
            group = findings.require_object(below, item)
            if group is not None and findings.check_keys(below, group, required=("label", "options")):
                findings.check_text(f"{below}/label", group["label"], most=75, plain=True)
                _check_options(findings, f"{below}/options", group["options"], most=100)
    _check_initial(findings, at, select, "initial_option", options_of(select))


def _check_options(findings: Findings, at: str, options: object, *, most: int, plain: bool = True) -> None:
    for index, item in enumerate(findings.require_list(at, options, most=most)):
        below = f"{at}/{index}"
        option = findings.require_object(below, item)
        if option is None:
            continue
        if findings.check_keys(below, option, required=("text", "value"), optional=("description", "url")):
            findings.check_text(f"{below}/text", option["text"], most=75, plain=plain)
            findings.check_string(f"{below}/value", option["value"], most=150)
        if "description" in option:
            findings.check_text(f"{below}/description", option["description"], most=75, plain=plain)


def _check_initial(findings: Findings, at: str, element: dict[str, Any], key: str, options: object) -> None:
    if key not in element:
        return
    given = element[key] if key == "initial_options" else [element[key]]
    known = options if isinstance(options, list) else []
    if not isinstance(given, list) or not given or any(option not in known for option in given):
        findings.add(f"{at}/{key}", "must be one of the options")


def _check_text_input(findings: Findings, at: str, element: dict[str, Any]) -> None:
    optional = ("action_id", "focus_on_load", "initial_value", "multiline", "min_length", "max_length")
    findings.check_keys(at, element, required=(), optional=(*optional, "placeholder", "dispatch_action_config"))
    if "placeholder" in element:
        findings.check_text(f"{at}/placeholder", element["placeholder"], most=150, plain=True)
    low, high = element.get("min_length", 0), element.get("max_length", MAX_INPUT)
    for key, value, least in (("min_length", low, 0), ("max_length", high, 1)):
        if not isinstance(value, int) or not least <= value <= MAX_INPUT:
            findings.add(f"{at}/{key}", f"must be between {least} and {MAX_INPUT}")
            return
    if low > high:
        findings.add(f"{at}/min_length", "must be less than max_length")
    if "initial_value" in element:
        findings.check_string(f"{at}/initial_value", element["initial_value"], least=low, most=high)


def _check_number_input(findings: Findings, at: str, element: dict[str, Any]) -> None:
    optional = ("action_id", "focus_on_load", "initial_value", "min_value", "max_value", "placeholder")
    if not findings.check_keys(
        at, element, required=("is_decimal_allowed",), optional=(*optional, "dispatch_action_config")
    ):
        return
    if "placeholder" in element:
        findings.check_text(f"{at}/placeholder", element["placeholder"], most=150, plain=True)
    for key in ("initial_value", "min_value", "max_value"):
        if key in element and not is_number(element[key], decimal=element["is_decimal_allowed"]):
            findings.add(f"{at}/{key}", "must be a number in a string")


def is_number(text: object, *, decimal: bool) -> bool:
    """Whether `text` is what a number input holds: a number written out, whole unless `decimal`."""
    if not isinstance(text, str):
        return False
    try:
        number = float(text)
    except ValueError:
        return False
    return decimal or number.is_integer()


def options_of(element: dict[str, Any]) -> list[dict[str, Any]]:
    """The options of an element, those of its groups one after the other."""
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    return [option for group in groups if isinstance(group, dict) for option in group.get("options") or []]
