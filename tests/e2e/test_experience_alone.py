"""Those scenarios of the table that need a bot of their own: the libraries serve one at a time in a process."""

from dataclasses import replace
from pathlib import Path

import pytest
from e2e.experience.acts import ask, choose, command, fill, perform, press
from e2e.experience.data import known
from e2e.experience.play import open_stage, played, playing, running
from e2e.experience.row import FOX, Experience
from e2e.experience.table import EXPERIENCES
from e2e.ledger import charged, rows

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
            await perform(ask("a fox --raw"), play)
            await perform(ask("{red,blue} fox --raw", "Draw them?", pictures=0), play)
            await perform(command("imagine-history", "a fox"), play)
            await perform(command("imagine-settings mine", "Your settings"), play)
            await perform(press("Edit", opens=("a fox",)), play)
        await play.stage.gone()
        async with running(play):
            await perform(choose("Pictures", "2", "Pictures: 2"), play)
            await perform(fill({"Prompt": "a blue fox", "Pictures": "1"}, "Edited from", pictures=1), play)
            await perform(press("Draw", pictures=2), play)
            await perform(press("Again 1", "Again of", pictures=1), play)
            await perform(press("Again", "Again of", pictures=1, on=0), play)
            await perform(press("Delete", "Deleted", on=0, gone=True), play)
    assert charged(play.database) == len(play.dashscope.calls) == 6


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_what_is_older_than_it_may_be_kept_is_erased(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if its person had asked for that, but for their settings: the books stay as they are."""
    monkeypatch.chdir(tmp_path)
    async with open_stage(platform) as opened:
        play = replace(opened, database=tmp_path / "bot.db")
        async with running(play):
            await perform(ask("an okapi --raw"), play)
        await perform(known(is_known=True), play)
        rows(play.database, "UPDATE generation SET created = created - 2 * 86400000, settled = settled - 2 * 86400000")
        await play.stage.gone()
        async with running(play, prompt_retention_days=1):
            await perform(ask(FOX), play)
            await perform(press("Again", "not on record", private=True, on=0), play)
            await perform(known(is_known=False), play)
            await perform(command("imagine-history", "a red fox", says_not=("okapi",)), play)
    assert charged(play.database) == len(play.dashscope.calls) == 2
