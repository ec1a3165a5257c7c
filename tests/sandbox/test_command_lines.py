"""What the tools refuse on their command lines, and the sentence that each run ends with."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from figures import BURST, COURSE, FIGURES, WELL

from sandbox import __main__ as demo
from sandbox import load, soak
from sandbox.chaos import __main__ as chaos
from sandbox.soak import Course

Tool = Callable[[Sequence[str]], None]


@pytest.mark.parametrize(
    ("tool", "typed", "says"),
    [
        (chaos.main, "--lanes 0", "--lanes: has to be at least 1, not 0"),
        (chaos.main, "--kills -1", "--kills: has to be at least 0, not -1"),
        (chaos.main, "--kills many", "--kills: 'many' is no whole number"),
        (chaos.main, "--kills 0 --random 0", "nothing would be tested"),
        (soak.main, "--commands 0", "--commands: has to be at least 2, not 0"),
        (soak.main, "--commands -5", "--commands: has to be at least 2, not -5"),
        (soak.main, "--commands 200 --round 200", "leaves no second reading"),
        (soak.main, "--faults nan", "has to be from 0 (none) to 1 (all), not nan"),
        (load.main, "--commands 50 --heavy 50", "leaves nothing of 50 commands"),
        (load.main, "--people 1", "--people: has to be at least 2, not 1"),
        (load.main, "--within -1", "--within: has to be 0 seconds or more, not -1"),
        (demo.main, "--prompt=", "--prompt is empty"),
    ],
)
def test_what_would_measure_nothing_is_refused(
    tool: Tool, typed: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence and before anything runs: a run in which nothing is tested would end well."""
    with pytest.raises(SystemExit) as ended:
        tool(typed.split())
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_the_kill_tests_leave_an_earlier_runs_folder_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its logs and databases are what somebody asked to keep."""
    kept = tmp_path / "000"
    kept.mkdir()
    with pytest.raises(SystemExit) as ended:
        chaos.main(["--out", str(tmp_path)])
    assert ended.value.code == 2
    assert "is not empty" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize("tool", [load.main, soak.main])
def test_help_describes_every_option(tool: Tool, capsys: pytest.CaptureFixture[str]) -> None:
    """In words, not only with the default; and the tool itself without names of modules."""
    with pytest.raises(SystemExit):
        tool(["--help"])
    about, _, options = capsys.readouterr().out.partition("options:")
    assert "`" not in about
    named, first = (re.findall(pattern, options, re.MULTILINE) for pattern in (r"^  --\S+", r"^  --\S+ \S+\s+(\w)"))
    assert len(first) == len(named) >= 4


@pytest.mark.parametrize(("commands", "a_round"), [(2, 1), (5, 1), (200, 20), (20_000, 500)])
def test_few_commands_come_in_short_rounds(commands: int, a_round: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single reading could be compared with nothing."""
    played = []

    async def run(asked: soak.Soak, folder: Path) -> Course:
        del folder
        played.append(asked)
        return COURSE

    monkeypatch.setattr(soak, "run", run)
    with pytest.raises(SystemExit) as ended:
        soak.main(["--commands", str(commands)])
    assert ended.value.code == 0
    assert [(one.commands, one.a_round) for one in played] == [(commands, a_round)]


def test_a_soak_ends_with_a_sentence() -> None:
    """What became of the commands, and whether all is well; or what is not."""
    assert COURSE.verdict() == (
        "200 delivered, 0 refunded, among 3 faults, in 0.7 minutes. Nothing grew, nobody was charged wrongly."
    )
    grown = replace(COURSE, readings=[*COURSE.readings[:5], *[replace(WELL, files=90)] * 5], wrong=2)
    assert "Nothing grew" not in grown.verdict()
    assert "open files grew from 50 to 90" in grown.verdict()
    assert "2 commands are charged and not delivered" in grown.verdict()


def test_a_load_run_ends_with_the_promises_that_were_kept() -> None:
    """And with those that were not, first."""
    assert FIGURES.verdict(BURST).startswith("All 6 promises were kept: every command is taken and delivered; ")
    refused = replace(FIGURES, refused_calls=1).verdict(BURST)
    assert refused.startswith("Not kept, 1 of 6 promises: no 429 of our own making. Kept: every command")
    assert refused.count("no 429 of our own making") == 1
