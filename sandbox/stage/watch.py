"""Waiting for what a person sees to change."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from sandbox.stage.protocols import Ending, Form, InputRefused


class Screen(Protocol):
    """A platform, as one person sees it."""

    def seen(self) -> dict[str, Ending]:
        """Everything that stands there now, by an id that stays when it changes; oldest first."""

    async def until(self, look: Callable[[], Ending | bool | None], *, within_s: float) -> None:
        """Return once `look()` finds something; TimeoutError else."""


class ScreenWatch:
    """What has changed on a screen since this was made; `form` opens what a gesture opened, if it can open anything."""

    def __init__(self, screen: Screen, form: Callable[[], Awaitable[Form]] | None = None) -> None:
        self._screen = screen
        self._form = form
        self._before = screen.seen()

    async def read(self, *words: str, pictures: int = 0, files: int = 0, within_s: float = 10) -> Ending:
        """The first message, new or changed, with all these words, on buttons too, and so many pictures and files."""

        def look() -> Ending | None:
            return next((one for one in self._changed() if _fits(one, words) and _holds(one, pictures, files)), None)

        try:
            await self._screen.until(look, within_s=within_s)
        except TimeoutError:
            there = [one.text for one in self._changed()]
            raise TimeoutError(f"nothing says {words} with {pictures} pictures; there are {there}") from None
        found = look()
        if found is None:
            raise AssertionError("what was seen is there")
        return found

    async def gone(self, ending: Ending) -> None:
        """Return once that message is no longer there."""
        await self._screen.until(lambda: all(one.at != ending.at for one in self._screen.seen().values()), within_s=10)

    async def form(self) -> Form:
        """The form that opens."""
        if self._form is None:
            raise InputRefused("this opens no form")
        return await self._form()

    def _changed(self) -> list[Ending]:
        return [one for key, one in self._screen.seen().items() if self._before.get(key) != one]


def _fits(ending: Ending, words: tuple[str, ...]) -> bool:
    shown = [ending.text, *ending.buttons]
    return all(any(one in part for part in shown) for one in words) if words else not ending.is_progress


def _holds(ending: Ending, pictures: int, files: int) -> bool:
    return len(ending.pictures) >= pictures and len(ending.files) >= files
