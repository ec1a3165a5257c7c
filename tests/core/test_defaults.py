"""Defaults of people and channels, and the options that ask for a picture again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.defaults import Defaults
from bot.model import MAX_SEED, ImageRequest, Size
from bot.prompt import flags_of, parse
from bot.sizes import MAX_SIDE, MIN_SIDE, RATIOS, SIZES, Tier

DEFAULTS = st.builds(
    Defaults,
    ratio=st.none() | st.sampled_from(RATIOS),
    size=st.none() | st.sampled_from(Tier),
    count=st.none() | st.integers(1, 4),
    extend=st.none() | st.booleans(),
    private=st.none() | st.booleans(),
)
REQUESTS = st.builds(
    ImageRequest,
    prompt=st.just("a red fox"),
    size=st.sampled_from(list(SIZES.values()))
    | st.builds(Size, st.integers(MIN_SIDE, MAX_SIDE), st.integers(MIN_SIDE, MAX_SIDE)),
    seed=st.integers(0, MAX_SEED),
    extend=st.booleans(),
    count=st.integers(1, 4),
    private=st.booleans(),
)


@given(request=REQUESTS, defaults=DEFAULTS, extend=st.booleans())
def test_the_options_of_a_request_ask_for_it_again(request: ImageRequest, defaults: Defaults, *, extend: bool) -> None:
    """Whatever the defaults are by then."""
    again = parse(request.prompt, typed=flags_of(request), extend=extend, seed=lambda: 0, defaults=defaults)
    assert again == request


@given(own=DEFAULTS, other=DEFAULTS)
def test_defaults_come_back_from_json_and_go_before_others(own: Defaults, other: Defaults) -> None:
    """What one says nothing about, the other decides."""
    assert Defaults.from_json(own.to_json()) == own
    both = own.over(other)
    assert both.size == (other.size if own.size is None else own.size)
    assert both.private == (other.private if own.private is None else own.private)
    assert Defaults().over(other) == other


@given(text=st.none() | st.text() | st.dictionaries(st.sampled_from(["ratio", "size", "count"]), st.text()).map(str))
def test_nothing_that_is_kept_raises(text: str | None) -> None:
    """Another version wrote it, or a person by hand."""
    assert isinstance(Defaults.from_json(text), Defaults)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"ratio": "5:4", "size": "huge", "count": 9, "extend": 1, "private": true}', Defaults(private=True)),
        ('{"count": true}', Defaults()),
        ("[]", Defaults()),
    ],
)
def test_what_this_version_does_not_know_is_left_out(text: str, read: Defaults) -> None:
    """And the rest counts."""
    assert Defaults.from_json(text) == read


PRIVATE = Defaults(private=True, size=Tier.LARGE, ratio="16:9", count=2)


@pytest.mark.parametrize(
    ("line", "typed", "private", "size", "count"),
    [
        ("fox", {}, True, Size(2048, 1152), 2),
        ("fox --public --n 1", {}, False, Size(2048, 1152), 1),
        ("fox", {"public": ""}, False, Size(2048, 1152), 2),
        ("fox --private", {"public": ""}, True, Size(2048, 1152), 2),
        ("fox --public", {"private": ""}, True, Size(2048, 1152), 2),
        ("fox --size 1280x720", {}, True, Size(1280, 720), 2),
        ("fox --ar 1:1", {}, True, Size(1536, 1536), 2),
        ("fox --n 1", {"n": "3", "size": "small"}, True, Size(1280, 720), 3),
    ],
)
def test_what_is_said_goes_before_defaults(
    line: str, typed: dict[str, str], *, private: bool, size: Size, count: int
) -> None:
    """Fields before flags, flags before defaults; "private: no" publishes nothing that the line says is private."""
    request = parse(line, typed=typed, extend=True, seed=lambda: 0, defaults=PRIVATE)
    assert isinstance(request, ImageRequest)
    assert (request.private, request.size, request.count) == (private, size, count)
