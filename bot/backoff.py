"""How long to wait before trying again."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubling from `base_s` up to `cap_s`, with full jitter in the upper half so that nobody marches in step."""

    base_s: float = 0.5
    cap_s: float = 30.0

    def wait_s(self, failures: int, *, asked_s: float | None = None) -> float:
        """Seconds to wait after so many failures in a row; never less than the other side asked for."""
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 16))
        jittered = ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        return max(jittered, asked_s or 0.0)
