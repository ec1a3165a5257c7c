"""Speaking to the store in a few words, and reading its tables past it."""

from dataclasses import replace

from fakes import ACCOUNT, SPACE, START_MS, order

from bot.model import Account, Generation, GenerationId, Limits, Order, Space, State
from bot.store import Generations
from bot.store.database import Database, Row

HOUR_MS = 3_600_000
DEADLINE_MS = START_MS + HOUR_MS


def limits(
    *,
    own: int | None = None,
    space: int | None = None,
    total: int | None = None,
    queued: int | None = None,
    since_ms: int = START_MS,
) -> Limits:
    """Limits of a window that began at `since_ms`; what is left out binds nobody."""
    return Limits(own=own, space=space, total=total, since_ms=since_ms, returns_ms=None, queued=queued)


def ordered(number: int, *, account: Account = ACCOUNT, space: Space | None = SPACE, count: int = 1) -> Order:
    """Command `number`, given in `space`."""
    return replace(order(number, account=account, count=count), space=space)


async def accept(
    generations: Generations, order: Order, *, within: Limits | None = None, price: int = 1, now_ms: int = START_MS
) -> bool:
    """Have `order` accepted; without `within` nothing binds."""
    return await generations.accept(
        order, limits=within or limits(), price=price, now_ms=now_ms, deadline_ms=DEADLINE_MS
    )


async def claimed(
    generations: Generations, number: int = 1, *, price: int = 1, count: int = 1, begun: bool = True
) -> Generation:
    """Command `number`, accepted, taken for its first run and, if `begun`, about to be drawn."""
    assert await accept(generations, ordered(number, count=count), price=price)
    key = GenerationId(f"discord:{number}")
    job = await begin(generations, key) if begun else await generations.claim(key)
    assert job is not None
    return job


async def begin(generations: Generations, id: GenerationId) -> Generation | None:
    """What a run does before its first call."""
    job = await generations.claim(id)
    if job is not None and job.state is State.QUEUED:
        assert await generations.begin(job)
    return job


async def row_of(database: Database, id: GenerationId) -> Row:
    """The generation as it stands in the database."""
    [row] = await database.fetch("SELECT * FROM generation WHERE id = :id", id=id)
    return row


async def rows_of(database: Database) -> list[Row]:
    """Every row of every table that a transition could change."""
    return [
        *await database.fetch("SELECT * FROM generation ORDER BY id"),
        *await database.fetch("SELECT * FROM picture ORDER BY generation, n"),
    ]


async def total_charged(database: Database) -> int:
    """What all people together are charged, whatever the store's own sums say."""
    [row] = await database.fetch("SELECT COALESCE(SUM(charged), 0) AS charged FROM generation")
    return int(row["charged"])
