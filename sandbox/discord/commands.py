"""The commands an application has registered, globally and for single guilds."""

from collections.abc import Callable
from typing import Any

from sandbox.discord.errors import ApiError, FormErrors
from sandbox.discord.schema import CHAT_INPUT, MESSAGE_COMMAND, USER_COMMAND, check_command

# How many of each kind one scope may hold.
MAXIMA = {CHAT_INPUT: 100, USER_COMMAND: 15, MESSAGE_COMMAND: 15}

Command = dict[str, Any]


class CommandRegistry:
    """Commands by scope: None is global, else a guild's id. Overwriting keeps the ids of names that stay."""

    def __init__(self, *, application_id: int, new_id: Callable[[], int]) -> None:
        self._application_id = application_id
        self._new_id = new_id
        self._scopes: dict[int | None, list[Command]] = {}
        self.syncs = 0

    def all(self) -> list[Command]:
        """Every command, the global ones first."""
        scopes = sorted(self._scopes, key=lambda scope: scope or 0)
        return [command for scope in scopes for command in self._scopes[scope]]

    def of(self, scope: int | None) -> list[Command]:
        """The commands of one scope, in the order they were registered."""
        return list(self._scopes.get(scope, []))

    def find(self, name: str, *, guild_id: int | None, kind: int = CHAT_INPUT) -> Command | None:
        """The command a person gets by typing or choosing `name`; a guild's own goes before the global one."""
        scopes = [None] if guild_id is None else [guild_id, None]
        for scope in scopes:
            for command in self.of(scope):
                if (command["type"], command["name"]) == (kind, name):
                    return command
        return None

    def overwrite(self, scope: int | None, commands: object) -> list[Command]:
        """Replace all commands of a scope (the bulk overwrite); nothing changes if one of them is refused."""
        if not isinstance(commands, list):
            raise ApiError(400, 50035, "Invalid Form Body")
        errors = FormErrors()
        seen = set()
        for index, command in enumerate(errors.items((), commands, maximum=130)):
            check_command(errors, (index,), command)
            key = (command.get("type", CHAT_INPUT), command.get("name"))
            if key in seen:
                message = "Application command names must be unique"
                errors.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
            seen.add(key)
        errors.raise_if_any()
        self._check_room(commands)
        self._scopes[scope] = [self._registered(scope, command) for command in commands]
        self.syncs += 1
        return self.of(scope)

    def create(self, scope: int | None, command: Command) -> tuple[Command, bool]:
        """Add one command or replace the one of that name; and whether it is new."""
        errors = FormErrors()
        check_command(errors, (), command)
        errors.raise_if_any()
        made = self._registered(scope, command)
        others = [other for other in self.of(scope) if other["id"] != made["id"]]
        is_new = len(others) == len(self.of(scope))
        self._check_room([*others, made])
        self._scopes[scope] = [*others, made]
        return made, is_new

    def get(self, scope: int | None, command_id: str) -> Command:
        """One command; 404 code 10063 if there is none with that id."""
        for command in self.of(scope):
            if command["id"] == command_id:
                return command
        raise ApiError(404, 10063, "Unknown application command")

    def delete(self, scope: int | None, command_id: str) -> None:
        """Remove one command; raises as `get`."""
        gone = self.get(scope, command_id)
        self._scopes[scope] = [command for command in self.of(scope) if command is not gone]

    def _check_room(self, commands: list[Command]) -> None:
        for kind, maximum in MAXIMA.items():
            if sum(command.get("type", CHAT_INPUT) == kind for command in commands) > maximum:
                raise ApiError(400, 30032, f"Maximum number of application commands reached ({maximum})")

    def _registered(self, scope: int | None, command: Command) -> Command:
        kind = command.get("type", CHAT_INPUT)
        same = [old for old in self.of(scope) if (old["type"], old["name"]) == (kind, command["name"])]
        permissions = command.get("default_member_permissions")
        registered = {
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "options": [],
            "nsfw": False,
            "description": "",
            "name_localizations": None,
            "description_localizations": None,
            **{key: value for key, value in command.items() if value is not None},
            "id": same[0]["id"] if same else str(self._new_id()),
            "application_id": str(self._application_id),
            "version": str(self._new_id()),
            "type": kind,
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        if scope is not None:
            registered["guild_id"] = str(scope)
        return registered
