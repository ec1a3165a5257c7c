"""Socket Mode as it really is: renewed, cut and refused. Commands are taken afterwards, without anybody's help."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from e2e.conftest import run_bot, settings_for
from e2e.faults.scene import HurriedClock

from bot import app
from bot.errors import ConfigurationError
from bot.settings import Settings
from sandbox.dashscope import DashScopeSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import SlackStage

OPEN = "POST /api/apps.connections.open"


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox(file_ready_after_s=0) as slack:
        yield slack


@pytest.fixture
def settings(slack: SlackSandbox, dashscope: DashScopeSandbox, tmp_path: Path) -> Settings:
    return settings_for(SlackStage(slack), dashscope, tmp_path / "bot.db")


async def answers(slack: SlackSandbox) -> bool:
    """Whether a command is taken now."""
    return "credits left" in (await (await slack.slash("/quota")).wait_for_ack()).text


async def test_nobody_meets_a_closed_door_while_a_connection_is_renewed(
    slack: SlackSandbox, settings: Settings
) -> None:
    """The new one is there before the old one goes, and what comes over the old one is answered to its end."""
    async with run_bot(settings, SlackStage(slack)):
        renewal = asyncio.create_task(slack.refresh())
        while not renewal.done():
            assert await answers(slack)
        await renewal
        assert slack.num_connections == 1
        assert await answers(slack)


async def test_a_spent_ticket_is_replaced_at_the_first_connection(slack: SlackSandbox, settings: Settings) -> None:
    """The client alone would try the dead one for ever."""
    slack.refuse_handshakes(1)
    async with run_bot(settings, SlackStage(slack)):
        assert await answers(slack)
    assert [call.method for call in slack.requests].count("apps.connections.open") == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "text": "down"},
        {"status": 502, "text": "<html>Bad Gateway</html>", "headers": {"Content-Type": "text/html"}},
        {"status": 429, "json": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "1"}},
        {"status": 200, "json": {"ok": False, "error": "internal_error"}},
        {"drop": "request"},
    ],
    ids=str,
)
@pytest.mark.parametrize("call", ["POST /api/auth.test", OPEN])
async def test_a_start_while_slack_is_down_is_waited_out(
    call: str, fault: dict[str, object], slack: SlackSandbox, settings: Settings
) -> None:
    """A bot that starts in an outage is there when it is over."""
    injected = slack.faults.inject(call, **fault)
    async with run_bot(settings, SlackStage(slack), clock=HurriedClock(slack.clock)):
        assert await answers(slack)
    assert injected.hits == 1


@pytest.mark.parametrize("name", ["slack_bot_token", "slack_app_token"])
async def test_a_refused_token_ends_the_bot_with_a_message(
    name: str, slack: SlackSandbox, dashscope: DashScopeSandbox, tmp_path: Path
) -> None:
    """Either of the two: another try would end the same."""
    wrong = settings_for(SlackStage(slack), dashscope, tmp_path / "bot.db", **{name: "xoxx-not-the-right-one"})
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(app.run(wrong, stop=asyncio.Event()), 5)
    assert caught.group_contains(ConfigurationError, match=r"invalid_auth")
    assert not caught.group_contains(ConfigurationError, match="not-the-right-one")


@dataclass(kw_only=True)
class Impatient:
    """A back-off that keeps what it was asked and waits for nothing."""

    asked: list[tuple[int, float | None]] = field(default_factory=list)

    def wait_s(self, failures: int, *, asked_s: float | None = None) -> float:
        self.asked.append((failures, asked_s))
        return 0.0


async def test_the_pauses_between_failing_starts_grow(
    slack: SlackSandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the first call of each start goes well: Slack allows a few connections a minute."""
    backoff = Impatient()
    monkeypatch.setattr("adapters.slack.app._BACKOFF", backoff)
    slack.faults.inject(OPEN, times=2, status=503, text="down")
    slack.faults.inject(OPEN, status=429, json={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "60"})
    async with run_bot(settings, SlackStage(slack)):
        assert await answers(slack)
    assert backoff.asked == [(1, None), (2, None), (3, 60.0)]


async def test_a_renewal_follows_at_once_but_not_one_upon_the_other(
    slack: SlackSandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Slack that asks every new connection to leave is not asked for tickets without a pause."""
    backoff = Impatient()
    monkeypatch.setattr("adapters.slack.app._BACKOFF", backoff)
    async with run_bot(settings, SlackStage(slack)):
        for _ in range(3):
            await slack.refresh()
            await slack.wait_until_ready()
        assert await answers(slack)
    assert backoff.asked == [(2, None), (3, None)]
