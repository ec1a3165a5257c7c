"""What stands around the pictures, before any platform's markup."""

from dataclasses import replace
from typing import Any

import pytest
from deliveries import delivery, generation
from hypothesis import example, given
from hypothesis import strategies as st

from adapters import captions
from adapters.sentences import Link
from bot.model import Action, Balance, Delivery, Parent, Receipt, Result

LINK = "https://chat.example/3/4"


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


def made(
    action: Action, *, prompt: str = "a red fox", private: bool = False, of_private: bool = False, **of: Any
) -> Delivery:
    """A delivery made of an earlier one, which was posted at `LINK`."""
    receipt = Receipt(channel="3", message="4", link=LINK, origin="3")
    result = Result(pictures=1, failed=0, took_ms=1, receipt=receipt)
    parent = replace(generation(prompt, private=of_private), result=result)
    child = replace(generation(private=private), parent=Parent(id=parent.id, action=action))
    return replace(delivery(child), parent=replace(parent, **of))


@pytest.mark.parametrize(
    ("action", "before"), [(Action.AGAIN, "Again of "), (Action.EDIT, "Edited from "), (Action.LARGER, "Larger of ")]
)
def test_what_a_picture_was_made_of_is_a_link_to_it(action: Action, before: str) -> None:
    """By its prompt, which is clipped, and has no markup of its own."""
    assert captions.made_of(made(action), locale="en") == (before, Link("a red fox", LINK))
    [_, link] = captions.made_of(made(action, prompt="fox " * 100), locale="en")
    assert isinstance(link, Link)
    assert (len(link.text), link.text[-1]) == (60, "…")


def test_what_cannot_be_opened_is_named_in_quotes() -> None:
    """Its person may read the prompt; there is nowhere to go."""
    again = ("Again of ", "“a red fox”")
    nowhere = Result(pictures=1, failed=0, took_ms=1)
    assert captions.made_of(made(Action.AGAIN, result=nowhere), locale="en") == again
    assert captions.made_of(made(Action.AGAIN, result=None), locale="en") == again
    assert captions.made_of(made(Action.AGAIN, private=True, of_private=True), locale="en") == again
    assert captions.made_of(made(Action.AGAIN, of_private=True, shared_ms=5), locale="en") == again


def test_what_is_gone_or_private_is_not_spoken_of() -> None:
    """Deleted, erased, and a private picture that was edited into one for everybody."""
    assert captions.made_of(made(Action.EDIT, deleted_ms=5), locale="en") == ()
    assert captions.made_of(made(Action.EDIT, prompt=""), locale="en") == ()
    assert captions.made_of(made(Action.EDIT, of_private=True), locale="en") == ()
    assert captions.made_of(delivery(), locale="en") == ()
    assert captions.made_of(replace(made(Action.EDIT), parent=None), locale="en") == ()


def several(revised: list[str | None], *, extend: bool = True, failed: int = 0) -> Delivery:
    of = generation("{red,blue} fox", count=2, extend=extend)
    request = replace(of.request, prompts=("red fox", "blue fox"))
    return delivery(replace(of, request=request), revised=revised, failed=failed)


def test_each_picture_is_described_by_what_it_was_drawn_from() -> None:
    """The model's words, or those of its own prompt; never nothing."""
    both = several(["a red fox at dusk", None])
    assert [captions.alt_text(both, picture) for picture in both.pictures] == ["a red fox at dusk", "blue fox"]
    blank = delivery(generation("\N{ZERO WIDTH SPACE}"))
    assert captions.alt_text(blank, blank.pictures[0]) == "…"


@pytest.mark.parametrize(
    ("of", "lines"),
    [
        (several(["a red fox at dusk", None]), ["a red fox at dusk", "blue fox"]),
        (several([None, None]), ["red fox", "blue fox"]),
        (several(["not asked for", "nor this"], extend=False), ["red fox", "blue fox"]),
        (several([None], failed=1), ["red fox"]),
    ],
)
def test_of_several_prompts_each_picture_has_a_line(of: Delivery, lines: list[str]) -> None:
    """In their order, so that one knows which is which."""
    assert captions.revised(of) == lines
