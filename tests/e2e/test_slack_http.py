"""Slack over HTTP: the same commands and endings, and nothing for whoever is not Slack."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from e2e.conftest import Running, run_bot, settings_for
from e2e.ledger import charged, open_rows, rows, until
from e2e.playing import play
from e2e.scenarios import SCENARIOS, Scenario

from bot import app
from bot.errors import ConfigurationError
from sandbox.dashscope import DashScopeSandbox
from sandbox.slack import SlackSandbox, signed
from sandbox.stage import SlackStage

NAMES = (
    "a picture with its revised prompt",
    "quota spent",
    "refused by moderation",
    "an unknown flag",
    "three pictures in one message",
    "a private picture",
    "in a direct message",
    "where the bot may not post by itself, after 16 minutes",
    "refused after 31 minutes",
)
TABLE = [scenario for scenario in SCENARIOS if scenario.name in NAMES]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    """In place of the two platforms of the other tests: Slack, posting to the bot."""
    async with SlackSandbox(file_ready_after_s=0) as slack:
        yield SlackStage(slack, http_port=free_port())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot that serves Slack over HTTP, and what is around it."""

    stage: SlackStage
    dashscope: DashScopeSandbox
    database: Path

    async def post(self, body: str | bytes, headers: dict[str, str]) -> httpx.Response:
        """Somebody on the internet posts `body` to the request URL."""
        async with httpx.AsyncClient(trust_env=False) as caller:
            return await caller.post(self.stage.slack.request_url, content=body, headers=FORM | headers)


@pytest.fixture
async def bot(stage: SlackStage, dashscope: DashScopeSandbox, running: Running, database: Path) -> AsyncIterator[Bot]:
    """It runs until the test ends."""
    async with running():
        yield Bot(stage=stage, dashscope=dashscope, database=database)


