"""Whose command is next."""

from copy import deepcopy
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.model import Account, GenerationId
from bot.runners.turns import Turns


def turns_of(*pairs: tuple[str, str]) -> Turns:
    turns = Turns()
    for account, one in pairs:
        turns.add(GenerationId(one), Account(account))
    return turns


def taken(turns: Turns) -> list[str]:
    return [turns.take() for _ in range(len(turns))]


def test_people_take_turns() -> None:
    """One command a person and round; one's own stay in order."""
    assert taken(turns_of(("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"), ("b", "b2"))) == [
        *("a1", "b1", "c1"),
        *("a2", "b2"),
        "a3",
    ]


def test_whoever_is_new_is_served_in_this_round() -> None:
    """However much the others have in line."""
    turns = turns_of(("a", "a1"), ("a", "a2"), ("a", "a3"))
    assert turns.take() == "a1"
    turns.add(GenerationId("b1"), Account("b"))
    assert taken(turns) == ["a2", "b1", "a3"]


def test_knows_what_waits() -> None:
    """Until it is taken."""
    turns = turns_of(("a", "a1"))
    assert "a1" in turns
    turns.take()
    assert ("a1" in turns, len(turns)) == (False, 0)
    with pytest.raises(KeyError):
        turns.take()


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_nobody_is_served_twice_while_another_waits(accounts: list[str]) -> None:
    """Between two commands of one person everybody else who waits has had one, and nothing is lost."""
    ids = [f"{account}{number}" for number, account in enumerate(accounts)]
    served = taken(turns_of(*zip(accounts, ids, strict=True)))
    assert sorted(served) == sorted(ids)
    for account in set(accounts):
        own = [at for at, one in enumerate(served) if one.startswith(account)]
        assert [served[at] for at in own] == [one for one in ids if one.startswith(account)]
        for earlier, later in pairwise(own):
            waiting = {one[0] for one in served[later:]} - {account}
            assert waiting <= {one[0] for one in served[earlier:later]}


class TurnsMachine(RuleBasedStateMachine):
    """People add, take and call off, in any order, beside a plain list of who waits for what."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns()
        self.waiting: dict[GenerationId, Account] = {}
        self.number = 0

    @rule(account=st.sampled_from("abcd"))
    def add(self, account: str) -> None:
        self.number += 1
        one = GenerationId(f"{account}{self.number}")
        expected = self.turns.before(Account(account))
        self.turns.add(one, Account(account))
        self.waiting[one] = Account(account)
        assert self.turns.order().index(one) == expected

    @precondition(lambda self: self.waiting)
    @rule()
    def take(self) -> None:
        first = self.turns.order()[0]
        assert self.turns.take() == first
        del self.waiting[first]

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.waiting)))
        before = self.turns.order()
        self.turns.remove(one)
        del self.waiting[one]
        own = [other for other in before if other[0] == one[0] and other != one]
        assert [other for other in self.turns.order() if other[0] == one[0]] == own

    @rule(one=st.sampled_from(["a0", "e1"]))
    def remove_what_does_not_wait(self, one: str) -> None:
        before = self.turns.order()
        self.turns.remove(GenerationId(one))
        assert self.turns.order() == before

    @invariant()
    def everything_waits_once(self) -> None:
        order = self.turns.order()
        assert sorted(order) == sorted(self.waiting)
        assert len(self.turns) == len(self.waiting)
        assert all(one in self.turns for one in order)

    @invariant()
    def the_order_is_how_they_would_be_served(self) -> None:
        order = self.turns.order()
        copy = deepcopy(self.turns)
        assert [copy.take() for _ in range(len(copy))] == order


TestTurns = TurnsMachine.TestCase
TestTurns.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
