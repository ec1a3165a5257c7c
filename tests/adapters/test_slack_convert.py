"""Slack's slash commands as the core's values: who pays, where the answer goes, what was typed."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from adapters.slack import convert
from adapters.slack.convert import Address


def command(**changes: Any) -> dict[str, Any]:
    """A command as Slack posts it, unless `changes` say otherwise."""
    return {
        "token": "verification",
        "team_id": "T1",
        "team_domain": "sandbox",
        "channel_id": "C1",
        "channel_name": "general",
        "user_id": "U1",
        "user_name": "someone",
        "command": "/imagine",
        "text": "a red fox",
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.example/1",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        **changes,
    }


@pytest.mark.parametrize(
    ("typed", "home"),
    [
        (command(), "T1"),
        (command(enterprise_id="E1", enterprise_name="Org"), "E1"),
        (command(enterprise_id=None), "T1"),
        (command(enterprise_id=""), "T1"),
    ],
    ids=["a workspace", "an organisation", "no organisation", "an empty organisation"],
)
def test_an_organisation_pays_where_there_is_one(typed: dict[str, Any], home: str) -> None:
    """A person has one balance in all workspaces of an organisation."""
    person = convert.person(typed)
    assert (person.account, person.space) == (f"slack:{home}:U1", f"slack:{home}")


AUTHORIZED = {"team_id": "T1", "enterprise_id": None, "user_id": "U9"}


@pytest.mark.parametrize(
    ("body", "home"),
    [
        ({"team_id": "T2", "authorizations": [AUTHORIZED]}, "T1"),
        ({"team_id": "T2", "enterprise_id": "E2", "authorizations": [AUTHORIZED]}, "T1"),
        ({"team_id": "T1", "authorizations": [{**AUTHORIZED, "enterprise_id": "E1"}]}, "E1"),
        ({"team_id": "T1", "authorizations": [{**AUTHORIZED, "team_id": None, "enterprise_id": "E1"}]}, "E1"),
        ({"team_id": "T1"}, "T1"),
        ({"team_id": "T1", "enterprise_id": "E1", "authorizations": []}, "E1"),
    ],
    ids=["a guest", "a guest of an organisation", "a workspace of one", "a whole one", "nobody says", "an old event"],
)
def test_an_event_belongs_where_the_app_is_installed(body: dict[str, Any], home: str) -> None:
    """In a channel shared with another company, its people's quotas count here, as when they press a button."""
    told = convert.event({**body, "event_id": "Ev1", "event": {"user": "U1", "channel": "C1", "text": "a fox"}})
    assert convert.home(told) == f"slack:{home}"


@pytest.mark.parametrize(
    ("body", "home"),
    [
        ({"team": {"id": "T1"}}, "T1"),
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}, "T1"),
        ({"team": None, "view": {"app_installed_team_id": None}}, "T3"),
        ({"team": {"id": "T1", "enterprise_id": "E1"}, "enterprise": None}, "E1"),
        ({"team": None, "enterprise": {"id": "E1"}}, "E1"),
    ],
    ids=["a press", "a guest's form", "nobody says", "a team of an organisation", "a whole organisation"],
)
def test_an_interaction_belongs_where_the_app_is_installed(body: dict[str, Any], home: str) -> None:
    """Whoever acted, and wherever they are at home."""
    told = convert.interaction({**body, "user": {"id": "U1", "team_id": "T3"}, "trigger_id": "1.2"})
    assert convert.home(told) == f"slack:{home}"


def test_an_address_comes_back_from_the_database_as_it_was() -> None:
    """All that a courier needs is plain JSON."""
    address = convert.address(command())
    assert Address.from_json(json.loads(json.dumps(asdict(address)))) == address
    assert (address.team_id, address.channel_id, address.user_id) == ("T1", "C1", "U1")
    assert address.response_url == "https://hooks.example/1"


def test_asked_is_known_by_its_trigger() -> None:
    """Workspace and trigger: the same command delivered twice is the same generation."""
    asked = convert.asked(command(enterprise_id="E1"))
    assert asked.id == "slack:T1:13345224609.738474920.8088930838d88f008e0"
    assert asked.address == asdict(convert.address(command()))
    assert (asked.line, asked.command, asked.private_by_dm) == ("a red fox", "/imagine", True)


@pytest.mark.parametrize(("typed", "line"), [("  a red fox ", "a red fox"), ("", ""), (None, "")])
def test_the_text_behind_a_command_may_be_missing(typed: str | None, line: str) -> None:
    """`/imagine` alone is a command too."""
    assert convert.text(command(text=typed)) == line
    assert convert.asked(command(text=typed)).line == line
