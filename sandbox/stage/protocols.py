"""What a person does and sees on either platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sandbox.faults import Faults

DRAWING = "Drawing …"
"""How the first answer starts when a picture follows."""

WAITING = "Waiting …"
"""How it goes on while others are in front."""

THINKING = "imagine is thinking …"
"""What Discord shows of a deferred answer."""

FORM = "the form"
"""Where the words stand with which a form refuses what was filled in."""


HOME = "the home tab"
"""The bot's own page on Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first answer: its words, the buttons below, where they stand, and after how many seconds they were there."""

    text: str
    place: str
    after_s: float
    buttons: tuple[str, ...] = ()

    @property
    def promises(self) -> bool:
        """Whether it says that a picture follows."""
        return self.text.startswith((DRAWING, THINKING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something to fill in or to choose from, as it is shown: `value` is its text, or what is chosen."""

    value: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a command came to: the lines that the person reads, the pictures that they see, and where.

    `rows` are the buttons as they stand below, by their labels, and `fields` what can be chosen from; `links` are the
    buttons that lead somewhere. `at` is the platform's own message or view.
    """

    lines: list[str]
    pictures: list[bytes]
    alt_texts: list[str]
    place: str
    private: bool
    pings: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    """What hangs on the message besides pictures, by name."""
    rows: tuple[tuple[str, ...], ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    spoilers: int = 0
    """How many of the pictures are covered until somebody asks to see them."""
    in_thread: bool = False
    at: object = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """Everything that is read."""
        return "\n".join(self.lines)

    @property
    def buttons(self) -> tuple[str, ...]:
        """What can be pressed, row by row."""
        return tuple(label for row in self.rows for label in row)

    @property
    def is_progress(self) -> bool:
        """Whether there is more to come."""
        return not self.pictures and self.text.startswith((DRAWING, WAITING))


class InputRefused(Exception):
    """The platform's own client would not send this; the message says why."""


class Place(StrEnum):
    """Where a person types."""

    CHANNEL = "channel"
    THREAD = "a thread"
    FORUM = "a post in a forum"
    VOICE = "the text chat of a voice channel"
    PRIVATE_CHANNEL = "a private channel with the bot in it"
    DM = "a direct message"
    GROUP = "a group of people, who brought the app along"
    CLOSED = "a channel where the bot may not post"
    FOREIGN = "a server that the app is not installed in, brought along by the person"


class Watch(Protocol):
    """What somebody sees change from a moment on."""

    async def read(self, *words: str, pictures: int = 0, files: int = 0, within_s: float = 10) -> Ending:
        """The first message, new or changed, with all these words, on buttons too, and so many pictures and files.

        Without words: the first that is more than a word about waiting. TimeoutError tells what was there instead.
        """

    async def gone(self, ending: Ending) -> None:
        """Return once that message is no longer there for them."""

    async def form(self) -> "Form":
        """The form that opens."""


class Form(Protocol):
    """A form on a person's screen."""

    @property
    def title(self) -> str:
        """What stands above it."""

    @property
    def fields(self) -> dict[str, Field]:
        """What can be filled in, by label, with what stands in it."""

    @property
    def shown(self) -> object:
        """The platform's own form."""

    async def submit(self, values: Mapping[str, str]) -> Watch:
        """Fill in `values`, by label, and send the form; `InputRefused` for what the client keeps back.

        "More options" takes flags, also where there is a field for each.
        """


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


class Hands(Protocol):
    """What people do beside typing `/imagine`; each returns what they then see."""

    async def command(
        self,
        line: str,
        arguments: Mapping[str, str] | None = None,
        *,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> Watch:
        """Type `/line`; `arguments` are fields on Discord, and `name=value` on Slack."""

    async def press(self, on: Ending, label: str, *, who: str | None = None) -> Watch:
        """Press a button; `InputRefused` where that person does not see it, or there is none."""

    async def choose(self, on: Ending, label: str, choice: str, *, who: str | None = None) -> Watch:
        """Choose from a field of a message."""

    async def imagine_this(self, text: str, *, who: str | None = None, in_thread: bool = False) -> Watch:
        """Have somebody write `text`, and pick "Imagine this" in the menu of that message."""

    async def imagine_in_thread(self, line: str, *, who: str | None = None) -> Watch:
        """Ask in a thread, as that is done on the platform."""

    def aged(self, on: Ending, old: str, new: str) -> Ending:
        """The same message as an earlier version of the bot would have sent it: `new` in the place of `old`.

        In what its controls hold, which nobody reads.
        """

    def shown(self, ending: Ending) -> object:
        """The platform's own message or view, as it is now."""

    def read_channel(self, name: str) -> list[Ending]:
        """Everything that stands in a channel, oldest first; the channel is made if need be."""


class Stage(Hands, Protocol):
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

    def add_person(
        self, name: str, *, admin: bool = False, groups: tuple[str, ...] = (), locale: str = "en-US"
    ) -> None:
        """Somebody new; an admin runs the server or workspace. `groups` are roles or user groups, made if need be."""

    def names(self) -> dict[str, str]:
        """What people are called, by the ids that mentions hold."""

    async def quota_admin(self, word: str, *, who: str, **arguments: str) -> Typed:
        """Type `/quota-admin word`. `person` and `role` are names; `InputRefused` where the client itself says no."""

    async def repeat(self, typed: Typed) -> None:
        """Have the platform deliver the same command again; return when the bot has dealt with it."""

    def watch(self, who: str | None = None) -> Watch:
        """What a person sees change from now on."""

    def advance(self, seconds: float) -> None:
        """Let time pass on the platform's clock."""

    def results(self) -> int:
        """How many messages with pictures stand anywhere."""
