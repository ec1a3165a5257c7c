"""Taking a command costs by the rows in the window: `make bench` in small, measured rather than planned."""

from pathlib import Path

from bench_accept import MOST_BUDGET_MS, budget, growth

ROUNDS = 60
MOST_RATIO = 1.6
"""More than in the bench, for tests run beside others. Reading the history even once would cost a hundredfold."""


async def test_accepting_does_not_slow_down_with_history(tmp_path: Path) -> None:
    """The same month, after 1,000 commands and after 200,000."""
    short_ms, long_ms = await growth(tmp_path, history=200_000, within=MOST_RATIO, rounds=ROUNDS)
    assert long_ms <= MOST_RATIO * short_ms


async def test_a_month_of_budget_is_summed_in_no_time(tmp_path: Path) -> None:
    """83,000 commands of the whole deployment in the window, which all count; and without a budget none do."""
    without_ms, with_ms = await budget(tmp_path, rounds=20)
    # On a busy machine the sum over half as many rows, the space's, tells how slow it is just now.
    assert without_ms < with_ms < max(MOST_BUDGET_MS, 5 * without_ms)
