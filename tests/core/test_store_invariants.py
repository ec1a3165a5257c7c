"""Whatever runners do, late, twice or crossed: the books stay right after every single step."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from fakes import RESULT, START_MS
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from stores import accept, limits, ordered, rows_of

from bot.model import Account, Drawing, Generation, GenerationId, Reason, Space, State
from bot.store import Generations
from bot.store.database import Row, open_sqlite

T = TypeVar("T")

OWN, SPACE, TOTAL = 6, 9, 12
BINDING = limits(own=OWN, space=SPACE, total=TOTAL)
ORDER = [State.QUEUED, State.RUNNING, State.DELIVERING, State.DELIVERED, State.REFUNDED]
PEOPLE = [("a:1", "a"), ("a:2", "a"), ("b:1", "b"), ("user:1", None)]


class Books(RuleBasedStateMachine):
    """Four people, two spaces, and any number of runners that hold any attempt of any generation."""

    jobs: Bundle[Generation] = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.stack = AsyncExitStack()
        self.database = self.wait(self.stack.enter_async_context(open_sqlite(self.folder / "bot.db")))
        self.store = Generations(self.database)
        self.known: dict[str, Row] = {}
        self.ids: list[GenerationId] = []

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def teardown(self) -> None:
        self.wait(self.stack.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)

    @rule(person=st.sampled_from(PEOPLE), number=st.integers(1, 30), price=st.integers(0, 4), count=st.integers(1, 4))
    def accept(self, person: tuple[str, str | None], number: int, price: int, count: int) -> None:
        account, space = person
        command = ordered(number, account=Account(account), space=Space(space) if space else None, count=count)
        if self.wait(accept(self.store, command, within=BINDING, price=price)):
            assert command.id not in self.ids
            self.ids.append(command.id)

    @rule(target=jobs, data=st.data())
    def claim(self, data: st.DataObject) -> Any:
        if not self.ids:
            return multiple()
        id = data.draw(st.sampled_from(self.ids))  # noqa: A001 - the field's own name
        job = self.wait(self.store.claim(id))
        assert (job is None) is (self.known[id]["settled"] is not None)
        return multiple() if job is None else job

    @rule(job=jobs)
    def begin(self, job: Generation) -> None:
        self.fenced(job, done=self.wait(self.store.begin(job)))

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.ids:
            id = data.draw(st.sampled_from(self.ids))  # noqa: A001 - the field's own name
            cancelled = self.wait(self.store.cancel(id))
            assert (cancelled is not None) is (self.known[id]["state"] == "queued")
            # A run that was claimed before is late now.
            assert cancelled is None or cancelled.attempt == self.known[id]["attempt"] + 1

    @rule(job=jobs, n=st.integers(0, 3))
    def keep_picture(self, job: Generation, n: int) -> None:
        drawing = Drawing(url="https://pictures.example/0", revised=None, request_id=None)
        self.fenced(job, done=self.wait(self.store.keep_picture(job, n, drawing)))

    @rule(job=jobs, charge=st.integers(0, 5))
    def deliver(self, job: Generation, charge: int) -> None:
        self.fenced(job, done=self.wait(self.store.delivering(job, charge=charge)) is not None)

    @rule(job=jobs)
    def settle(self, job: Generation) -> None:
        self.fenced(job, done=self.wait(self.store.delivered(job, now_ms=START_MS, result=RESULT)))

    @rule(job=jobs, reason=st.sampled_from(Reason))
    def refund(self, job: Generation, reason: Reason) -> None:
        self.fenced(job, done=self.wait(self.store.refund(job, reason)) is not None)

    @rule(job=consumes(jobs))
    def tell(self, job: Generation) -> None:
        self.fenced(job, done=self.wait(self.store.told(job, now_ms=START_MS)))

    def fenced(self, job: Generation, *, done: bool) -> None:
        """Only the newest attempt of an open row may have changed anything."""
        before = self.known[job.id]
        if done:
            assert before["attempt"] == job.attempt
            assert before["settled"] is None

    @invariant()
    def the_books_are_right(self) -> None:
        rows = [row for row in self.wait(rows_of(self.database)) if "charged" in row]
        for row in rows:
            assert 0 <= row["bonus"] <= row["charged"] <= row["asked"]
            assert row["state"] != "refunded" or (row["charged"] == 0 and row["reason"])
            assert (row["settled"] is None) is (row["address"] is not None)
            assert row["settled"] is None or row["state"] in ("delivered", "refunded")
            before = self.known.get(row["id"], row)
            assert row["charged"] <= before["charged"]
            assert row["attempt"] >= before["attempt"]
            assert ORDER.index(row["state"]) >= ORDER.index(before["state"])
            assert before["state"] != "delivered" or row["state"] == "delivered"
            assert before["settled"] is None or row == before
        self.known = {row["id"]: row for row in rows}
        assert set(self.known) == set(self.ids)
        assert sum(row["charged"] for row in rows) <= TOTAL
        for account, space in PEOPLE:
            assert sum(row["charged"] for row in rows if row["account"] == account) <= OWN
            assert space is None or sum(row["charged"] for row in rows if row["space"] == space) <= SPACE


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
