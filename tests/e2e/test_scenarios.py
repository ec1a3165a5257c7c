"""One table of scenarios, run on both platforms through the real client libraries."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from e2e.conftest import Running
from e2e.ledger import charged, open_rows
from e2e.playing import play
from e2e.scenarios import SCENARIOS, Scenario
from e2e.secrets import everything_logged, found_in, given_out, settled_rows

from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import Stage


@pytest.fixture
def leaks_of(
    stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path, capfd: pytest.CaptureFixture[str]
) -> Callable[[Scenario], Awaitable[list[str]]]:
    """Plays a scenario with everything logged; finds secrets in the log, and in what is kept of settled rows."""

    async def played(scenario: Scenario) -> list[str]:
        with everything_logged():
            await play(scenario, stage, dashscope, running, database)
        secrets = given_out(stage, dashscope)
        return [*found_in("".join(capfd.readouterr()), secrets), *found_in(settled_rows(database), secrets)]

    return played


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
async def test_a_command_ends_as_the_table_says(
    scenario: Scenario, leaks_of: Callable[[Scenario], Awaitable[list[str]]]
) -> None:
    """What is read, seen, drawn and charged agrees, on both platforms; at no level does any logger tell a secret."""
    assert await leaks_of(scenario) == []


async def test_a_leak_would_be_found(
    leaks_of: Callable[[Scenario], Awaitable[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing redacted, what libraries log at DEBUG is full of secrets: the search sees it."""
    monkeypatch.setattr("bot.logs._SECRETS", re.compile("(?!)()"))
    assert await leaks_of(SCENARIOS[0])


async def test_a_prompt_pings_nobody(stage: Stage, running: Running) -> None:
    """Mentions in a prompt stay words, in the result and in what stands around it."""
    person = "<@U0SBX000005> " if stage.name == "slack" else ""
    async with running():
        ending = await (await stage.imagine("@everyone <!channel> <@&1> <@1> *bold* `code`")).ending()
    assert len(ending.pictures) == 1
    assert [ping for ping in ending.pings if ping not in person] == []
    [alt_text] = ending.alt_texts
    assert alt_text.startswith("[sandbox rewrite] @everyone <!channel> <@&1> <@1> *bold* `code`. ")


async def test_a_command_that_is_delivered_twice_is_drawn_once(
    stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """A duplicate from the platform changes nothing: one charge, one call, one message."""
    async with running():
        typed = await stage.imagine("a red fox")
        await typed.answer()
        await stage.repeat(typed)
        await typed.ending()
        await stage.repeat(typed)
    assert stage.results() == 1
    assert len(dashscope.calls) == 1
    assert charged(database) == 2


async def test_a_restart_finishes_what_was_open(
    stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """A bot that goes down while the service draws delivers after it came back, for one charge."""
    dashscope.hold()
    async with running(shutdown_grace_s=0):
        typed = await stage.imagine("a red fox")
        await typed.answer()
        await dashscope.wait_for_calls(1)
    assert open_rows(database) == 1
    dashscope.release()
    async with running():
        ending = await typed.ending()
    assert len(ending.pictures) == 1
    assert stage.results() == 1
    assert charged(database) == 2
    assert open_rows(database) == 0


async def test_quota_shows_what_is_left(stage: Stage, running: Running) -> None:
    """`/quota` speaks of the same balance that a picture was charged to."""
    async with running():
        assert "20 of 20 credits left" in (await (await stage.quota()).ending()).text
        await (await stage.imagine("a red fox --raw")).ending()
        assert "19 of 20 credits left" in (await (await stage.quota()).ending()).text
