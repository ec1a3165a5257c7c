"""What is to be done about a gesture: the same on both platforms, each in its own way. Free of markup."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.sentences import Sentence
from bot.model import Account, Generation, GenerationId, ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Say so in public or to the person alone, then have `id` of `account` run.

    `sentence` looks up how long it takes, so it is made only where it is shown.
    """

    id: GenerationId
    account: Account
    private: bool
    sentence: Callable[[], Awaitable[Sentence]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Show the person alone what they asked for, with a button that draws it (the draft `id`) and one that does not."""

    id: GenerationId
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Tell the person alone; nothing follows. `about` is the flag that it is about, if it is about one."""

    sentence: Sentence
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """The same command was answered before."""


Reply = Drawing | Confirm | Say | Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Let the person change prompt and options of `request`, then call `submit` with what they made of it."""

    parent: GenerationId
    request: ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Delete the message of `generation`, then call `deleted`; `sentence` is for the person alone."""

    generation: Generation
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Post the private result of `generation` where it was asked for; call `unshare` where that fails.

    `log_channel` is where the place's admins want to see what everybody sees, `spoiler` that they want it covered.
    """

    generation: Generation
    log_channel: str | None
    spoiler: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Put `sentence` in the place of the progress, then call `settle`, or `untold` where that failed."""

    id: GenerationId
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """Put `sentence` in the place of the question or progress that was pressed; a `Say` leaves those as they are."""

    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Renew the progress with `sentence`; `cancellable` while it can still be called off."""

    id: GenerationId
    sentence: Sentence
    cancellable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of somebody's pictures, newest first; `number` counts from 1."""

    entries: tuple[Generation, ...]
    number: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file for the person alone; `alt_text` is for those who do not see a picture, None for what is no picture."""

    filename: str
    data: bytes
    alt_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Tell the person alone, pinging nobody; `done` says whether what they asked for was done."""

    sentence: Sentence
    done: bool = True
    files: tuple[Attachment, ...] = ()
