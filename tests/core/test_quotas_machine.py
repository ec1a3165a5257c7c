"""Whatever people and admins do, in whatever order: the quotas agree with a ledger that counts everything by hand."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from fakes import FakeClock, FakeCourier, FakeModel, order, studio_of
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledger import DAY_MS, ZONE, Ledger, without_queue

from bot.admin import COMMAND_LINE, AboveCeiling, Actor, Admin, Changed
from bot.backoff import Backoff
from bot.errors import PromptRefused
from bot.house import HouseRules
from bot.intake import Intake
from bot.model import Accepted, Account, GenerationId, ImageRequest, Order, Size, Space
from bot.policy import Member, Policy, Prices
from bot.quotas import Quotas
from bot.rules import DEPLOYMENT, Change, Kind, Subject, role_of
from bot.store import Generations, HouseBook, Reports, RuleBook, Rules, Throttle
from bot.store.database import open_sqlite
from bot.windows import Window

T = TypeVar("T")

OWN, SPACE, TOTAL, QUEUED = 3, 12, 16, 4
HOUR_MS = 3_600_000
SERVER = Space("discord:1")
ROLES = (role_of(SERVER, "7"), role_of(SERVER, "8"))
PEOPLE = [
    Member(account=Account("discord:1:1"), space=SERVER, roles=ROLES),
    Member(account=Account("discord:1:2"), space=SERVER, roles=ROLES[1:]),
    Member(account=Account("discord:user:1"), space=None),
]
OPERATOR = Actor(id=COMMAND_LINE, account=Account(COMMAND_LINE), space=None)
STARTS = [
    datetime(2030, 3, 30, 20, tzinfo=UTC),  # the next day in Berlin has 23 hours
    datetime(2030, 10, 26, 20, tzinfo=UTC),  # and this one's has 25
    datetime(2030, 6, 30, 9, tzinfo=UTC),
]

people = st.sampled_from(PEOPLE)
amounts = st.none() | st.integers(0, 8)
requests = st.builds(
    ImageRequest,
    prompt=st.just("a red fox"),
    size=st.just(Size(1024, 1024)),
    seed=st.just(7),
    extend=st.booleans(),
    count=st.integers(1, 4),
)
limited = st.sampled_from(
    [
        *((Subject(person.account), Kind.LIMIT) for person in PEOPLE),
        *((role, Kind.LIMIT) for role in ROLES),
        *((Subject(SERVER), kind) for kind in (Kind.LIMIT, Kind.POOL, Kind.CEILING)),
        (DEPLOYMENT, Kind.BUDGET),
    ]
)


class Deployment(RuleBasedStateMachine):
    """Three people, one of them in no server; the real core on a real file, beside the ledger."""

    window: ClassVar[str] = "day"

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.stack = AsyncExitStack()
        self.clock = FakeClock()
        self.ledger = Ledger(rolling=self.window != "day", own=OWN, space=SPACE, total=TOTAL, queued=QUEUED)
        self.num_changes = 0
        self.open()

    def open(self) -> None:
        """Start the bot on the file, as it was left."""
        self.database = self.wait(self.stack.enter_async_context(open_sqlite(self.folder / "bot.db")))
        generations, rules = Generations(self.database), Rules(self.database)
        throttle = Throttle(self.database, name="dashscope", per_minute=6000)
        policy = Policy(window=Window.parse(self.window, ZONE.key), own=OWN, space=SPACE, total=TOTAL, queued=QUEUED)
        self.prices = Prices(plain=1, extended=2)
        self.model, self.courier = FakeModel(clock=self.clock), FakeCourier()
        self.quotas = Quotas(generations=generations, rules=rules, policy=policy, prices=self.prices, clock=self.clock)
        self.studio = studio_of(
            generations=generations,
            throttle=throttle,
            quotas=self.quotas,
            house=HouseRules(book=HouseBook(self.database), clock=self.clock),
            model=self.model,
            couriers={"discord": self.courier},
            clock=self.clock,
            backoff=Backoff(),
        )
        self.intake = Intake(
            generations=generations,
            quotas=self.quotas,
            studio=self.studio,
            clock=self.clock,
            deadline_s=DAY_MS // 1000,
            patience_s=30,
        )
        self.admin = Admin(
            rules=rules,
            rule_book=RuleBook(self.database),
            reports=Reports(self.database),
            quotas=self.quotas,
            policy=policy,
            clock=self.clock,
        )

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def teardown(self) -> None:
        self.wait(self.stack.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)

    @property
    def open_ids(self) -> list[GenerationId]:
        return [key for key, charge in self.ledger.charges.items() if charge.open]

    @initialize(start=st.sampled_from(STARTS), given=st.integers(0, 9), hours=st.none() | st.integers(1, 60))
    def start(self, start: datetime, given: int, hours: int | None) -> None:
        """Everybody is welcomed with some bonus, which soon is spent beside the window's own credits."""
        self.clock.at_ms = int(start.timestamp() * 1000)
        for person in PEOPLE:
            self.grant(person, given, hours)

    @rule(person=people, numbers=st.lists(st.integers(1, 60), min_size=1, max_size=3), request=requests)
    def accept(self, person: Member, numbers: list[int], request: ImageRequest) -> None:
        """Some commands in a row. A number that was used before is the platform sending a command twice."""
        for number in numbers:
            placed = replace(
                order(number, account=person.account), space=person.space, roles=person.roles, request=request
            )
            price, plain_price = (self.prices.of(replace(request, extend=extend)) for extend in (request.extend, False))
            now_ms = self.clock.now_ms()
            expected = self.ledger.accept(placed, price=price, plain_price=plain_price, now_ms=now_ms)
            assert self.wait(self.intake.accept(placed)) == expected
            if isinstance(expected, Accepted):
                self.nothing_is_exceeded(placed, person, now_ms)
            self.tick()

    @precondition(lambda self: self.open_ids)
    @rule(data=st.data(), refused=st.sets(st.integers(0, 3)))
    def run(self, data: st.DataObject, refused: set[int]) -> None:
        """The service refuses some pictures, all of them or none; what was found too late is not drawn."""
        id = data.draw(st.sampled_from(self.open_ids))  # noqa: A001 - the field's own name
        charge = self.ledger.charges[id]
        left_ms = charge.created_ms + DAY_MS - self.clock.now_ms()
        next_ms = self.ledger.moments(self.clock.now_ms())[0]
        self.model.refused = {n: PromptRefused("no") for n in refused}
        self.wait(self.studio.run(id))
        drawn = len(set(range(charge.order.request.count)) - refused)
        # Shortly before the deadline it is the studio's to say for how many there is time enough.
        kept = len(self.courier.messages[id].pictures) if id in self.courier.messages else 0
        assert kept == (drawn if left_ms > HOUR_MS else 0) or 0 < left_ms <= HOUR_MS
        self.ledger.settle(id, kept=kept)
        if kept and self.clock.now_ms() < next_ms:  # else something ended while it was drawn
            placed = charge.order
            person = Member(account=placed.account, space=placed.space, roles=charge.roles)
            told = self.courier.messages[id].balance
            assert without_queue(told) == without_queue(self.ledger.balance(person, self.clock.now_ms()))

    @rule(about=limited, applies=st.integers(0, 3), value=amounts)
    def limit(self, about: tuple[Subject, Kind], applies: int, value: int | None) -> None:
        subject, kind = about
        self.change(Change(space=None, subject=subject, kind=kind, applies=bool(applies), value=value))

    @rule(person=people, value=st.integers(1, 6), hours=st.none() | st.integers(1, 60))
    def give(self, person: Member, value: int, hours: int | None) -> None:
        self.grant(person, value, hours)

    def grant(self, person: Member, value: int, hours: int | None) -> None:
        expires_ms = None if hours is None else self.clock.now_ms() + hours * HOUR_MS
        grant = Change(space=None, subject=Subject(person.account), kind=Kind.GRANT, value=value, expires_ms=expires_ms)
        self.change(grant)

    @rule(person=people)
    def reset(self, person: Member) -> None:
        self.change(Change(space=None, subject=Subject(person.account), kind=Kind.RESET))

    @rule(person=people, applies=st.booleans(), reason=st.none() | st.just("spam"))
    def block(self, person: Member, *, applies: bool, reason: str | None) -> None:
        """Or let them back in."""
        subject = Subject(person.account)
        self.change(Change(space=None, subject=subject, kind=Kind.BLOCK, applies=applies, reason=reason))

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes * 60)

    @rule(data=st.data(), early=st.booleans())
    def something_ends(self, data: st.DataObject, *, early: bool) -> None:
        """To the moment itself, or the millisecond before it."""
        moment = data.draw(st.sampled_from(self.ledger.moments(self.clock.now_ms())[:4]))
        self.clock.at_ms = max(moment - early, self.clock.at_ms)

    @rule()
    def restart(self) -> None:
        self.wait(self.stack.aclose())
        self.open()

    def change(self, change: Change) -> None:
        expected = self.ledger.change(change, self.clock.now_ms())
        self.num_changes += 1
        outcome = self.wait(self.admin.change(change, actor=OPERATOR, id=f"change:{self.num_changes}"))
        if isinstance(expected, AboveCeiling):
            assert outcome == expected
        else:
            assert isinstance(outcome, Changed)
            before = outcome.before
            assert (before is None) is (expected is None)
            if before is not None and expected is not None:
                assert (before.value, before.expires_ms) == (expected.value, expected.expires_ms)
        self.tick()

    def tick(self) -> None:
        """Nothing else falls into the millisecond of a charge or a change: which of two came first would be a guess."""
        self.clock.at_ms += 1

    def nothing_is_exceeded(self, placed: Order, person: Member, now_ms: int) -> None:
        """Right after a command was taken, no limit that it was charged to has been passed."""
        charge, (limit, _) = self.ledger.charges[placed.id], self.ledger.limit(person)
        assert limit is None or not charge.own or self.ledger.balance(person, now_ms).used <= limit
        assert charge.purse is None or charge.purse.left >= 0
        pool, budget = self.ledger.pool(person.space), self.ledger.budget
        assert pool is None or self.ledger.spent(now_ms, person.space) <= pool
        assert budget is None or self.ledger.spent(now_ms) <= budget

    @invariant()
    def the_quotas_agree_with_the_ledger(self) -> None:
        """What everybody is shown, and every row."""
        now_ms = self.clock.now_ms()
        for person in PEOPLE:
            shown = self.wait(self.admin.show(person))
            assert shown.balance == self.ledger.balance(person, now_ms)
            assert shown.standing.limits.source == self.ledger.limit(person)[1]
            assert (shown.standing.block is not None) is self.ledger.blocked(person.account)
        rows = self.wait(self.database.fetch("SELECT id, charged, bonus FROM generation"))
        assert all(0 <= row["bonus"] <= row["charged"] for row in rows)
        charges = self.ledger.charges
        assert {row["id"]: (row["charged"], row["bonus"]) for row in rows} == {
            key: (charge.charged, charge.bonus) for key, charge in charges.items()
        }


class RollingDeployment(Deployment):
    """Where credits come back one charge at a time."""

    window = "24h"


FEW = settings(max_examples=20, stateful_step_count=40, deadline=None)

# Only where they fail do they need longer than a test may: the shortest way there is looked for.
TestDays = pytest.mark.timeout(300)(Deployment.TestCase)
TestDays.settings = FEW
TestRolling = pytest.mark.timeout(300)(RollingDeployment.TestCase)
TestRolling.settings = FEW
