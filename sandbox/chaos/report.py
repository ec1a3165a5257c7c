"""What the run prints: a line per batch on the way, and the table at the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from sandbox.chaos.evidence import Finding, Wrong
from sandbox.chaos.grounds import GROUNDS

LOAD: Final = "any, people typing"
_WIDTH: Final = 110
_UNBOUNDED: Final = 1000


@dataclass(slots=True, kw_only=True)
class Tally:
    """Kills and what was wrong after them, of one moment on one platform."""

    kills: int = 0
    wrong: Counter[Wrong] = field(default_factory=Counter)


class Report:
    """Collects, and prints."""

    def __init__(self, *, planned: int, console: Console | None = None) -> None:
        self._planned = planned
        self._console = console or Console(width=_WIDTH, highlight=False)
        self._tallies = {
            (moment, ground.name): Tally()
            for ground in GROUNDS
            for moment in (*(moment.name for moment in ground.moments), LOAD)
        }

    @property
    def failures(self) -> int:
        """How often a rule was broken, but for what README says of the one window."""
        totals = self._totals()
        return totals.wrong.total() - totals.wrong[Wrong.REPEATED]

    @property
    def kills(self) -> int:
        return self._totals().kills

    def add(self, moment: str, platform: str, findings: Sequence[Finding], *, kills: int = 1) -> None:
        """Note `kills` and what was found after them; a broken rule is printed at once."""
        tally = self._tallies[moment, platform]
        tally.kills += kills
        tally.wrong.update(finding.wrong for finding in findings)
        for finding in findings:
            if finding.wrong is not Wrong.REPEATED:
                self._console.print(f"✗ {finding.wrong} on {platform}, {moment}: {finding.about}", style="bold red")

    def progress(self, platform: str, *, seconds: float) -> None:
        """One more batch is done."""
        wrong = f"{self.failures} rules broken" if self.failures else "nothing wrong"
        self._console.print(f"{self.kills:4} of {self._planned} kills, {seconds:3.0f} s: {wrong} (last: {platform})")

    def table(self) -> None:
        """Moment × platform → kills, and every way to be wrong; every column whole, however narrow the console is."""
        table = Table(title="kill -9", box=SIMPLE_HEAD)
        for column in ("platform", "killed at"):
            table.add_column(column, no_wrap=True)
        for column in ("kills", *Wrong):
            table.add_column(column.replace(" ", "\n"), justify="right", no_wrap=True)
        for ground in GROUNDS:
            table.add_section()
            for (moment, platform), tally in self._tallies.items():
                if platform == ground.name and tally.kills:
                    table.add_row(platform, moment, *_figures(tally))
            table.add_row(ground.name, "all", *_figures(self._totals(ground.name)), style="bold")
        table.add_section()
        table.add_row("all", "", *_figures(self._totals()), style="bold")
        # A table that is wider than its console loses columns: better let a terminal break the lines.
        table.width = Measurement.get(self._console, self._console.options.update(max_width=_UNBOUNDED), table).maximum
        self._console.print(table, crop=False)

    def _totals(self, only: str | None = None) -> Tally:
        totals = Tally()
        for (_, platform), tally in self._tallies.items():
            if only in (None, platform):
                totals.kills += tally.kills
                totals.wrong.update(tally.wrong)
        return totals


def _figures(tally: Tally) -> list[str]:
    return [str(tally.kills), *(str(tally.wrong[wrong]) for wrong in Wrong)]
