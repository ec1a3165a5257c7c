"""What a Web API method is to the dispatcher: a function of its arguments, and the scope it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.slack.errors import missing_field
from sandbox.slack.world import Channel

# https://docs.slack.dev/reference/scopes
DEFAULT_SCOPES = frozenset(
    {
        "commands",
        "app_mentions:read",
        "chat:write",
        "chat:write.public",
        "files:write",
        "files:read",
        "users:read",
        "usergroups:read",
        "im:write",
    }
)
_KINDS = {"public": "channels", "private": "groups", "im": "im"}


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call, wherever they stood: query, form or JSON body."""

    values: Mapping[str, Any]

    def required(self, name: str) -> str:
        """A string that must be there; ApiError `invalid_arguments` if not."""
        value = self.values.get(name)
        if value in (None, ""):
            raise missing_field(name)
        return str(value)

    def text(self, name: str) -> str | None:
        """A string, None if it is empty or not there."""
        value = self.values.get(name)
        return None if value in (None, "") else str(value)

    def flag(self, name: str) -> bool:
        """A boolean, in any of the ways that forms and JSON write it."""
        return self.values.get(name) in (True, 1, "1", "true", "True")


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the Web API: `run` answers what goes beside `"ok": true`, or raises ApiError.

    `caller` says whose token opens it.
    """

    run: Callable[[Arguments], dict[str, Any]]
    scope: str | None = None
    caller: Literal["bot", "app"] = "bot"


def scope_for(channel: Channel, verb: str) -> str:
    """The scope that reaches this kind of conversation: `channels:history`, `groups:history`, `im:history`."""
    return f"{_KINDS[channel.kind]}:{verb}"
