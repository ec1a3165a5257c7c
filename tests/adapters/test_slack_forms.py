"""The form: Slack takes every one of them, and what it holds is read back as it was meant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.locales import LANGUAGES
from adapters.responses import Say
from adapters.slack import forms
from adapters.slack.forms import Context
from bot.defaults import NO_DEFAULTS, Defaults
from bot.model import GenerationId, ImageRequest, Size
from bot.prompt import flags_of, parse
from bot.sizes import SIZES, Tier
from sandbox.slack.inputs import initial_state
from sandbox.slack.view_rules import read_view

CHILD = Context(parent=GenerationId("slack:T1:1"), channel="C1", thread_ts="1.2")
SEED = 9
REQUESTS = st.builds(
    ImageRequest,
    prompt=st.just("a red fox"),
    size=st.one_of(st.sampled_from(list(SIZES.values())), st.just(Size(1000, 700))),
    seed=st.integers(0, 99),
    extend=st.booleans(),
    count=st.integers(1, 4),
    private=st.booleans(),
)


def opened(context: Context, prompt: str, options: dict[str, str], *, place_wanted: bool = False) -> dict[str, Any]:
    """The view as Slack sends it back, untouched; an AssertionError if Slack would not open it."""
    made = forms.modal(context, prompt=prompt, options=options, place_wanted=place_wanted, locale=None)
    view, _ = read_view(made, kind="modal", showable=lambda _: None)
    return {**view, "state": {"values": initial_state(view["blocks"])}}


def drawn(view: dict[str, Any], *, edited: bool, defaults: Defaults = NO_DEFAULTS) -> object:
    """What the grammar makes of it."""
    filled = forms.read(view, edited=edited)
    return parse(filled.line, typed=filled.typed, extend=False, seed=lambda: SEED, defaults=defaults)


@given(request=REQUESTS, private=st.none() | st.booleans(), extend=st.none() | st.booleans())
def test_a_form_that_is_left_as_it_is_draws_the_same(
    *, request: ImageRequest, private: bool | None, extend: bool | None
) -> None:
    """Whatever the person's defaults are by now."""
    view = opened(CHILD, request.prompt, flags_of(request))
    assert drawn(view, edited=True, defaults=Defaults(private=private, extend=extend, size=Tier.LARGE)) == request


@pytest.mark.parametrize("locale", ["en", *LANGUAGES])
@pytest.mark.parametrize("context", [Context(), CHILD])
def test_slack_takes_the_form_in_every_language(context: Context, locale: str) -> None:
    """Its title and buttons are short, and what is to be filled in has a label of its own."""
    options = forms.options_from(NO_DEFAULTS, extend=True)
    made = forms.modal(context, prompt="", options=options, place_wanted=True, locale=locale)
    view, _ = read_view(made, kind="modal", showable=lambda _: None)
    labels = [block["label"]["text"] for block in view["blocks"]]
    assert len(set(labels)) == len(view["blocks"])


def test_several_prompts_come_back_as_braces() -> None:
    """With as many pictures of each as before."""
    request = parse("a {red,blue} fox --n 2 --seed 7", extend=False, seed=lambda: SEED)
    assert isinstance(request, ImageRequest)
    assert drawn(opened(CHILD, request.prompt, flags_of(request)), edited=True) == request


def test_a_flag_in_the_prompt_wins_over_what_nobody_touched() -> None:
    """What was changed in the form wins over both."""
    view = opened(CHILD, "a red fox", {"ar": "16:9", "size": "small", "n": "1", "raw": ""})
    view["state"]["values"]["prompt"]["prompt"]["value"] = "a red fox --ar 1:1 --n 3"
    view["state"]["values"]["n"]["n"]["selected_option"] = {"value": "2"}
    request = drawn(view, edited=True)
    assert isinstance(request, ImageRequest)
    assert (request.size, request.count) == (SIZES["1:1", Tier.SMALL], 2)


def test_a_blank_form_says_nothing_of_its_own() -> None:
    """The defaults of the place that was chosen count, not those of where it was opened."""
    view = opened(Context(), "", forms.options_from(Defaults(ratio="16:9"), extend=True), place_wanted=True)
    view["state"]["values"]["prompt"]["prompt"]["value"] = "a red fox"
    view["state"]["values"]["place"] = {"place": {"type": "conversations_select", "selected_conversation": "C7"}}
    filled = forms.read(view, edited=False)
    assert (filled.line, filled.typed, filled.place) == ("a red fox", {}, "C7")


@pytest.mark.parametrize(
    ("about", "typed", "block"),
    [
        ("seed", {"seed": "x"}, "seed"),
        ("seed", {}, "prompt"),
        (None, {"seed": "1"}, "prompt"),
        ("n", {"ar": "1:1"}, "prompt"),
    ],
)
def test_a_sentence_stands_at_the_field_that_it_is_about(about: str | None, typed: dict[str, str], block: str) -> None:
    """A flag may also stand in the prompt."""
    assert forms.errors(Say(sentence=("No.",), about=about), typed) == {block: "No."}


@pytest.mark.parametrize("kept", ["", "{}", "[]", "null", "3", '{"parent": null, "channel": "C1"}', "not json"])
def test_what_an_older_version_kept_is_not_read(kept: str) -> None:
    """A modal may stay open over an update."""
    assert Context.from_json(kept) is None


def test_what_a_form_keeps_comes_back() -> None:
    """In at most three thousand characters."""
    assert Context.from_json(CHILD.to_json()) == CHILD
    begun = Context(channel="C1", thread_ts="1.2", thread_is_new=True)
    assert Context.from_json(begun.to_json()) == begun
    assert Context.from_json(Context().to_json()) == Context()


def test_sizes_are_in_the_readers_language() -> None:
    """What is sent back is the flag's own value all the same."""
    view = forms.modal(CHILD, prompt="a fox", options={"size": "1000x700"}, place_wanted=False, locale="de")
    [sizes] = [block["element"]["options"] for block in view["blocks"] if block["block_id"] == "size"]
    named = {option["value"]: option["text"]["text"] for option in sizes}
    assert named == {"small": "klein", "medium": "mittel", "large": "groß", "1000x700": "1000x700"}
