"""What people do on a platform, as both adapters tell it to the core: typed, sent or pressed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from bot.model import Account, GenerationId, Space
from bot.policy import Member

Place = tuple[str, str]
"""Where a message stands: a channel's id and its own, as the platform has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who typed, where it counts, and in which language they read."""

    account: Account
    space: Space | None
    locale: str | None
    roles: tuple[str, ...] = ()

    @property
    def member(self) -> Member:
        """The person as quotas know them."""
        return Member(account=self.account, space=self.space, roles=self.roles)


AgeRestricted = bool | Callable[[], Awaitable[bool]]
"""Whether only adults come to a place; a look-up where what was typed came without an answer to that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """Something that a person did on a platform, under an id of its own; `address` is where its answer goes.

    `private_by_dm` says that this platform can keep a picture private only by sending it as a direct message.
    """

    id: GenerationId
    person: Person
    private_by_dm: bool
    address: Mapping[str, Any]
    channel: str | None = None
    """The platform's id of the channel where it was typed, or of the one that the thread hangs on."""
    age_restricted: AgeRestricted = False
    """Looked up only where a place's rules ask for it: nothing else is before the answer goes out."""
    came_s: float = field(default_factory=monotonic, compare=False)

    @property
    def waited_s(self) -> float:
        """How much of the person's patience is used up: all that is read for them shares one."""
        return monotonic() - self.came_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Gesture):
    """An `/imagine`, or a form; `typed` holds options given as fields, by the flag's name."""

    line: str
    command: str
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Gesture):
    """A button: `target` is the generation (or draft) that it belongs to.

    `moderates` says that the person may delete other people's messages in that place.
    """

    target: GenerationId
    moderates: bool = False
