"""A clock that can be moved by hand, so that a deadline of 15 minutes is tested in no time."""

import time


class VirtualClock:
    """Runs with the machine's clock, plus whatever it was advanced by."""

    def __init__(self) -> None:
        self._offset_s = 0.0

    def now_s(self) -> float:
        """Seconds since the epoch, by this clock."""
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._offset_s += seconds
