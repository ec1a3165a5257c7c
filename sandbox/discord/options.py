"""What a person types after the slash, checked against the synced command as Discord's client does."""

from collections.abc import Mapping
from typing import Any

from sandbox.discord.payloads import app_permissions, channel_payload, member_payload, role_payload, user_payload
from sandbox.discord.schema import (
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MAX_STRING_OPTION,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
)
from sandbox.discord.world import MEMBER, Channel, Guild, Role, User

MAX_SAFE_INTEGER = 2**53


class InputRefusedError(ValueError):
    """Discord's client would not let a person send this; nothing was sent to the bot."""


def invocation(
    command: dict[str, Any], path: list[str], values: Mapping[str, object], *, guild: Guild | None
) -> dict[str, Any]:
    """The `data` of the interaction that `/command path… values` sends.

    Raises InputRefusedError for an unknown subcommand or option, a missing one, and a value of another type,
    outside its bounds or not among its choices. A choice is given by its value or by its name.
    """
    resolved: dict[str, dict[str, Any]] = {}
    schema: dict[str, Any] = command
    steps = []
    for step in path:
        parts = [part for part in schema.get("options") or [] if part["type"] in (SUBCOMMAND, GROUP)]
        schema = next((part for part in parts if part["name"] == step), {})
        if not schema:
            raise InputRefusedError(f"/{command['name']} has no subcommand {step!r}")
        steps.append({"type": schema["type"], "name": step})
    accepted = schema.get("options") or []
    if any(option["type"] in (SUBCOMMAND, GROUP) for option in accepted):
        raise InputRefusedError(f"/{command['name']} cannot be sent without a subcommand")
    options = _options(accepted, values, resolved, guild)
    for entry in reversed(steps):
        options = [{**entry, "options": options}]
    data = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
    if resolved:
        data["resolved"] = resolved
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data


def completion(
    command: dict[str, Any], path: list[str], values: Mapping[str, object], *, focused: str, guild: Guild | None
) -> dict[str, Any]:
    """The `data` of the interaction that is sent while a person types into the option `focused`."""
    schema: dict[str, Any] = command
    for step in path:
        schema = next(part for part in schema["options"] if part["name"] == step)
    option = next(part for part in schema["options"] if part["name"] == focused)
    if not option.get("autocomplete"):
        raise InputRefusedError(f"option {focused!r} has no autocomplete")
    resolved: dict[str, dict[str, Any]] = {}
    options = [
        {"name": part["name"], "type": part["type"], "value": _value(part, values[part["name"]], resolved, guild)}
        for part in schema["options"]
        if values.get(part["name"]) is not None
    ]
    for entry in options:
        if entry["name"] == focused:
            entry["focused"] = True
    for step in reversed(path):
        options = [{"type": SUBCOMMAND, "name": step, "options": options}]
    return {"id": command["id"], "name": command["name"], "type": 1, "options": options, "resolved": resolved}


def _options(
    accepted: list[dict[str, Any]],
    values: Mapping[str, object],
    resolved: dict[str, dict[str, Any]],
    guild: Guild | None,
) -> list[dict[str, Any]]:
    by_name = {option["name"]: option for option in accepted}
    if unknown := set(values) - set(by_name):
        raise InputRefusedError(f"unknown option {sorted(unknown)}; there are {sorted(by_name)}")
    for name, option in by_name.items():
        if option.get("required") and values.get(name) in (None, ""):
            raise InputRefusedError(f"option {name!r} is required")
    options = []
    for name, value in values.items():
        if value is not None:
            sent = _value(by_name[name], value, resolved, guild)
            options.append({"name": name, "type": by_name[name]["type"], "value": sent})
    return options


def _value(option: dict[str, Any], value: object, resolved: dict[str, dict[str, Any]], guild: Guild | None) -> object:
    kind, name = option["type"], option["name"]
    for choice in option.get("choices") or []:
        if value in (choice["value"], choice["name"]):
            return choice["value"]
    if option.get("choices"):
        offered = [choice["value"] for choice in option["choices"]]
        raise InputRefusedError(f"option {name!r} has no choice {value!r}; there are {offered}")
    if kind in (USER, ROLE, CHANNEL, MENTIONABLE):
        return _resolve(option, value, resolved, guild)
    expected: tuple[type, ...] = {
        STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)
    }.get(kind, ())  # fmt: skip
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != BOOLEAN):
        raise InputRefusedError(f"option {name!r} does not take {value!r}")
    if isinstance(value, str):
        low, high = option.get("min_length") or 0, option.get("max_length") or MAX_STRING_OPTION
        if not low <= len(value) <= high:
            raise InputRefusedError(f"option {name!r} takes {low} to {high} characters")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        low = option.get("min_value", -MAX_SAFE_INTEGER)
        high = option.get("max_value", MAX_SAFE_INTEGER)
        if not low <= value <= high:
            raise InputRefusedError(f"option {name!r} takes {low} to {high}")
    return value


def _resolve(option: dict[str, Any], value: object, resolved: dict[str, dict[str, Any]], guild: Guild | None) -> str:
    """The id of what was picked; its payload is added to `resolved`."""
    kind, name = option["type"], option["name"]
    if isinstance(value, User) and kind in (USER, MENTIONABLE):
        resolved.setdefault("users", {})[str(value.id)] = user_payload(value)
        if guild is not None:
            member = member_payload(guild, value)
            del member["user"], member["deaf"], member["mute"]
            resolved.setdefault("members", {})[str(value.id)] = member
        return str(value.id)
    if isinstance(value, Role) and kind in (ROLE, MENTIONABLE):
        if guild is None or value.guild_id != guild.id:
            raise InputRefusedError(f"option {name!r} offers only roles of this server")
        resolved.setdefault("roles", {})[str(value.id)] = role_payload(value)
        return str(value.id)
    if isinstance(value, Channel) and kind == CHANNEL and value.guild is not None and guild is not None:
        permissions = {"permissions": str(int(MEMBER)), "app_permissions": str(app_permissions(value))}
        payload = {**channel_payload(value), **permissions}
        if payload["type"] not in (option.get("channel_types") or [payload["type"]]):
            raise InputRefusedError(f"option {name!r} does not offer channels of type {payload['type']}")
        resolved.setdefault("channels", {})[str(value.id)] = payload
        return str(value.id)
    raise InputRefusedError(f"option {name!r} does not take {value!r}")
