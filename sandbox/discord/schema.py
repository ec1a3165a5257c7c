"""The rules that a command has to pass before Discord takes it.

Source: https://docs.discord.com/developers/interactions/application-commands#application-command-object
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from sandbox.discord.errors import FormErrors

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
CHAT_INPUT, USER_COMMAND, MESSAGE_COMMAND = 1, 2, 3
MAX_STRING_OPTION = 6000
MAX_COMMAND = 8000

# https://docs.discord.com/developers/reference#locales
LOCALES = frozenset(
    {"id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR"}
    | {"ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"}
)

Path = tuple[str | int, ...]


def check_command(errors: FormErrors, path: Path, command: Mapping[str, Any]) -> None:
    """Name, descriptions, options and total size of one command."""
    kind = command.get("type", CHAT_INPUT)
    if kind not in (CHAT_INPUT, USER_COMMAND, MESSAGE_COMMAND):
        errors.add((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return
    if kind != CHAT_INPUT:
        _check_locales(errors, path, command, "name")
        for at, name in _localised(path, command, "name"):
            errors.text(at, name, minimum=1, maximum=32, required=True)
        if command.get("description") or command.get("options"):
            message = "Context menu commands cannot have description"
            code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_CANNOT_BE_DEFINED"
            errors.add((*path, "description"), code, message)
        return
    _check_names(errors, path, command)
    _check_options(errors, path, command.get("options"), allowed=range(1, 12))
    if _size(command) > MAX_COMMAND:
        message = f"Command exceeds maximum size ({MAX_COMMAND})"
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_names(errors: FormErrors, path: Path, item: Mapping[str, Any]) -> None:
    for key in ("name", "description"):
        _check_locales(errors, path, item, key)
    for at, name in _localised(path, item, "name"):
        if errors.text(at, name, minimum=1, maximum=32, required=True) and not is_name(str(name)):
            errors.add(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for at, description in _localised(path, item, "description"):
        errors.text(at, description, minimum=1, maximum=100, required=True)


def _check_locales(errors: FormErrors, path: Path, item: Mapping[str, Any], key: str) -> None:
    for locale in item.get(f"{key}_localizations") or {}:
        if locale not in LOCALES:
            message = f"Value must be one of {tuple(sorted(LOCALES))}."
            errors.add((*path, f"{key}_localizations", locale), "BASE_TYPE_CHOICES", message)


def _localised(path: Path, item: Mapping[str, Any], key: str) -> list[tuple[Path, object]]:
    texts: list[tuple[Path, object]] = [((*path, key), item.get(key))]
    for locale, text in (item.get(f"{key}_localizations") or {}).items():
        texts.append(((*path, f"{key}_localizations", locale), text))
    return texts


def is_name(name: str) -> bool:
    r"""`^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, in lower case where there is one."""
    return name == name.lower() and all(
        char in "-_'"
        or unicodedata.category(char)[0] in "LN"
        or "\u0900" <= char <= "\u097f"
        or "\u0e00" <= char <= "\u0e7f"
        for char in name
    )


def _check_options(errors: FormErrors, path: Path, options: object, *, allowed: range) -> None:
    path = (*path, "options")
    seen: set[str] = set()
    optional_seen = False
    listed = errors.items(path, options, maximum=25)
    kinds = {option.get("type") in (SUBCOMMAND, GROUP) for option in listed}
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    for index, option in enumerate(listed):
        at = (*path, index)
        kind = option.get("type")
        if kind not in allowed:
            errors.add((*at, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {tuple(allowed)}.")
        _check_names(errors, at, option)
        if option.get("name") in seen:
            message = "Option names must be unique"
            errors.add((*at, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        seen.add(str(option.get("name")))
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            errors.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")
        if kind == SUBCOMMAND:
            _check_options(errors, at, option.get("options"), allowed=range(STRING, ATTACHMENT + 1))
        elif kind == GROUP:
            _check_options(errors, at, option.get("options"), allowed=range(SUBCOMMAND, SUBCOMMAND + 1))
        else:
            _check_values(errors, at, option)


def _check_values(errors: FormErrors, path: Path, option: Mapping[str, Any]) -> None:
    kind = option.get("type")
    types: tuple[type, ...] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}.get(int(kind or 0), ())
    choices = errors.items((*path, "choices"), option.get("choices"), maximum=25)
    for index, choice in enumerate(choices):
        at = (*path, "choices", index)
        _check_locales(errors, at, choice, "name")
        for name_at, name in _localised(at, choice, "name"):
            errors.text(name_at, name, minimum=1, maximum=100, required=True)
        value = choice.get("value")
        if isinstance(value, bool) or not isinstance(value, types):
            message = f'Could not interpret "{value}" as a value of this option.'
            errors.add((*at, "value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID", message)
        elif isinstance(value, str):
            errors.text((*at, "value"), value, maximum=100)
    if choices and option.get("autocomplete"):
        message = "Autocomplete cannot be used with choices"
        errors.add(path, "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", message)
    for key in ("min_length", "max_length"):
        bound = option.get(key)
        if bound is not None and (kind != STRING or not 0 <= bound <= MAX_STRING_OPTION):
            message = f"int value should be between 0 and {MAX_STRING_OPTION}."
            errors.add((*path, key), "NUMBER_TYPE_RANGE", message)
    for key in ("min_value", "max_value"):
        if option.get(key) is not None and kind not in (INTEGER, NUMBER):
            errors.add((*path, key), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Only numbers have bounds.")


def _size(item: Mapping[str, Any]) -> int:
    """Characters of names, descriptions and choice values; of a text and its translations the longest."""
    size = sum(max(len(str(text or "")) for _, text in _localised((), item, key)) for key in ("name", "description"))
    if "value" in item:
        size += len(str(item["value"]))
    return size + sum(_size(part) for key in ("options", "choices") for part in item.get(key) or [])
