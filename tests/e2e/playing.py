"""Playing a scenario: what is read, what is seen, what is drawn and what is charged has to agree with the table."""

import io
from pathlib import Path

import pytest
from e2e.conftest import Running
from e2e.ledger import charged, open_rows
from e2e.scenarios import Scenario
from PIL import Image

from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import Stage


async def play(scenario: Scenario, stage: Stage, dashscope: DashScopeSandbox, running: Running, database: Path) -> None:
    """Have a person type, let happen what happens, and compare."""
    if scenario.only not in (None, stage.name):
        pytest.skip(f"only {scenario.only} has this")
    scenario.arrange(dashscope)
    scenario.prepare(stage)
    async with running(**scenario.settings):
        if scenario.later_s:
            dashscope.hold()
        typed = await stage.imagine(scenario.line, where=scenario.where)
        await typed.answer()
        stage.advance(scenario.later_s)
        dashscope.release()
        ending = await typed.ending()
    for words in scenario.says:
        assert words in ending.text
    for words in scenario.says_not:
        assert words not in ending.text
    images = [Image.open(io.BytesIO(data)) for data in ending.pictures]
    assert tuple(image.size for image in images) == scenario.sizes
    assert {image.format for image in images} <= {scenario.kind}
    assert scenario.private in (None, ending.private)
    # What is refused at once is nobody else's to read.
    assert ending.private or scenario.calls
    assert scenario.place in (None, ending.place)
    assert len(dashscope.calls) == scenario.calls
    assert charged(database) == scenario.charged
    assert open_rows(database) == 0
