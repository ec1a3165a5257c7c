"""Waits grow, vary, stay bounded, and respect what the other side asks for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backoff import Backoff

BACKOFF = Backoff(base_s=0.5, cap_s=30.0)


@given(failures=st.integers(1, 10_000))
def test_stays_between_half_the_ceiling_and_the_ceiling(failures: int) -> None:
    """The ceiling doubles from the base up to the cap, for any number of failures."""
    ceiling = 30.0 if failures > 6 else 0.5 * 2 ** (failures - 1)
    assert ceiling / 2 <= BACKOFF.wait_s(failures) <= ceiling


@given(failures=st.integers(1, 20), asked_s=st.floats(0, 10_000))
def test_never_waits_less_than_was_asked_for(failures: int, asked_s: float) -> None:
    """A pause that the service asks for is a lower bound, beyond the cap too."""
    wait_s = BACKOFF.wait_s(failures, asked_s=asked_s)
    assert wait_s >= asked_s
    assert wait_s <= max(asked_s, 30.0)


def test_an_asked_pause_of_nothing_still_backs_off() -> None:
    """`retry-after: 0` is no leave to hammer."""
    assert BACKOFF.wait_s(1, asked_s=0.0) >= 0.25


def test_nobody_marches_in_step() -> None:
    """Callers that failed together do not come back together."""
    waits = {BACKOFF.wait_s(5) for _ in range(50)}
    assert len(waits) > 40
    assert max(waits) - min(waits) > 1.0


@pytest.mark.parametrize("failures", [1024, 10**9])
def test_counts_as_far_as_anybody_fails(failures: int) -> None:
    """No overflow after a night of failures."""
    assert math.isfinite(BACKOFF.wait_s(failures))
