"""`zimage-bot doctor`: what an operator reads before the bot runs, and its exit code."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.conftest import run_bot, settings_for

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import DEFAULT_SCOPES, SlackSandbox
from sandbox.stage import DiscordStage, SlackStage


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


async def doctor(folder: Path, settings: dict[str, str]) -> tuple[int, str]:
    """Run it as an operator does; its exit code and what it printed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "doctor"),
        cwd=folder,
        env={**kept, "COLUMNS": "300", "PYTHONIOENCODING": "utf-8", **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_all_is_fine(services: Services, tmp_path: Path) -> None:
    """Exit code 0, a row for everything, the invite link, and nothing drawn or paid."""
    code, said = await doctor(tmp_path, services.settings())
    assert code == 0, said
    for subject in ("settings", "database", "dashscope", "clock", "discord token", "discord reach", "discord intents"):
        assert subject in said
    for subject in ("slack bot token", "slack scopes", "slack app token"):
        assert subject in said
    assert f"client_id={services.discord.application_id}" in said
    assert "applications.commands" in said
    assert services.dashscope.drawn == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DASHSCOPE_API_KEY": "sk-other"}, ("InvalidApiKey", "one region")),
        ({"DISCORD_TOKEN": "other"}, ("discord token", "Reset Token")),
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, ("slack bot token", "OAuth & Permissions")),
        ({"SLACK_APP_TOKEN": "xapp-other"}, ("slack app token", "connections:write")),
        ({"DATABASE_URL": "sqlite:////dev/null/bot.db"}, ("cannot be opened", "DATABASE_URL")),
        ({"DATABASE_URL": "mysql://somewhere"}, ("DATABASE_URL must look like",)),
        ({"QUOTA_WINDOW": "fortnight"}, ("'fortnight' is no window",)),
        ({"QUOTA_CREDITS": "many"}, ("QUOTA_CREDITS",)),
        ({"SLACK_APP_TOKEN": ""}, ("SLACK_APP_TOKEN", "connections:write")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_what_is_wrong_is_named_with_what_to_do(
    change: dict[str, str], words: tuple[str, ...], services: Services, tmp_path: Path
) -> None:
    """Exit code 2, and no secret in what is printed."""
    settings = services.settings() | change
    code, said = await doctor(tmp_path, settings)
    assert code == 2, said
    for word in words:
        assert word in said
    assert "Traceback" not in said
    for name in ("DASHSCOPE_API_KEY", "DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert not settings[name] or settings[name] == "other" or settings[name] not in said


async def test_http_mode_is_looked_at(dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """A free port, the bot itself on it, or somebody else: the last one is wrong."""
    async with SlackSandbox() as slack, SlackSandbox() as stranger:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = SlackStage(slack, http_port=port).settings() | dashscope.settings()
        code, said = await doctor(tmp_path, settings)
        assert (code, f"127.0.0.1:{port} is free" in said) == (0, True), said
        assert "slack app token" not in said
        stage = SlackStage(slack, http_port=port)
        async with run_bot(settings_for(stage, dashscope, tmp_path / "bot.db"), stage):
            code, said = await doctor(tmp_path, settings)
        assert (code, f"the bot answers on 127.0.0.1:{port}" in said) == (0, True), said
        code, said = await doctor(tmp_path, settings | {"HTTP_PORT": str(stranger.port)})
        assert (code, "another program answers" in said) == (2, True), said
    assert slack.signing_secret not in said


@pytest.mark.parametrize(("scope", "code"), [("files:write", 2), ("files:read", 1), ("chat:write.public", 1)])
async def test_a_missing_scope_is_named(scope: str, code: int, dashscope: DashScopeSandbox, tmp_path: Path) -> None:
    """Without files:write nothing can be posted; without the others it works less well."""
    async with SlackSandbox(scopes=set(DEFAULT_SCOPES) - {scope}) as slack:
        found, said = await doctor(tmp_path, SlackStage(slack).settings() | dashscope.settings())
    assert found == code
    assert f"{scope} is missing" in said


async def test_a_service_out_of_reach_is_doubtful_not_wrong(services: Services, tmp_path: Path) -> None:
    """No answer says nothing about a key: exit code 1."""
    unreachable = {
        "DASHSCOPE_BASE_URL": "http://127.0.0.1:9/api/v1",
        "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }
    code, said = await doctor(tmp_path, services.settings() | unreachable)
    assert code == 1, said
    assert said.count("no verdict") == 4
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("limits", "expected"),
    [({}, 1), ({"QUOTA_GLOBAL_CREDITS": "500"}, 0), ({"QUOTA_SPACE_CREDITS": "100"}, 0)],
    ids=["unlimited", "deployment", "space"],
)
async def test_a_public_bot_without_limits_of_the_operators_is_doubtful(
    limits: dict[str, str], expected: int, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """Strangers are admins of their own servers: only what the operator sets binds them."""
    async with DiscordSandbox() as discord:
        code, said = await doctor(tmp_path, DiscordStage(discord).settings() | dashscope.settings() | limits)
    assert code == expected, said
    assert ("raise every limit" in said) is bool(expected)
    assert ("Switch Public Bot off" in said) is bool(expected)


async def test_a_clock_that_is_off_is_named(services: Services, tmp_path: Path) -> None:
    """Quotas and deadlines go by this machine's clock."""
    services.dashscope.faults.inject(
        "POST */generation",
        status=400,
        json={"code": "InvalidParameter", "message": "no message", "request_id": "r"},
        headers={"Date": "Mon, 02 Nov 2020 10:00:00 GMT"},
    )
    code, said = await doctor(tmp_path, services.settings())
    assert code == 1, said
    assert "away from the service's" in said