@pytest.fixture
async def caller() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the internet."""
    async with httpx.AsyncClient(trust_env=False) as caller:
        yield caller


def command(stage: SlackStage, text: str = "a red fox") -> str:
    """A well-formed `/imagine`, as Slack would post it."""
    slack = stage.slack
    return urlencode(
        {
            "team_id": slack.team_id,
            "channel_id": slack.channel.id,
            "channel_name": slack.channel.name,
            "user_id": slack.user.id,
            "command": "/imagine",
            "text": text,
            "response_url": f"http://{slack.origin}/commands/T/secret",
            "trigger_id": "1.2.abc",
        }
    )


def test_the_table_has_every_scenario_that_is_named() -> None:
    """A renamed one is not left out in silence."""
    assert len(TABLE) == len(NAMES)


@pytest.mark.parametrize("scenario", TABLE, ids=lambda scenario: scenario.name.replace(" ", "-"))
async def test_a_command_over_http_ends_as_the_table_says(
    scenario: Scenario, stage: SlackStage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """What a person reads, sees and pays does not depend on the way in."""
    await play(scenario, stage, dashscope, running, database)
    assert stage.slack.num_connections == 0


async def test_a_command_that_is_posted_twice_is_drawn_once(
    stage: SlackStage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """A replay inside the five minutes is the same command, by its trigger."""
    async with running():
        typed = await stage.imagine("a red fox")
        await typed.ending()
        await stage.repeat(typed)
    assert len(dashscope.calls) == 1
    assert charged(database) == 2


def forged(stage: SlackStage, body: str) -> dict[str, str]:
    return signed(body, secret=f"not {stage.slack.signing_secret}")


def honest(stage: SlackStage, body: str, *, at_s: float | None = None) -> dict[str, str]:
    return signed(body, secret=stage.slack.signing_secret, at_s=at_s)


FORGERIES: dict[str, Callable[[SlackStage, str], dict[str, str]]] = {
    "another secret": forged,
    "no headers": lambda _, __: {},
    "no signature": lambda stage, body: honest(stage, body) | {"X-Slack-Signature": ""},
    "no time stamp": lambda stage, body: {"X-Slack-Signature": honest(stage, body)["X-Slack-Signature"]},
    "a stale time stamp": lambda stage, body: honest(stage, body, at_s=time.time() - 301),
    "a time stamp of tomorrow": lambda stage, body: honest(stage, body, at_s=time.time() + 86_400),
    "a time stamp that is not the signed one": lambda stage, body: (
        honest(stage, body, at_s=time.time() - 301) | {"X-Slack-Request-Timestamp": str(int(time.time()))}
    ),
    "a time stamp that is no number": lambda stage, body: (
        honest(stage, body) | {"X-Slack-Request-Timestamp": "yesterday"}
    ),
    "a time stamp of a million digits": lambda stage, body: (
        honest(stage, body) | {"X-Slack-Request-Timestamp": "9" * 5000}
    ),
    "the signature of another body": lambda stage, body: honest(stage, body + "&text=more"),
    "another version": lambda stage, body: (
        honest(stage, body) | {"X-Slack-Signature": honest(stage, body)["X-Slack-Signature"].replace("v0", "v1")}
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_slack_did_not_sign_is_refused(forgery: str, bot: Bot) -> None:
    """401, nothing charged, nothing drawn; the same body, signed well, is taken."""
    body = command(bot.stage)
    answer = await bot.post(body, FORGERIES[forgery](bot.stage, body))
    assert answer.status_code == 401
    assert rows(bot.database, "SELECT id FROM generation") == []
    answer = await bot.post(body, honest(bot.stage, body))
    assert answer.status_code == 200
    assert "Drawing" in answer.json()["text"]
    await until(lambda: not open_rows(bot.database))
    assert len(bot.dashscope.calls) == 1


async def test_a_replay_with_a_changed_body_is_refused(bot: Bot) -> None:
    """A signature that was overheard vouches for its own body alone."""
    heard = command(bot.stage)
    headers = honest(bot.stage, heard)
    assert (await bot.post(heard, headers)).status_code == 200
    assert (await bot.post(heard.replace("1.2.abc", "1.2.abd"), headers)).status_code == 401
    await until(lambda: not open_rows(bot.database))
    assert charged(bot.database) == 2


async def test_a_body_that_is_too_large_is_refused(bot: Bot) -> None:
    """Not even looked at, however well it is signed."""
    body = command(bot.stage, "x" * 2**20)
    assert (await bot.post(body, honest(bot.stage, body))).status_code == 413
    assert rows(bot.database, "SELECT id FROM generation") == []


@pytest.mark.parametrize(
    "body", [b"text=\xff\xfe", b"", b"{}", b"\x00" * 1000], ids=["no-text", "empty", "json", "nul"]
)
async def test_a_body_of_any_kind_that_is_not_signed_is_refused(body: bytes, bot: Bot) -> None:
    """And the bot goes on."""
    headers = honest(bot.stage, "something else")
    assert (await bot.post(body, headers)).status_code == 401
    assert rows(bot.database, "SELECT id FROM generation") == []
    assert (await (await bot.stage.imagine("a red fox")).ending()).pictures


async def test_nothing_else_is_served(stage: SlackStage, running: Running, caller: httpx.AsyncClient) -> None:
    """One path takes commands, one says that the bot is up."""
    base = stage.slack.request_url.removesuffix("/slack/events")
    async with running():
        assert (await caller.get(f"{base}/healthz")).status_code == 200
        assert (await caller.get(f"{base}/slack/events")).status_code == 405
        assert (await caller.post(f"{base}/slack/install")).status_code == 404
        assert (await caller.get(f"{base}/")).status_code == 404
    with pytest.raises(httpx.ConnectError):
        await caller.get(f"{base}/healthz")


async def test_a_request_under_way_is_answered_before_the_bot_stops(
    stage: SlackStage, dashscope: DashScopeSandbox, database: Path
) -> None:
    """The database is slow just then; the person reads that nothing was charged, not that the bot is gone."""
    stop = asyncio.Event()
    settings = settings_for(stage, dashscope, database)
    running = asyncio.create_task(app.run(settings, stop=stop))
    await stage.ready()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        typed = await stage.imagine("a red fox")
        # By the time that a later request is answered, this one is inside.
        await stage.slack.wait_until_ready()
        stop.set()
        answer = await typed.answer()
        other.execute("ROLLBACK")
    assert "Nothing was charged" in answer.text
    await running
    assert charged(database) == 0
    assert open_rows(database) == 0


async def test_a_port_that_is_taken_is_named(stage: SlackStage, dashscope: DashScopeSandbox, database: Path) -> None:
    """The bot stops with a message for the operator: nobody else would notice that Slack cannot reach it."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", int(stage.settings()["HTTP_PORT"])))
        other.listen()
        with pytest.raises(ExceptionGroup) as caught:
            await app.run(settings_for(stage, dashscope, database), stop=asyncio.Event())
    [error] = caught.value.exceptions
    assert isinstance(error, ConfigurationError)
    assert "HTTP_PORT" in str(error)


async def test_with_both_secrets_http_is_what_counts(
    stage: SlackStage, dashscope: DashScopeSandbox, database: Path
) -> None:
    """An app has one or the other; the signing secret says which."""
    settings = settings_for(stage, dashscope, database, slack_app_token=stage.slack.app_token)
    async with run_bot(settings, stage):
        assert (await (await stage.imagine("a red fox")).ending()).pictures
    assert stage.slack.num_connections == 0


async def test_an_app_that_is_uninstalled_is_given_up(
    stage: SlackStage, dashscope: DashScopeSandbox, database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The event is a reason to ask who the bot is; as Slack alone is set up, the bot then ends and says why."""
    monkeypatch.chdir(tmp_path)
    running = asyncio.create_task(app.run(settings_for(stage, dashscope, database), stop=asyncio.Event()))
    await stage.ready()
    stage.slack.uninstall()
    await stage.slack.send_event({"type": "app_uninstalled"})
    with pytest.raises(ExceptionGroup) as ended:
        async with asyncio.timeout(10):
            await running
    assert ended.group_contains(ConfigurationError, match="account_inactive", depth=None)
