"""One table of scenarios, run on both platforms through the real client libraries."""

import io
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from e2e.conftest import Running
from PIL import Image

from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a person types, what happens to the service meanwhile, and what they read and have left."""

    name: str
    line: str = "a red fox in the snow"
    settings: dict[str, object] = field(default_factory=dict)
    arrange: Callable[[DashScopeSandbox], object] = lambda _: None
    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    calls: int = 1
    charged: int = 0


SCENARIOS = [
    Scenario(
        name="a picture with its revised prompt",
        line="a red fox in the snow --ar 16:9 --seed 7",
        says=("Revised prompt", "[sandbox rewrite] a red fox in the snow", "1280×720", "seed 7", "18 credits left"),
        says_not=("--ar",),
        sizes=((1280, 720),),
        charged=2,
    ),
    Scenario(
        name="a plain picture costs less and shows no revised prompt",
        line="a red fox in the snow --raw",
        says=("1024×1024", "19 credits left"),
        says_not=("Revised prompt", "[sandbox rewrite]"),
        sizes=((1024, 1024),),
        charged=1,
    ),
    Scenario(
        name="extension switched off for the deployment",
        settings={"prompt_extend": False},
        says=("19 credits left",),
        says_not=("Revised prompt",),
        sizes=((1024, 1024),),
        charged=1,
    ),
    Scenario(
        name="extension asked for where it is off",
        line="a red fox in the snow --extend",
        settings={"prompt_extend": False},
        says=("Revised prompt", "18 credits left"),
        sizes=((1024, 1024),),
        charged=2,
    ),
    Scenario(
        name="quota spent",
        settings={"quota_credits": 1},
        says=("would cost 2 credits", "you have 1 of 1 left", "Nothing was charged", "add --raw"),
        calls=0,
    ),
    Scenario(
        name="the server's pool spent",
        settings={"quota_space_credits": 1},
        says=("would cost 2 credits", "all people here together have 1 of 1 left"),
        calls=0,
    ),
    Scenario(
        name="the deployment's budget spent",
        settings={"quota_global_credits": 1},
        says=("would cost 2 credits", "this bot has 1 of 1 left"),
        calls=0,
    ),
    Scenario(
        name="refused by moderation",
        arrange=lambda service: service.fail("DataInspectionFailed"),
        says=("moderation refused this prompt", "Your 2 credits are back"),
    ),
    Scenario(
        name="busy, then drawn",
        arrange=lambda service: service.fail("Throttling.RateQuota", times=1, retry_after_s=0.1),
        says=("18 credits left",),
        sizes=((1024, 1024),),
        calls=2,
        charged=2,
    ),
    Scenario(
        name="broken for good",
        line="a red fox in the snow --raw",
        arrange=lambda service: service.fail("ModelUnavailable", times=99),
        says=("failed several times", "Your 1 credit is back"),
        calls=4,
    ),
    Scenario(
        name="the operator's account is at fault",
        arrange=lambda service: service.fail("Arrearage"),
        says=("the bot's account needs its operator", "Your 2 credits are back"),
        says_not=("Arrearage",),
    ),
    Scenario(
        name="an error inside a 200",
        line="a red fox in the snow --raw",
        arrange=lambda service: service.answer("error-in-200"),
        says=("19 credits left",),
        sizes=((1024, 1024),),
        calls=2,
        charged=1,
    ),
    Scenario(
        name="a picture that is none",
        arrange=lambda service: service.serve("not-a-picture", times=99),
        says=("cannot be shown", "Your 2 credits are back"),
    ),
    Scenario(
        name="an unknown flag",
        line="a red fox --sede 7",
        says=("no flag --sede", "/imagine a red fox --seed 7"),
        calls=0,
    ),
    Scenario(
        name="a size that does not exist",
        line="a red fox --size enormous",
        says=("--size cannot be “enormous”", "small, medium, large"),
        calls=0,
    ),
    Scenario(
        name="a prompt that is too long",
        line="x" * 801,
        says=("801 characters", "at most 800"),
        calls=0,
    ),
    Scenario(
        name="nothing to draw",
        line="--ar 16:9",
        says=("nothing to draw",),
        calls=0,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
async def test_a_command_ends_as_the_table_says(
    scenario: Scenario, stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path
) -> None:
    """What is read, what is seen, what is drawn and what is charged agree, on both platforms."""
    scenario.arrange(dashscope)
    async with running(**scenario.settings):
        ending = await (await stage.imagine(scenario.line)).ending()
    for words in scenario.says:
        assert words in ending.text
    for words in scenario.says_not:
        assert words not in ending.text
    assert tuple(Image.open(io.BytesIO(data)).size for data in ending.pictures) == scenario.sizes
    assert len(dashscope.calls) == scenario.calls
    assert charged(database) == scenario.charged
    assert open_rows(database) == 0


async def test_a_prompt_pings_nobody(stage: Stage, running: Running) -> None:
    """Mentions in a prompt stay words, in the result and in what stands around it."""
    person = "<@U0SBX000005> " if stage.name == "slack" else ""
    async with running():
        ending = await (await stage.imagine("@everyone <!channel> <@&1> <@1> *bold* `code`")).ending()
    assert len(ending.pictures) == 1
    assert [ping for ping in ending.pings if ping not in person] == []
    assert ending.alt_texts == ["@everyone <!channel> <@&1> <@1> *bold* `code`"]


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


def charged(database: Path) -> int:
    """The sum of what people pay, straight from the file."""
    return _one(database, "SELECT COALESCE(SUM(charged), 0) FROM generation")


def open_rows(database: Path) -> int:
    """How many generations have not come to their end."""
    return _one(database, "SELECT COUNT(*) FROM generation WHERE settled IS NULL")


def _one(database: Path, sql: str) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()
