"""Whose command is next."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
