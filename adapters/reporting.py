"""What a report needs besides its sentences: money, and the rows as CSV."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bot.reports import Report
from bot.rules import local_id

_COLUMNS: Final = ("time", "place", "person", "outcome", "reason", "asked", "charged", "bonus")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What a credit costs whoever runs the bot."""

    price: Decimal
    currency: str

    def of(self, credits: int) -> Decimal:
        """In `currency`."""
        return self.price * credits


def rows_as_csv(report: Report, zone: ZoneInfo) -> bytes:
    """A line a command, newest first, in the quota's time zone; with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for entry in report.entries:
        moment = datetime.fromtimestamp(entry.created_ms / 1000, tz=UTC).astimezone(zone)
        writer.writerow((
            moment.isoformat(timespec="seconds"),
            _harmless(entry.space or ""),
            _harmless(local_id(entry.account)),
            _harmless(entry.state),
            _harmless(entry.reason or ""),
            entry.asked,
            entry.charged,
            entry.bonus,
        ))  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """`cell` as text: a spreadsheet computes what begins like a formula, and hides the apostrophe that forbids it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
