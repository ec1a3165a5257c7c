"""Waiting for something to become true without sleeping."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Changes:
    """Wakes everyone who waits whenever the state has changed."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Let every waiter look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, look: Callable[[], Found | None], *, what: str, timeout_s: float) -> Found:
        """The first thing that `look` finds (anything but None and False); TimeoutError naming `what`."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := look()):
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise TimeoutError(f"no {what} within {timeout_s:g} s") from None
