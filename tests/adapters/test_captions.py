"""What stands around the pictures, before any platform's markup."""

from dataclasses import replace

import pytest
from deliveries import delivery, generation
from hypothesis import example, given
from hypothesis import strategies as st

from adapters import captions
from bot.model import Balance


def test_details_are_size_seeds_time_and_what_is_left() -> None:
    """In this order, each once."""
    facts = captions.details(delivery(generation(count=2)), locale="en")
    assert facts == ["1024×1024", "seeds 7, 8", "12.3 s", "18 credits left"]


def test_an_unlimited_person_reads_nothing_of_credits() -> None:
    """Where nothing binds, the fact is left out, not blank."""
    free = replace(delivery(), balance=Balance(limit=None, used=9, returns_ms=None))
    assert captions.details(free, locale="en") == ["1024×1024", "seed 7", "12.3 s"]


@pytest.mark.parametrize(
    ("revised", "shown"),
    [
        (["a red fox, at dusk", "a red fox, at dawn"], ["a red fox, at dusk", "a red fox, at dawn"]),
        (["the same", "the same"], ["the same"]),
        ([" a red fox ", None], []),
        (["", "  "], []),
        ([None, "one"], ["one"]),
    ],
)
def test_a_revised_prompt_is_shown_once_and_only_where_it_differs(revised: list[str | None], shown: list[str]) -> None:
    """What the person typed themselves is no news."""
    assert captions.revised(delivery(generation(count=2), revised=revised)) == shown


def test_no_revised_prompt_is_shown_where_none_was_asked_for() -> None:
    """A plain picture is drawn from the person's own words, whatever the service sends back."""
    assert captions.revised(delivery(generation(extend=False), revised=["something else"])) == []


def test_notes_say_what_failed_and_what_came_back() -> None:
    """With the credits of exactly the pictures that did not come."""
    partly = delivery(generation(count=4), failed=3)
    [note] = captions.notes(partly, shrunk=False, elsewhere=False, locale="en")
    assert note == "3 of 4 pictures could not be drawn. Your 6 credits are back."


def test_notes_are_none_where_all_is_well() -> None:
    """Nothing to add to a picture that came as asked, where it was asked for."""
    assert captions.notes(delivery(), shrunk=False, elsewhere=False, locale="en") == []
    assert len(captions.notes(delivery(), shrunk=True, elsewhere=True, locale="en")) == 2


@given(text=st.text(max_size=40), limit=st.integers(1, 50))
def test_clipped_text_fits_and_says_that_it_was_clipped(text: str, limit: int) -> None:
    """What fits is left alone."""
    clipped = captions.clip(text, limit)
    assert len(clipped) <= limit
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


@given(text=st.text(alphabet="`a\n", max_size=40))
@example("````")
@example("a`")
@example("`````")
def test_text_between_fences_cannot_close_them(text: str) -> None:
    """No run of three backticks anywhere, none that grows to four at the end, and nothing lost."""
    fenced = captions.fenced(text, 1000)
    assert "```" not in fenced
    assert not fenced.endswith("`")
    assert fenced.replace("\N{ZERO WIDTH SPACE}", "") == text


def test_text_without_long_runs_of_backticks_is_copied_as_it_is() -> None:
    """Ready to copy means without invisible characters."""
    assert captions.fenced("/imagine a `red` ``fox`` --seed 7", 100) == "/imagine a `red` ``fox`` --seed 7"
