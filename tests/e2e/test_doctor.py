"""`zimage-bot doctor`: what an operator reads before the bot runs, and its exit code."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.conftest import run_bot, settings_for

from bot import app
from bot.doctor import Verdict
from bot.settings import Settings
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import DEFAULT_SCOPES, SlackSandbox
from sandbox.stage import DiscordStage, SlackStage


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own: the database is made there."""
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All three, reachable."""

    discord: DiscordSandbox
    slack: SlackSandbox
    dashscope: DashScopeSandbox

    def settings(self) -> dict[str, str]:
        return {
            **DiscordStage(self.discord).settings(),
            **SlackStage(self.slack).settings(),
            **self.dashscope.settings(),
        }


@pytest.fixture
async def services(dashscope: DashScopeSandbox) -> AsyncIterator[Services]:
    async with DiscordSandbox(public=False) as discord, SlackSandbox() as slack:
        yield Services(discord=discord, slack=slack, dashscope=dashscope)


async def doctor(settings: Mapping[str, str]) -> tuple[int, str]:
    """Run it as an operator does; its exit code and what it printed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "doctor"),
        env={**kept, "COLUMNS": "300", "PYTHONIOENCODING": "utf-8", **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def diagnosed(settings: Mapping[str, str]) -> dict[Verdict, str]:
    """What it finds, by how that is, without the process around it."""
    values = {name.lower(): value for name, value in settings.items()}
    rows: dict[Verdict, str] = {}
    for one in await app.diagnose(Settings.model_validate(values)):
        rows[one.verdict] = f"{rows.get(one.verdict, '')}{one.subject} | {one.detail} | {one.remedy}\n"
    return rows


async def test_all_is_fine(services: Services) -> None:
    """Exit code 0, a row for everything, the invite link, and nothing drawn or paid."""
    code, said = await doctor(services.settings())
    assert code == 0, said
    for subject in ("settings", "database", "dashscope", "clock", "discord token", "discord reach", "discord intents"):
        assert subject in said
    for subject in ("slack bot token", "slack scopes", "slack app token"):
        assert subject in said
    assert f"client_id={services.discord.application_id}" in said
    assert "applications.commands" in said
    assert services.dashscope.drawn == 0


async def test_a_service_out_of_reach_is_doubtful_not_wrong(services: Services) -> None:
    """No answer says nothing about a key: exit code 1."""
    unreachable = {
        "DASHSCOPE_BASE_URL": "http://127.0.0.1:9/api/v1",
        "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }
    code, said = await doctor(services.settings() | unreachable)
    assert code == 1, said
    assert said.count("no verdict") == 4
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DASHSCOPE_API_KEY": "sk-other"}, ("InvalidApiKey", "one region")),
        ({"DISCORD_TOKEN": "other"}, ("discord token", "Reset Token")),
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, ("slack bot token", "OAuth & Permissions")),
        ({"SLACK_APP_TOKEN": "xapp-other"}, ("slack app token", "connections:write")),
        ({"DATABASE_URL": "sqlite:////dev/null/bot.db"}, ("cannot be opened", "DATABASE_URL")),
        ({"DATABASE_URL": "mysql://somewhere"}, ("DATABASE_URL must look like",)),
        ({"SLACK_APP_TOKEN": ""}, ("SLACK_APP_TOKEN", "connections:write")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_what_is_wrong_is_named_with_what_to_do(
    change: dict[str, str], words: tuple[str, ...], services: Services
) -> None:
    """And nothing else is."""
    found = await diagnosed(services.settings() | change)
    for word in words:
        assert word in found[Verdict.WRONG]
    assert found[Verdict.WRONG].count("\n") == 1


async def test_everything_is_wrong_at_once(services: Services) -> None:
    """Exit code 2, all of it named, and no secret in what is printed."""
    secrets = {
        "DASHSCOPE_API_KEY": "sk-hush",
        "DISCORD_TOKEN": "hush",
        "SLACK_BOT_TOKEN": "xoxb-hush",
        "SLACK_APP_TOKEN": "xapp-hush",
    }
    code, said = await doctor(services.settings() | secrets | {"DATABASE_URL": "mysql://somewhere"})
    assert code == 2, said
    for words in ("InvalidApiKey", "Reset Token", "OAuth & Permissions", "connections:write", "must look like"):
        assert words in said
    assert "hush" not in said
    assert "Traceback" not in said


async def test_settings_that_cannot_be_read_are_named(services: Services) -> None:
    """Exit code 2 before anything is looked at, and no secret in what is printed."""
    settings = services.settings()
    code, said = await doctor(settings | {"QUOTA_CREDITS": "many", "IMAGES_PER_MINUTE": "few"})
    assert code == 2, said
    assert "QUOTA_CREDITS" in said
    assert "IMAGES_PER_MINUTE" in said
    assert "Traceback" not in said
    for name in ("DASHSCOPE_API_KEY", "DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert settings[name] not in said


async def test_http_mode_is_looked_at(dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """A free port, the bot itself on it, or somebody else: the last one is wrong."""
    async with SlackSandbox() as slack, SlackSandbox() as stranger:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        stage = SlackStage(slack, http_port=port)
        settings = stage.settings() | dashscope.settings()
        found = await diagnosed(settings)
        assert list(found) == [Verdict.FINE], found
        assert f"127.0.0.1:{port} is free" in found[Verdict.FINE]
        assert "slack app token" not in found[Verdict.FINE]
        async with run_bot(settings_for(stage, dashscope, tmp_path / "bot.db"), stage):
            found = await diagnosed(settings)
        assert list(found) == [Verdict.FINE], found
        assert f"the bot answers on 127.0.0.1:{port}" in found[Verdict.FINE]
        found = await diagnosed(settings | {"HTTP_PORT": str(stranger.port)})
        assert "another program answers" in found[Verdict.WRONG]
    assert slack.signing_secret not in str(found)


@pytest.mark.parametrize(
    ("scope", "verdict"),
    [("files:write", Verdict.WRONG), ("files:read", Verdict.DOUBTFUL), ("chat:write.public", Verdict.DOUBTFUL)],
)
async def test_a_missing_scope_is_named(scope: str, verdict: Verdict, dashscope: DashScopeSandbox) -> None:
    """Without files:write nothing can be posted; without the others it works less well."""
    async with SlackSandbox(scopes=set(DEFAULT_SCOPES) - {scope}) as slack:
        found = await diagnosed(SlackStage(slack).settings() | dashscope.settings())
    assert max(found) == verdict
    assert f"{scope} is missing" in found[verdict]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, Verdict.DOUBTFUL),
        ({"QUOTA_GLOBAL_CREDITS": "500"}, Verdict.FINE),
        ({"QUOTA_SPACE_CREDITS": "100"}, Verdict.FINE),
    ],
    ids=["unlimited", "deployment", "space"],
)
async def test_a_public_bot_without_limits_of_the_operators_is_doubtful(
    limits: dict[str, str], expected: Verdict, dashscope: DashScopeSandbox
) -> None:
    """Strangers are admins of their own servers: only what the operator sets binds them."""
    async with DiscordSandbox() as discord:
        found = await diagnosed(DiscordStage(discord).settings() | dashscope.settings() | limits)
    assert max(found) == expected
    doubts = found.get(Verdict.DOUBTFUL, "")
    assert ("raise every limit" in doubts) is (expected is Verdict.DOUBTFUL)
    assert ("Switch Public Bot off" in doubts) is (expected is Verdict.DOUBTFUL)


async def test_a_clock_that_is_off_is_named(services: Services) -> None:
    """Quotas and deadlines go by this machine's clock."""
    services.dashscope.faults.inject(
        "POST */generation",
        status=400,
        json={"code": "InvalidParameter", "message": "no message", "request_id": "r"},
        headers={"Date": "Mon, 02 Nov 2020 10:00:00 GMT"},
    )
    found = await diagnosed(services.settings())
    assert max(found) == Verdict.DOUBTFUL
    assert "away from the service's" in found[Verdict.DOUBTFUL]
