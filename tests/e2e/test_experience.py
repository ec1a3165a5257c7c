"""The table of what people press, fill in and choose, played on both platforms through the real client libraries."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from e2e.experience.acts import Play
from e2e.experience.play import played, playing
from e2e.experience.row import Experience
from e2e.experience.table import EXPERIENCES

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBERS = itertools.count(1)
TOGETHER = [one for one in EXPERIENCES if not one.settings]


@pytest_asyncio.fixture(params=["discord", "slack"], scope="module", loop_scope="module")
async def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Play]:
    """One bot for all scenarios that need no other settings: each has people of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("bot.progress._LOOK_S", 0.02)
        async with playing(request.param, folder) as play:
            yield play


@pytest.mark.parametrize("experience", TOGETHER, ids=str)
async def test_it_comes_to_what_the_table_says(experience: Experience, shared: Play) -> None:
    """What is read, where, for whom, what is charged, and how often the service is called."""
    if experience.only not in (None, shared.stage.name):
        pytest.skip(f"only {experience.only} has this")
    await played(experience, replace(shared, number=next(NUMBERS), seen=[]))
