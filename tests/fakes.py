"""Stand-ins of the core's ports that keep readable state, and a core built on them over a real database."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.backoff import Backoff
from bot.forecast import Forecast
from bot.house import HouseRules
from bot.model import (
    Account,
    Delivery,
    Drawing,
    Generation,
    GenerationId,
    ImageRequest,
    Order,
    Outlook,
    Reason,
    Receipt,
    Result,
    Size,
    Space,
)
from bot.policy import Member, Policy, Prices
from bot.ports import Courier, ImageModel
from bot.progress import Progress
from bot.quotas import Quotas
from bot.store import Generations, HouseBook, Rules, Throttle
from bot.store.database import Database, Row, open_sqlite
from bot.studio import Studio
from bot.windows import Window

START_MS = 1_900_000_000_000
ACCOUNT = Account("discord:1:2")
SPACE = Space("discord:1")
MEMBER = Member(account=ACCOUNT, space=SPACE)
PNG = b"\x89PNG of a fake"
RECEIPT = Receipt(channel="3", message="4", link="https://chat.example/3/4", origin="3")
RESULT = Result(pictures=1, failed=0, took_ms=5_000, drew_ms=4_000, receipt=RECEIPT)


class FakeClock:
    """Stands still until somebody sleeps, and then jumps."""

    def __init__(self, at_ms: int = START_MS) -> None:
        self.at_ms = at_ms
        self.sleeps: list[float] = []

    def now_ms(self) -> int:
        return self.at_ms

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.at_ms += round(seconds * 1000)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass without anybody sleeping."""
        self.at_ms += round(seconds * 1000)


class Crash(BaseException):
    """The process dies here: nothing that it still tries has any effect."""


@dataclass(kw_only=True)
class Life:
    """Counts the steps of a process, and ends it at step `until`; None lets it live."""

    until: int | None = None
    steps: int = 0

    def step(self) -> None:
        """One more step; raises `Crash` once the process is dead."""
        self.steps += 1
        if self.until is not None and self.steps >= self.until:
            raise Crash


@dataclass(kw_only=True)
class FakeModel:
    """Draws at once. `draws` and `fetches` hold what happens to the next calls, None for success."""

    clock: FakeClock = field(default_factory=FakeClock)
    life: Life = field(default_factory=Life)
    draws: deque[Exception | None] = field(default_factory=deque)
    fetches: deque[Exception | None] = field(default_factory=deque)
    refused: dict[int, Exception] = field(default_factory=dict)
    """What always happens to picture n."""
    drawn: list[int] = field(default_factory=list)
    """The number of each picture paid for."""
    called_ms: list[int] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """Where a drawing waits, if anywhere."""
    fetch_gate: asyncio.Event | None = None
    """Where a picture that has been fetched waits, if anywhere."""
    fetching: int = 0
    most_fetching: int = 0
    entered: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """The number of each picture that a call came for: what a test waits on while the gate is closed."""
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """What else happens while a fetch is under way."""
    inside: int = 0
    most_inside: int = 0

    async def draw(self, request: ImageRequest, *, n: int) -> Drawing:
        self.called_ms.append(self.clock.now_ms())
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.entered.put_nowait(n)
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.inside -= 1
        self.life.step()
        fault = self.draws.popleft() if self.draws else None
        if fault := fault or self.refused.get(n):
            raise fault
        self.drawn.append(n)
        self.life.step()
        revised = f"{request.prompt}, revised" if request.extend else request.prompt
        return Drawing(url=f"https://pictures.example/{n}?Signature=secret-{n}", revised=revised, request_id=f"r-{n}")

    async def fetch(self, url: str, *, size: Size) -> bytes:
        self.life.step()
        self.fetched.append(url)
        if self.fetch_gate is not None:
            self.fetching += 1
            self.most_fetching = max(self.most_fetching, self.fetching)
            await self.fetch_gate.wait()
            self.fetching -= 1
        if self.meanwhile is not None:
            await self.meanwhile()
        if fault := self.fetches.popleft() if self.fetches else None:
            raise fault
        return PNG + str(size).encode()


