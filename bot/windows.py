"""Quota windows: calendar ones in the operator's time zone, and rolling ones."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

_CALENDAR: Final = ("day", "week", "month")
_ROLLING: Final = re.compile(r"([1-9]\d{0,3})([hd])")
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`day`, `week` (from Monday), `month`, or a rolling `24h` or `7d`."""

    name: str
    zone: ZoneInfo
    rolling_ms: int | None

    @classmethod
    def parse(cls, name: str, zone: str) -> Self:
        """Read a window's name and its time zone's; `ValueError` says what is wrong with either."""
        try:
            tz = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no time zone; write one like UTC or Europe/Berlin") from error
        if name in _CALENDAR:
            return cls(name=name, zone=tz, rolling_ms=None)
        match = _ROLLING.fullmatch(name)
        if match is None:
            raise ValueError(f"{name!r} is no window; write day, week, month, or hours or days like 24h or 7d")
        hours = int(match[1]) * (24 if match[2] == "d" else 1)
        return cls(name=name, zone=tz, rolling_ms=hours * _HOUR_MS)

    @property
    def longest_ms(self) -> int:
        """The longest that such a window can be: also that of a month of 31 days in which the clocks go back."""
        if self.rolling_ms is not None:
            return self.rolling_ms
        return {"day": 25, "week": 7 * 24 + 1, "month": 31 * 24 + 1}[self.name] * _HOUR_MS

    def since_ms(self, now_ms: int) -> int:
        """Where the window that holds `now_ms` starts."""
        if self.rolling_ms is not None:
            return now_ms - self.rolling_ms + 1
        return _to_ms(self._start(now_ms))

    def returns_ms(self, now_ms: int) -> int | None:
        """When a calendar window ends; None for a rolling one, whose credits return one charge at a time."""
        if self.rolling_ms is not None:
            return None
        start = self._start(now_ms)
        if self.name == "day":
            end = start + timedelta(days=1)
        elif self.name == "week":
            end = start + timedelta(weeks=1)
        else:
            end = (start + timedelta(days=32)).replace(day=1)
        return _to_ms(end)

    def date_of(self, at_ms: int) -> date:
        """The day that holds `at_ms`, in this window's time zone."""
        return datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(self.zone).date()

    def midnight_ms(self, day: date) -> int:
        """The first moment of `day`. A day with a change of the clocks has 23 or 25 hours."""
        return _to_ms(datetime.combine(day, time(), tzinfo=self.zone))

    def _start(self, now_ms: int) -> datetime:
        # Wall-clock arithmetic on a zoned datetime, which knows the changes of the clocks.
        midnight = datetime.combine(self.date_of(now_ms), time(), tzinfo=self.zone)
        if self.name == "week":
            return midnight - timedelta(days=midnight.weekday())
        return midnight.replace(day=1) if self.name == "month" else midnight


def _to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
