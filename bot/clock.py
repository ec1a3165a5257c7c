"""The machine's clock; tests hand in one that they move by hand."""

import asyncio
import time


class SystemClock:
    """Milliseconds UTC, and real waiting."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
