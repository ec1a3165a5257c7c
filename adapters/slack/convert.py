"""Slack's slash commands to the core's values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from adapters.commands import IMAGINE, Asked, Person
from bot.model import GenerationId, Space
from bot.rules import person_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a command's answer goes. `response_url` is its own credential for 30 minutes: a secret."""

    team_id: str
    channel_id: str
    user_id: str
    response_url: str

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        return cls(**fields)


def home(command: Mapping[str, Any]) -> Space:
    """Where quotas count: the organisation where the app is installed in one, else the workspace."""
    return Space(f"slack:{command.get('enterprise_id') or command['team_id']}")


def person(command: Mapping[str, Any], roles: tuple[str, ...] = (), *, locale: str | None = None) -> Person:
    """Who is charged; `roles` are the subjects of their user groups."""
    space = home(command)
    return Person(account=person_of(space, command["user_id"]), space=space, locale=locale, roles=roles)


def asked(command: Mapping[str, Any], roles: tuple[str, ...] = (), *, locale: str | None = None) -> Asked:
    """An `/imagine`. Slack gives a slash command no id of its own but its trigger."""
    return Asked(
        id=GenerationId(f"slack:{command['team_id']}:{command['trigger_id']}"),
        person=person(command, roles, locale=locale),
        line=text(command),
        command=IMAGINE,
        private_by_dm=True,
        address=asdict(address(command)),
        channel=command["channel_id"],
    )


def text(command: Mapping[str, Any]) -> str:
    """What stands behind the command."""
    return (command.get("text") or "").strip()


def unescaped(text: str) -> str:
    """Text of a command whose manifest says `should_escape`, as it was typed but for the links of people and groups."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def address(command: Mapping[str, Any]) -> Address:
    """All that a courier needs once this process is gone."""
    return Address(
        team_id=command["team_id"],
        channel_id=command["channel_id"],
        user_id=command["user_id"],
        response_url=command["response_url"],
    )
