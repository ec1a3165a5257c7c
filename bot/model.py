"""The values that travel through the core: frozen, free of I/O, named as people speak of them."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, NewType, Self

GenerationId = NewType("GenerationId", str)
"""Idempotency key, `discord:<interaction>` or `slack:<team>:<trigger_id>`: one command, one id."""

Account = NewType("Account", str)
"""Who is charged: `discord:<guild>:<user>`, `discord:user:<user>`, `slack:<enterprise or team>:<user>`."""

Space = NewType("Space", str)
"""Where a shared pool applies: `discord:<guild>`, `slack:<enterprise or team>`."""

MAX_SEED = 2**31 - 1


def platform_of(id: GenerationId) -> str:
    """`discord` or `slack`: where the command was typed."""
    return id.partition(":")[0]


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}\N{MULTIPLICATION SIGN}{self.height}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """What a person asked for: `count` pictures, the n-th of `prompt_of(n)`, drawn with `seed_of(n)`.

    `prompt` is as typed; `prompts` is what its braces stand for, where it has any: they take turns.
    """

    prompt: str
    size: Size
    seed: int
    extend: bool
    count: int = 1
    private: bool = False
    prompts: tuple[str, ...] = ()

    def seed_of(self, n: int) -> int:
        """The seed of picture `n` (from 0), inside the service's range: each prompt is drawn with the same ones."""
        return (self.seed + n // max(len(self.prompts), 1)) % (MAX_SEED + 1)

    def prompt_of(self, n: int) -> str:
        """What picture `n` (from 0) is drawn from."""
        return self.prompts[n % len(self.prompts)] if self.prompts else self.prompt

    @property
    def erased(self) -> bool:
        """What was asked for is not kept any more: nothing can be made of it."""
        return not self.prompt

    def without_content(self) -> Self:
        """The same without what was to be drawn: what the books need."""
        return replace(self, prompt="", prompts=(), seed=0)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        fields = json.loads(text)
        return cls(**{**fields, "size": Size(**fields["size"]), "prompts": tuple(fields.get("prompts", ()))})


class State(StrEnum):
    """Where a generation stands; what is charged is the column `charged`, never derived from this."""

    QUEUED = "queued"
    RUNNING = "running"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    REFUNDED = "refunded"


class Reason(StrEnum):
    """Why a generation was refunded."""

    CANCELLED = "cancelled"
    PROMPT_REFUSED = "prompt_refused"
    SERVICE_BUSY = "service_busy"
    SERVICE_BROKEN = "service_broken"
    OPERATOR_NEEDED = "operator_needed"
    REQUEST_REJECTED = "request_rejected"
    PICTURE_UNUSABLE = "picture_unusable"
    PICTURE_TOO_LARGE = "picture_too_large"
    DEADLINE_PASSED = "deadline_passed"
    UNREACHABLE = "unreachable"
    DATABASE_SLOW = "database_slow"
    INTERNAL = "internal"


class Action(StrEnum):
    """How a picture is made from an earlier one."""

    AGAIN = "again"
    """The same with a new seed."""
    EDIT = "edit"
    LARGER = "larger"
    """One of its pictures with the same seed, in the next size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The generation that another one is made from, and how; `n` is the picture (from 0) that is drawn larger."""

    id: GenerationId
    action: Action
    n: int | None = None

    @property
    def step(self) -> str:
        """The action and its picture as one word: what cannot be under way twice."""
        return self.action if self.n is None else f"{self.action} {self.n}"

    @classmethod
    def of_step(cls, id: GenerationId, step: str) -> Self:
        action, _, n = step.partition(" ")
        return cls(id=id, action=Action(action), n=int(n) if n else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a result stands: the platform's own ids, and an address where people can open it in their client.

    `origin` is the channel that it was asked for in, whose rules bind it, and `thread` the thread that hangs on that
    channel, if it was asked for in one. A message that only its person sees has no `link`.
    """

    channel: str | None
    message: str | None
    link: str | None
    origin: str | None
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a delivered generation came out; times in milliseconds, `drew_ms` from its first call to its last picture."""

    pictures: int
    failed: int
    took_ms: int
    drew_ms: int | None = None
    receipt: Receipt | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        fields = json.loads(text)
        receipt = fields.get("receipt")
        return cls(**{**fields, "receipt": Receipt(**receipt) if receipt else None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command, ready to be accepted: who asks for what, where the answer goes.

    `address` is JSON: all that the platform's courier needs to deliver without the process that took the command.
    """

    id: GenerationId
    account: Account
    space: Space | None
    request: ImageRequest
    address: dict[str, Any]
    roles: tuple[str, ...] = ()
    """The subjects of the person's roles: an admin may have given one of them a limit of its own."""
    parent: Parent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One row: the reservation, the job and the history. Times in milliseconds UTC, amounts in credits."""

    id: GenerationId
    account: Account
    space: Space | None
    asked: int
    charged: int
    bonus: int
    state: State
    attempt: int
    created_ms: int
    deadline_ms: int
    reason: Reason | None
    request: ImageRequest
    address: dict[str, Any]
    roles: tuple[str, ...] = ()
    parent: Parent | None = None
    result: Result | None = None
    settled_ms: int | None = None
    deleted_ms: int | None = None
    shared_ms: int | None = None

    @property
    def platform(self) -> str:
        """`discord` or `slack`: whose courier delivers it."""
        return platform_of(self.id)

    @property
    def receipt(self) -> Receipt | None:
        """Where the result stands, if that is known."""
        return None if self.result is None else self.result.receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One answer of the image service; `url` is signed and lives 24 h."""

    url: str
    revised: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing as the store keeps it; `file_id` is set once a platform holds the uploaded file."""

    n: int
    url: str
    revised: str | None
    request_id: str | None
    file_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPicture:
    """A picture in hand: its PNG bytes, and what stands below it."""

    n: int
    png: bytes
    seed: int
    revised: str | None


class Source(StrEnum):
    """Which rule a person's own limit comes from, strongest first."""

    PERSON = "person"
    ROLE = "role"
    SPACE = "space"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """Bonus credits given to an account, all together; what was spent since `since_ms` came out of it."""

    credits: int
    since_ms: int
    expires_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers that bind one account now. A limit of None binds nobody; `since_ms` is the window's start."""

    own: int | None
    space: int | None
    total: int | None
    since_ms: int
    returns_ms: int | None
    """When the window's next credits return; None for a rolling window, where the rows themselves tell."""
    rolling_ms: int | None = None
    queued: int | None = None
    """The most commands of the account that may be open at once."""
    reset_ms: int = 0
    """An admin let the account's own window start anew here."""
    pot: Pot | None = None
    source: Source = Source.DEPLOYMENT
    roles: tuple[str, ...] = ()
    """Those of the person's roles that have a limit; the one that gives the most comes first."""

    @property
    def own_since_ms(self) -> int:
        """Where the account's own window starts."""
        return max(self.since_ms, self.reset_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Credits used in the current window by the account, its space and the whole deployment.

    The `…_oldest_ms` tell when the oldest charge inside the window was made; None where there is none.
    The account's own is of credits of the window: what came out of the bonus pot alone does not come back with time.
    """

    own: int
    space: int
    total: int
    bonus: int
    """Spent of the pot."""
    queued: int
    """The account's commands that have not come to their end."""
    own_oldest_ms: int | None
    space_oldest_ms: int | None
    total_oldest_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a person may still spend; a limit of None binds nobody."""

    limit: int | None
    used: int
    returns_ms: int | None
    bonus: int = 0
    """What is left of the bonus pot."""
    bonus_expires_ms: int | None = None
    queued: int = 0
    space_limit: int | None = None
    space_left: int | None = None
    total_left: int | None = None

    @property
    def own_left(self) -> int | None:
        """What is left of the window's own credits."""
        return None if self.limit is None else max(self.limit - self.used, 0)

    @property
    def left(self) -> int | None:
        """What the next commands may cost, all limits considered; None where nothing binds."""
        own = None if self.own_left is None else self.own_left + self.bonus
        return min((left for left in (own, self.space_left, self.total_left) if left is not None), default=None)


class Bound(StrEnum):
    """Which limit refused."""

    OWN = "own"
    SPACE = "space"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Where a command stands: how many are `ahead`, and in how many milliseconds its picture may be there.

    `ready_ms` is None where nothing was drawn yet that an estimate could be made from.
    """

    ahead: int
    ready_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The row is committed and charged; it is drawn once the runner is told."""

    id: GenerationId
    price: int
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSpent:
    """Nothing was charged: of `limit`, `bound` has `left`, which is no room for `price`.

    `bonus` credits of the person's were counted in; `raw_fits`: every limit has room without extension.
    """

    bound: Bound
    price: int
    limit: int
    left: int
    bonus: int
    returns_ms: int | None
    raw_fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Nothing was charged: an admin let this person have no more pictures."""

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyQueued:
    """Nothing was charged: `limit` commands of this person are open already."""

    limit: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Nothing was charged: the same button was pressed before, and what it asked for is being drawn."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The platform sent the same command twice; the first one is being served."""


@dataclass(frozen=True, slots=True)
class DatabaseSlow:
    """The accepting statement took too long. Nothing is charged; a commit that still lands is refunded."""


@dataclass(frozen=True, slots=True)
class DatabaseDown:
    """The accepting statement failed: nothing is charged, and nothing can be until the operator has mended it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The bot is shutting down and takes no more commands."""


Outcome = Accepted | QuotaSpent | Blocked | TooManyQueued | UnderWay | Duplicate | DatabaseSlow | DatabaseDown | Closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """All that a courier posts: at least one picture, and how many of the request's failed for good."""

    generation: Generation
    pictures: tuple[DrawnPicture, ...]
    failed: int
    took_ms: int
    balance: Balance
    parent: Generation | None = None
    """What it was made from."""
    spoiler: bool = False
    """Hidden until somebody looks, where the platform can do that."""
    log_channel: str | None = None
    """The channel that gets the picture as well, if there is one."""