@dataclass(kw_only=True)
class FakeCourier:
    """Keeps what it was given. `delivers` and `tells` hold what happens to the next calls, None for success."""

    life: Life = field(default_factory=Life)
    delivers: deque[Exception | None] = field(default_factory=deque)
    logs: deque[Exception | None] = field(default_factory=deque)
    tells: deque[Exception | None] = field(default_factory=deque)
    messages: dict[GenerationId, Delivery] = field(default_factory=dict)
    """What stands in the channel: a repeated delivery changes its message, as the real couriers see to."""
    told: dict[GenerationId, Reason] = field(default_factory=dict)
    delivered: list[Delivery] = field(default_factory=list)
    logged: list[Delivery] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    progressed: list[tuple[GenerationId, Outlook | None]] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """What else happens while a delivery is under way."""

    async def deliver(self, delivery: Delivery) -> Receipt:
        self.tried.append("deliver")
        self.life.step()
        if fault := self.delivers.popleft() if self.delivers else None:
            raise fault
        if self.meanwhile is not None:
            await self.meanwhile()
        self.delivered.append(delivery)
        self.messages[delivery.generation.id] = delivery
        self.life.step()
        return RECEIPT

    async def progress(self, generation: Generation, outlook: Outlook | None) -> None:
        self.progressed.append((generation.id, outlook))

    async def log(self, delivery: Delivery) -> None:
        self.tried.append("log")
        self.life.step()
        if fault := self.logs.popleft() if self.logs else None:
            raise fault
        self.logged.append(delivery)
        self.life.step()

    async def tell(self, generation: Generation, reason: Reason) -> None:
        self.tried.append("tell")
        self.life.step()
        if fault := self.tells.popleft() if self.tells else None:
            raise fault
        self.told[generation.id] = reason
        self.life.step()


@dataclass(kw_only=True)
class MortalDatabase:
    """A real database that is gone with the process: each statement is a step before, and a step after its commit."""

    database: Database
    life: Life

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        self.life.step()
        rows = await self.database.fetch(sql, **params)
        self.life.step()
        return rows


@dataclass(kw_only=True)
class Workshop:
    """The core between fakes, over a real database."""

    clock: FakeClock
    life: Life
    model: FakeModel
    courier: FakeCourier
    database: Database
    generations: Generations
    throttle: Throttle
    quotas: Quotas
    house: HouseRules
    studio: Studio

    async def accept(self, order: Order, *, deadline_s: int = 1800) -> Order:
        """Have `order` accepted and charged."""
        now_ms = self.clock.now_ms()
        accepted = await self.generations.accept(
            order,
            limits=(await self.quotas.standing(Member(account=order.account, space=order.space))).limits,
            price=self.quotas.price(order.request),
            now_ms=now_ms,
            deadline_ms=now_ms + deadline_s * 1000,
        )
        assert accepted
        return order

    async def row(self, id: GenerationId) -> Row:
        """The generation as it stands in the database."""
        [row] = await self.database.fetch("SELECT * FROM generation WHERE id = :id", id=id)
        return row


def order(
    number: int = 1, *, count: int = 1, extend: bool = False, account: Account = ACCOUNT, prompt: str = "a red fox"
) -> Order:
    """A command that the grammar could have made."""
    return Order(
        id=GenerationId(f"discord:{number}"),
        account=account,
        space=SPACE,
        request=ImageRequest(prompt=prompt, size=Size(1024, 1024), seed=7, extend=extend, count=count),
        address={"channel": "3", "token": "interaction-token"},
    )


def studio_of(
    *,
    generations: Generations,
    throttle: Throttle,
    quotas: Quotas,
    house: HouseRules,
    model: ImageModel,
    couriers: Mapping[str, Courier],
    clock: FakeClock,
    backoff: Backoff,
    hands: int = 24,
) -> Studio:
    """A studio with a progress of its own."""
    forecast = Forecast(throttle=throttle, clock=clock)
    return Studio(
        generations=generations,
        throttle=throttle,
        quotas=quotas,
        house=house,
        model=model,
        couriers=couriers,
        forecast=forecast,
        progress=Progress(generations=generations, forecast=forecast, couriers=couriers, clock=clock),
        clock=clock,
        backoff=backoff,
        hands=hands,
    )


@asynccontextmanager
async def open_workshop(
    folder: Path, *, own: int | None = 20, per_minute: int = 120, hands: int = 24, queued: int | None = None
) -> AsyncIterator[Workshop]:
    """A core with a limit of `own` credits a day, one credit a picture and two for an extended one."""
    clock, life = FakeClock(), Life()
    model = FakeModel(clock=clock, life=life)
    courier = FakeCourier(life=life)
    async with open_sqlite(folder / "bot.db") as sqlite:
        mortal = MortalDatabase(database=sqlite, life=life)
        generations = Generations(mortal)
        throttle = Throttle(mortal, name="dashscope", per_minute=per_minute)
        window = Window(name="day", zone=ZoneInfo("UTC"), rolling_ms=None)
        quotas = Quotas(
            generations=generations,
            rules=Rules(mortal),
            policy=Policy(window=window, own=own, space=None, total=None, queued=queued),
            prices=Prices(plain=1, extended=2),
            clock=clock,
        )
        house = HouseRules(book=HouseBook(mortal), clock=clock)
        studio = studio_of(
            generations=generations,
            throttle=throttle,
            quotas=quotas,
            house=house,
            model=model,
            couriers={"discord": courier},
            clock=clock,
            backoff=Backoff(),
            hands=hands,
        )
        yield Workshop(
            clock=clock,
            life=life,
            model=model,
            courier=courier,
            database=sqlite,
            generations=generations,
            throttle=throttle,
            quotas=quotas,
            house=house,
            studio=studio,
        )
