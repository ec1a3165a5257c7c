"""The bot under load, in short: what `make load` and `make soak` do for minutes."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from figures import BURST, COURSE, FIGURES, WELL

from sandbox.load import Figures, measure
from sandbox.soak import Soak, run


def found(figures: Figures) -> list[str]:
    """What was not kept. A call that leaves late on a busy machine is a call less, so its bound is the test's own."""
    return [fault for fault in figures.faults(BURST) if "limit is used" not in fault]


async def test_a_burst_is_answered_in_time_drawn_at_the_services_pace_and_shared_fairly(tmp_path: Path) -> None:
    """Both platforms, a real process, and a service that refuses what comes too fast."""
    figures = await measure(BURST, tmp_path, delay_s=0.3)
    if found(figures):
        # The machine may be busy with something else, but hardly twice: a defect shows in both.
        again = tmp_path / "again"
        await asyncio.to_thread(again.mkdir)
        figures = await measure(BURST, again, delay_s=0.3)
    assert found(figures) == []
    # A first call that arrives late makes the others look quicker; the service refused none of them.
    assert 0.9 <= figures.calls_share <= 1.01
    assert figures.light_last_s < figures.heavy_last_s + 2
    assert figures.memory_peak_mib < 1.5 * figures.memory_idle_mib


@pytest.mark.parametrize(
    "worse",
    [
        {"taken": 119},
        {"ack_worst_s": 3.1},
        {"ack_p99_s": 1.1},
        {"calls_share": 0.9},
        {"refused_calls": 1},
        {"light_first_s": 60.0},
    ],
    ids=lambda worse: next(iter(worse)),
)
def test_a_promise_that_was_not_kept_is_named(worse: dict[str, Any]) -> None:
    """A measurement that cannot fail would show nothing."""
    assert FIGURES.faults(BURST) == []
    assert len(replace(FIGURES, **worse).faults(BURST)) == 1


async def test_a_short_soak_leaves_nothing_behind(tmp_path: Path) -> None:
    """Rounds with faults among them: all end, are rightly charged, and what the bot holds is flat."""
    course = await run(Soak(commands=100, a_round=25, faults=0.08, seed=7), tmp_path)
    assert sum(course.states.values()) >= 95
    assert sum(course.mishaps.values()) > 0
    assert [fault for fault in course.faults() if "memory" not in fault] == []


@pytest.mark.parametrize("name", ["memory_mib", "files", "threads", "tasks", "connections"])
def test_what_grows_is_noticed(name: str) -> None:
    """One more after every round is a leak, whatever it is that leaks."""
    grown = [replace(WELL, **{name: getattr(WELL, name) + 3 * number}) for number in range(10)]
    assert COURSE.faults() == []
    [fault] = replace(COURSE, readings=grown).faults()
    assert "grew" in fault


def test_a_wrong_charge_is_noticed() -> None:
    """And so is a command that nobody heard of again, and a picture that was paid for and not seen."""
    assert len(replace(COURSE, wrong=1, untold=1, seen=199).faults()) == 3
