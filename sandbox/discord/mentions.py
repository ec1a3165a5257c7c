"""Who a message really pings: its content, filtered by `allowed_mentions`.

Source: https://docs.discord.com/developers/resources/message#allowed-mentions-object
"""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.discord.errors import FormErrors
from sandbox.discord.world import World

KINDS = ("roles", "users", "everyone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pings:
    """The ids of the people pinged, and whether it was by @everyone or @here."""

    users: list[int]
    everyone: bool


def check_allowed_mentions(errors: FormErrors, allowed: object) -> dict[str, Any] | None:
    """The `allowed_mentions` of a body, or None if it has none."""
    if allowed is None:
        return None
    if not isinstance(allowed, dict):
        errors.add(("allowed_mentions",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return None
    parse = allowed.get("parse") or []
    for index, kind in enumerate(parse):
        if kind not in KINDS:
            message = f"Value must be one of {KINDS}."
            errors.add(("allowed_mentions", "parse", index), "BASE_TYPE_CHOICES", message)
    for kind in ("users", "roles"):
        ids = allowed.get(kind) or []
        if len(ids) > 100:
            errors.add(("allowed_mentions", kind), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        if ids and kind in parse:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            errors.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    return allowed


def pings(world: World, content: str, allowed: dict[str, Any] | None) -> Pings:
    """Whom `content` pings. Without `allowed_mentions` that is everyone it names; embeds ping nobody."""
    rules: dict[str, Any] = {"parse": list(KINDS)} if allowed is None else allowed
    parse = rules.get("parse") or []
    everyone = "everyone" in parse and re.search(r"@(everyone|here)\b", content) is not None
    if everyone:
        return Pings(users=[user.id for user in world.users.values() if not user.bot], everyone=True)
    named = {int(found) for found in re.findall(r"<@!?(\d+)>", content)}
    if "users" not in parse:
        named &= {int(user_id) for user_id in rules.get("users") or []}
    roles = {int(found) for found in re.findall(r"<@&(\d+)>", content)}
    if "roles" not in parse:
        roles &= {int(role_id) for role_id in rules.get("roles") or []}
    users = [
        user.id for user in world.users.values() if user.id in named or any(role.id in roles for role in user.roles)
    ]
    return Pings(users=users, everyone=False)
