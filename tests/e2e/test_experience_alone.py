"""Those scenarios of the table that need a bot of their own: the libraries serve one at a time in a process."""

from dataclasses import replace
from pathlib import Path

import pytest
from e2e.experience.acts import ask, fill, perform, press
from e2e.experience.play import open_stage, played, playing, running
from e2e.experience.row import FOX, Experience
from e2e.experience.table import EXPERIENCES
from e2e.ledger import charged

ALONE = [one for one in EXPERIENCES if one.settings]


@pytest.mark.parametrize("platform", ["discord", "slack"])
@pytest.mark.parametrize("experience", ALONE, ids=str)
async def test_it_comes_to_what_the_table_says(
    experience: Experience, platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read, where, for whom, what is charged, and how often the service is called."""
    if experience.only not in (None, platform):
        pytest.skip(f"only {experience.only} has this")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.progress._LOOK_S", 0.02)
    async with playing(platform, tmp_path, **experience.settings) as play:
        await played(experience, play)


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
