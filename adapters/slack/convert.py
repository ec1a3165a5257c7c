"""What Slack tells of a command, a press, a form or an event, to the core's values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from adapters.commands import IMAGINE
from adapters.gestures import Asked, Person, Place, Pressed
from bot.model import GenerationId, Space
from bot.rules import person_of

_CHANNELS: Final = ("C", "G")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an answer goes: for what was done in no channel, `channel_id` is the person.

    `response_url` is its own credential for 30 minutes: a secret. A form and a mention have none. In a thread that is
    `thread_is_new`, begun by the picture, Slack shows nobody what is for one person alone.
    """

    team_id: str
    channel_id: str
    user_id: str
    response_url: str | None = None
    thread_ts: str | None = None
    thread_is_new: bool = False

    @property
    def is_channel(self) -> bool:
        """Whether others may be there: in direct messages and in the App Home nobody is."""
        return self.channel_id.startswith(_CHANNELS)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press as Slack tells it (`body`), as a command would be told, and as the core knows it.

    `which` tells the button from others of its kind.
    """

    body: Mapping[str, Any]
    command: Mapping[str, Any]
    pressed: Pressed
    which: str

    @property
    def address(self) -> Address:
        return address(self.command)

    @property
    def locale(self) -> str | None:
        return self.pressed.person.locale

    @property
    def is_theirs_alone(self) -> bool:
        """Whether nobody else sees the message of the button, so that another may stand in its place."""
        container = self.body.get("container") or {}
        return bool(container.get("is_ephemeral")) or str(container.get("channel_id") or "").startswith("D")

    @property
    def message(self) -> Place | None:
        """Channel and time stamp of the message that the button stands under, if it is one that can be deleted."""
        container = self.body.get("container") or {}
        if container.get("is_ephemeral") or "message_ts" not in container:
            return None
        return container["channel_id"], container["message_ts"]


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
        channel=channel_of(command),
    )


def pressed(command: Mapping[str, Any], person: Person, target: str) -> Pressed:
    """A button of `target`, from an `interaction`."""
    return Pressed(
        id=GenerationId(f"slack:{command['team_id']}:{command['trigger_id']}"),
        person=person,
        private_by_dm=True,
        address=asdict(address(command)),
        channel=channel_of(command),
        target=GenerationId(target),
    )


def interaction(body: Mapping[str, Any]) -> dict[str, Any]:
    """A press, a shortcut or a form in the shape of a command: it tells the same, but not in the same places."""
    user, team, enterprise = body["user"], body.get("team") or {}, body.get("enterprise") or {}
    container = body.get("container") or {}
    message = body.get("message") or {}
    ts = container.get("message_ts") or message.get("ts")
    thread_ts = container.get("thread_ts") or message.get("thread_ts")
    return {
        # Of a form that was opened out of a channel shared with another company, `team` may be that company's.
        "team_id": (body.get("view") or {}).get("app_installed_team_id") or team.get("id") or user["team_id"],
        "enterprise_id": enterprise.get("id") or team.get("enterprise_id"),
        "user_id": user["id"],
        "trigger_id": body.get("trigger_id"),
        "channel_id": (body.get("channel") or {}).get("id") or container.get("channel_id") or user["id"],
        # A message that others have answered in a thread names that thread, too, and does not stand in it.
        "thread_ts": None if thread_ts == ts else thread_ts,
        "response_url": body.get("response_url"),
    }


def event(body: Mapping[str, Any]) -> dict[str, Any]:
    """An event in the shape of a command. What is sent again has the same `event_id`."""
    # Likewise what is said by a guest in a shared channel.
    told, home = body["event"], installed(body) or body
    return {
        "team_id": home.get("team_id") or body["team_id"],
        "enterprise_id": home.get("enterprise_id"),
        "user_id": told["user"],
        "trigger_id": body["event_id"],
        "channel_id": told["channel"],
        "thread_ts": told.get("thread_ts"),
        "text": told.get("text"),
    }


def channel_of(command: Mapping[str, Any]) -> str | None:
    """The channel whose rules bind the command; None in the App Home."""
    return None if command["channel_id"] == command["user_id"] else str(command["channel_id"])


def installed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """For which workspace and bot an event was sent."""
    authorizations: list[dict[str, Any]] = body.get("authorizations") or []
    return authorizations[0] if authorizations else {}


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
        response_url=command.get("response_url"),
        thread_ts=command.get("thread_ts"),
        thread_is_new=command.get("thread_is_new", False),
    )
