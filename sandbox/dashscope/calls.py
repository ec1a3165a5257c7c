"""What the service remembers of its callers: each call, and how many came in the last minute."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One generation call, as it arrived and as it was answered.

    What an unreadable request did not say is empty, or the service's default. `code` is the error code of the
    answer's body, None where it has none. `at_s` is the arrival, in seconds since the epoch by the sandbox's clock.
    `picture` is the path that its result is downloaded from: such a call is billed.
    """

    prompt: str
    size: str
    seed: int | None
    extend: bool
    status: int
    code: str | None
    at_s: float
    picture: str | None = None


class RateWindow:
    """Admits `limit` calls in any `window_s` seconds; a call that it refuses does not count."""

    def __init__(self, *, limit: int, window_s: float = 60.0) -> None:
        self._limit = limit
        self._window_s = window_s
        self._admitted: deque[float] = deque()

    def admit(self, now_s: float) -> bool:
        """Whether a call at `now_s` still fits; if so, it is counted."""
        while self._admitted and self._admitted[0] <= now_s - self._window_s:
            self._admitted.popleft()
        if len(self._admitted) >= self._limit:
            return False
        self._admitted.append(now_s)
        return True
