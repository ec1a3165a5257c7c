"""The table of what people press, fill in and choose, played on both platforms through the real client libraries."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from e2e.acts import Play, ask, fill, perform, press
from e2e.conftest import run_bot, settings_for
from e2e.experience import EXPERIENCES, FOX, Experience
from e2e.ledger import charged, open_rows, until

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, SlackStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

Playing = Callable[..., AbstractAsyncContextManager[Play]]

NUMBERS = itertools.count(1)


@asynccontextmanager
async def playing(platform: str, folder: Path, **overrides: object) -> AsyncIterator[Play]:
    """A platform, the service, and the bot between them."""
    async with open_stage(platform) as play, running(replace(play, database=folder / "bot.db"), **overrides) as ready:
        yield ready


@asynccontextmanager
async def open_stage(platform: str) -> AsyncIterator[Play]:
    """A platform and the service, without a bot."""
    async with DashScopeSandbox() as dashscope:
        if platform == "discord":
            async with DiscordSandbox() as discord:
                yield Play(stage=DiscordStage(discord), dashscope=dashscope, database=Path(), number=0)
        else:
            async with SlackSandbox(file_ready_after_s=0) as slack:
                yield Play(stage=SlackStage(slack), dashscope=dashscope, database=Path(), number=0)


@asynccontextmanager
async def running(play: Play, **overrides: object) -> AsyncIterator[Play]:
    """The bot, until the block ends."""
    async with run_bot(settings_for(play.stage, play.dashscope, play.database, **overrides), play.stage):
        yield play


@pytest_asyncio.fixture(params=["discord", "slack"], scope="module", loop_scope="module")
async def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Play]:
    """One bot for all scenarios that need no other settings: each has people of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("bot.progress._LOOK_S", 0.02)
        async with playing(request.param, folder) as play:
            yield play


async def played(experience: Experience, play: Play) -> None:
    """Perform every act, and compare what it came to."""
    play.stage.add_person(play.name("admin"), admin=True)
    play.stage.add_person(play.name("me"))
    paid, called = charged(play.database), len(play.dashscope.calls)
    for act in experience.acts:
        await perform(act, play)
    assert charged(play.database) - paid == experience.charged
    assert len(play.dashscope.calls) - called == (experience.charged if experience.calls is None else experience.calls)


@pytest.mark.parametrize("experience", EXPERIENCES, ids=lambda one: f"{one.point}-{one.name.replace(' ', '-')}")
async def test_it_comes_to_what_the_table_says(experience: Experience, shared: Play, tmp_path: Path) -> None:
    """What is read, where, for whom, what is charged, and how often the service is called."""
    if experience.only not in (None, shared.stage.name):
        pytest.skip(f"only {experience.only} has this")
    number = next(NUMBERS)
    if experience.settings:
        async with playing(shared.stage.name, tmp_path, **experience.settings) as play:
            await played(experience, replace(play, number=number))
        return
    play = replace(shared, number=number, seen=[])
    await played(experience, play)
    await until(lambda: not open_rows(play.database))


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_buttons_and_forms_outlive_the_process(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each carries an id, and the row has the rest: another process, on the same database, goes on."""
    monkeypatch.chdir(tmp_path)
    async with open_stage(platform) as opened:
        play = replace(opened, database=tmp_path / "bot.db")
        async with running(play):
            await perform(ask(FOX), play)
            await perform(press("Edit", opens=("a red fox",)), play)
        await play.stage.gone()
        async with running(play):
            await perform(press("Again", "Again of", pictures=1), play)
            await perform(fill({"Prompt": "a blue fox"}, "Edited from", pictures=1), play)
    assert charged(play.database) == len(play.dashscope.calls) == 3
