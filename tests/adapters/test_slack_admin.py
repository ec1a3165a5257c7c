"""`/quota-admin` on Slack while Slack itself cannot tell who is an admin: a sentence, and nothing is decided."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from adapters.admin import AdminAsked
from adapters.responses import Answer
from adapters.slack.admin import SlackAdmin
from adapters.slack.directory import Colleague
from adapters.slack.replies import Replies
from adapters.slack.whispers import Whispers
from bot.errors import OperatorNeeded, PlatformBusy
from bot.vocabulary import Mistake, Said


@dataclass(kw_only=True)
class FakeAdminCommands:
    """Keeps what it is asked."""

    asked: list[AdminAsked] = field(default_factory=list)

    async def run(self, asked: AdminAsked, said: Said | Mistake) -> Answer:
        assert isinstance(said, Said)
        self.asked.append(asked)
        return Answer(sentence=("done",))


@dataclass(kw_only=True)
class FakeDirectory:
    """Knows one person, unless `fault` happens."""

    fault: Exception | None = None

    def locale(self, _user_id: str) -> str | None:
        return None

    async def colleague(self, user_id: str) -> Colleague | None:
        if self.fault is not None:
            raise self.fault
        return Colleague(id=user_id, name="Ann", is_bot=False, manages=True, asked_ms=0)


@dataclass(kw_only=True)
class Desk:
    """The handler, what it asks the core, and what the person reads."""

    commands: FakeAdminCommands = field(default_factory=FakeAdminCommands)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    said: list[str] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """The response URL."""
        answer: dict[str, Any] = await request.json()
        assert answer["response_type"] == "ephemeral"
        self.said.append(answer["text"])
        return web.Response(text="ok")

    async def say(self, line: str) -> None:
        """Type `line` behind the command."""
        app = web.Application()
        app.router.add_post("/answer", self.hear)
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            client = AsyncWebClient()  # only files need it
            admin = SlackAdmin(
                commands=self.commands,  # type: ignore[arg-type] # what is called of each
                client=client,
                files=None,  # type: ignore[arg-type]
                directory=self.directory,  # type: ignore[arg-type]
                replies=Replies(commands=None, whispers=Whispers(client=client, session=session)),  # type: ignore[arg-type]
            )
            await admin.run(
                {
                    "team_id": "T1",
                    "user_id": "U1",
                    "channel_id": "C1",
                    "trigger_id": "1.2",
                    "text": line,
                    "response_url": str(server.make_url("/answer")),
                }
            )


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_who_runs_the_workspace_is_asked_for_every_command(desk: Desk) -> None:
    """The core decides; the answer is for the person alone."""
    await desk.say("list")
    [asked] = desk.commands.asked
    assert asked.actor.manages
    assert desk.said == ["done"]


async def test_a_slack_that_is_busy_decides_nothing(desk: Desk) -> None:
    """An admin is neither refused, which would stand in the audit, nor told of a defect."""
    desk.directory.fault = PlatformBusy("429")
    with structlog.testing.capture_logs() as logged:
        await desk.say("set <@U2> 5")
    assert desk.commands.asked == []
    [said] = desk.said
    assert "cannot be looked up right now. Nothing was changed" in said
    assert [(event["event"], event["log_level"]) for event in logged] == [("nobody can be looked up", "warning")]


async def test_without_the_scope_for_people_only_the_operators_word_counts(desk: Desk) -> None:
    """SLACK_ADMINS and OWNERS name people by their ids, which need no looking up."""
    desk.directory.fault = OperatorNeeded("missing scope", code="missing_scope")
    await desk.say("list")
    [asked] = desk.commands.asked
    assert not asked.actor.manages
    assert asked.actor.keys == {"U1"}
    assert desk.said == ["done"]
