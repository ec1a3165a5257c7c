"""The demo's transcript: what a platform shows of a message, in a terminal."""

import time
from pathlib import Path

import pytest

from sandbox.demo.script import Step
from sandbox.demo.transcript import Transcript
from sandbox.stage import Answer, Ending, Field

STEP = Step(title="A step", platform="slack", who="member", line="a red fox")


def printed(ending: Ending, capsys: pytest.CaptureFixture[str], answer: Answer | None = None) -> str:
    """What is printed of a step that ended so."""
    Transcript().step(1, STEP, answer, ending, form={}, files=[Path("demo/1.png")], took_s=1.0, names={"U1": "ann"})
    return capsys.readouterr().out


def seen(*lines: str, rows: tuple[tuple[str, ...], ...] = (), fields: dict[str, Field] | None = None) -> Ending:
    return Ending(
        lines=list(lines),
        pictures=[],
        alt_texts=[],
        place="#general",
        private=False,
        pings=[],
        rows=rows,
        fields=fields or {},
    )


@pytest.mark.parametrize(
    ("away_s", "told"),
    [
        (-20, "just now"),
        (40, "just now"),
        (-5 * 60, "5 minutes ago"),
        (6 * 60 + 2, "in 6 minutes"),
        (90 * 60 + 2, "in 90 minutes"),
        (24 * 3600 + 2, "in 24 hours"),
        (30 * 86_400 + 2, "in 30 days"),
    ],
)
def test_a_moment_is_told_as_far_away_as_it_is(away_s: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that is minutes away, or gone by."""
    at_s = int(time.time()) + away_s
    assert f"back {told}." in printed(seen(f"back <t:{at_s}:R>."), capsys)


def test_buttons_stand_in_their_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of a message, and those of the first answer."""
    answer = Answer(text="Drawing …", place="#general", after_s=0.1, buttons=("Cancel",))
    lines = printed(seen("done", rows=(("Again 1", "Open 1"), ("Again 2", "Open 2"))), capsys, answer).splitlines()
    assert [line.strip("│ ") for line in lines if "Open" in line] == ["Again 1   Open 1", "Again 2   Open 2"]
    assert [line.strip("│ ") for line in lines if "Cancel" in line] == ["Cancel"]


def test_a_menus_label_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside what is chosen."""
    out = printed(seen("Yours:", "Size", fields={"Size": Field(value="large")}), capsys)
    assert out.count("Size") == 1
    assert "large" in out
