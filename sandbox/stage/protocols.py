"""What a person does and sees on either platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sandbox.faults import Faults

DRAWING = "Drawing …"
WAITING = "Waiting …"
"""How the first answer starts when a picture follows."""

THINKING = "imagine is thinking …"
"""What Discord shows of a deferred answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first answer: its words, where they stand, and after how many seconds they were there."""

    text: str
    place: str
    after_s: float

    @property
    def promises(self) -> bool:
        """Whether it says that a picture follows."""
        return self.text.startswith((DRAWING, THINKING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a command came to: the lines that the person reads, the pictures that they see, and where."""

    lines: list[str]
    pictures: list[bytes]
    alt_texts: list[str]
    place: str
    private: bool
    pings: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    """What hangs on the message besides pictures, by name."""

    @property
    def text(self) -> str:
        """Everything that is read."""
        return "\n".join(self.lines)


class InputRefused(Exception):
    """The platform's own client would not send this; the message says why."""


class Place(StrEnum):
    """Where a person types."""

    CHANNEL = "channel"
    THREAD = "a thread"
    PRIVATE_CHANNEL = "a private channel with the bot in it"
    DM = "a direct message"
    CLOSED = "a channel where the bot may not post"
    FOREIGN = "a server that the app is not installed in, brought along by the person"


class Typed(Protocol):
    """A command on its way."""

    @property
    def key(self) -> str:
        """The platform's own id of the command."""

    @property
    def answered(self) -> Answer | None:
        """What the person has read at once; None if nothing, or that the command failed."""

    def endings(self) -> list[Ending]:
        """All that has come of it so far, oldest first."""

    async def answer(self) -> Answer:
        """What the person reads at once."""

    async def ending(self, *, within_s: float = 10) -> Ending:
        """The refusal, the result, or the word that there will be none: whichever comes last."""


class Stage(Protocol):
    """A platform with people in channels; without a name it is the one who is always there."""

    name: str

    @property
    def faults(self) -> Faults:
        """What the platform can be told to do to the bot's calls."""

    def settings(self) -> dict[str, str]:
        """The environment that points a bot here."""

    async def ready(self) -> None:
        """Return once the bot takes commands."""

    async def gone(self) -> None:
        """Return once the platform has noticed that the bot is no longer connected."""

    async def imagine(
        self,
        line: str,
        *,
        options: Mapping[str, object] | None = None,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> Typed:
        """Type `/imagine line`, with options where the platform has fields for them."""

    async def quota(self, *, who: str | None = None) -> Typed:
        """Type `/quota`."""

    def add_person(self, name: str, *, admin: bool = False, groups: tuple[str, ...] = ()) -> None:
        """Somebody new; an admin runs the server or workspace. `groups` are roles or user groups, made if need be."""

    def names(self) -> dict[str, str]:
        """What people are called, by the ids that mentions hold."""

    async def quota_admin(self, word: str, *, who: str, **arguments: str) -> Typed:
        """Type `/quota-admin word`. `person` and `role` are names; `InputRefused` where the client itself says no."""

    async def repeat(self, typed: Typed) -> None:
        """Have the platform deliver the same command again; return when the bot has dealt with it."""

    def advance(self, seconds: float) -> None:
        """Let time pass on the platform's clock."""

    def results(self) -> int:
        """How many messages with pictures stand anywhere."""
