"""What holds of the grammar for every text that anybody can type."""

import time
from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import MAX_SEED, ImageRequest
from bot.prompt import FLAGS, Invalid, UnknownFlag, parse
from bot.sizes import RATIOS, Tier, allowed

INVALID = get_args(Invalid)

# Pieces of which commands and mistakes are made: plain text hardly ever holds a flag.
PIECES = st.sampled_from(
    [f"--{flag}" for flag in (*FLAGS, "aspect", "sed")]
    + list('“”„=—"')
    + ["—ar", "–n", "--", " ", "  ", "\n", "\x00", "\ud83d", "\u0667", "²"]
    + ["16:9", "1280x720", "large", "7", "2", "2147483648", "fox", "狐" * 400]
)
LINES = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=25).map("".join))
SPACED = st.lists(PIECES, max_size=15).map(" ".join)
TYPED = st.dictionaries(st.one_of(st.sampled_from(FLAGS), st.text()), st.one_of(PIECES, st.text()), max_size=5)


@given(line=st.one_of(LINES, SPACED), typed=st.none() | TYPED, extend=st.booleans(), seed=st.integers(0, MAX_SEED))
def test_any_text_ends_as_a_request_inside_the_limits_or_as_an_answer(
    line: str, typed: dict[str, str] | None, *, extend: bool, seed: int
) -> None:
    """Nothing raises, and nothing that the service would refuse, cut or misread is ever sent."""
    result = parse(line, typed=typed, extend=extend, seed=lambda: seed)
    if not isinstance(result, ImageRequest):
        assert isinstance(result, INVALID)
        return
    assert 1 <= len(result.prompt) <= 800
    assert not any(character < " " for character in result.prompt)
    assert result.prompt.encode()
    assert allowed(result.size)
    assert 0 <= result.seed <= MAX_SEED
    assert all(0 <= result.seed_of(n) <= MAX_SEED for n in range(result.count))
    assert 1 <= result.count <= 4
    assert ImageRequest.from_json(result.to_json()) == result


@given(line=st.one_of(LINES, SPACED), seed=st.integers(0, MAX_SEED))
def test_typed_options_win_over_any_text(line: str, seed: int) -> None:
    """Whatever else is written, a filled-in field counts."""
    typed = {"seed": str(seed), "n": "3", "size": "large", "ar": "16:9", "raw": ""}
    result = parse(line, typed=typed, extend=True, seed=lambda: 0)
    if isinstance(result, ImageRequest):
        assert (result.seed, result.count, result.extend) == (seed, 3, False)
        assert (result.size.width, result.size.height) == (2048, 1152)


@given(
    flags=st.tuples(
        st.sampled_from(RATIOS).map("--ar {}".format),
        st.sampled_from(Tier).map("--size {}".format),
        st.integers(0, MAX_SEED).map("--seed={}".format),
        st.integers(1, 4).map("—n {}".format),
        st.sampled_from(["--raw", "--extend", "--private"]),
    ),
    at=st.integers(0, 5),
    order=st.permutations(range(5)),
)
def test_the_order_and_the_place_of_flags_do_not_matter(flags: tuple[str, ...], at: int, order: list[int]) -> None:
    """Before, between and behind the words."""
    shuffled = [flags[i] for i in order]
    moved = " ".join([*shuffled[:at], "a red", *shuffled[at:], "fox"])
    expected = parse(f"a red fox {' '.join(flags)}", extend=True, seed=lambda: 0)
    assert isinstance(expected, ImageRequest)
    assert parse(moved, extend=True, seed=lambda: 0) == expected


@given(prompt=st.text(alphabet=st.characters(exclude_characters='"“”„', exclude_categories=["C", "Z"]), min_size=1))
def test_quoted_text_is_never_a_flag(prompt: str) -> None:
    """Every text without quotes and blanks of its own comes through quotes unchanged."""
    for left, right in ('""', "“”", "„“"):
        line = f"{left}--{prompt}{right}"
        result = parse(f"{line} --n 2", extend=True, seed=lambda: 0)
        if len(line) <= 800:
            assert isinstance(result, ImageRequest)
            assert (result.prompt, result.count) == (line, 2)


def _slips(name: str) -> set[str]:
    """What a hurried thumb makes of `name`: a letter left out, doubled, or changed places with the next."""
    left_out = {name[:i] + name[i + 1 :] for i in range(len(name))}
    doubled = {name[: i + 1] + name[i:] for i in range(len(name))}
    swapped = {name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(len(name) - 1)}
    return (left_out | doubled | swapped) - {*FLAGS, "aspect", "count", "number", ""}


@pytest.mark.parametrize("name", ["size", "seed", "extend", "private", "aspect", "count"])
def test_every_slip_of_the_thumb_finds_its_flag(name: str) -> None:
    """The suggestion is the flag that was meant, and the corrected line is read as if it had been typed."""
    value = {"size": " large", "seed": " 7", "aspect": " 16:9", "count": " 2"}.get(name, "")
    meant = parse(f"fox --{name}{value} in snow --raw", extend=True, seed=lambda: 0)
    assert isinstance(meant, ImageRequest)
    for slip in _slips(name):
        answer = parse(f"fox --{slip}{value} in snow --raw", extend=True, seed=lambda: 0)
        assert isinstance(answer, UnknownFlag), slip
        assert answer.suggestion == name
        assert answer.corrected is not None
        assert parse(answer.corrected, extend=True, seed=lambda: 0) == meant


@given(line=st.one_of(LINES, SPACED), typed=st.none() | TYPED)
def test_a_corrected_line_can_always_be_drawn(line: str, typed: dict[str, str] | None) -> None:
    """What is offered to copy is read as a request, whatever else the line held."""
    answer = parse(line, typed=typed, extend=True, seed=lambda: 0)
    if isinstance(answer, UnknownFlag) and answer.corrected is not None:
        assert isinstance(parse(answer.corrected, typed=typed, extend=True, seed=lambda: 0), ImageRequest)


@pytest.mark.parametrize("pair", [*permutations('"“”„', 2), *((quote, " ") for quote in '"“”„')], ids="".join)
def test_a_long_line_of_quotes_is_read_at_once(pair: tuple[str, str]) -> None:
    """Reading takes time in proportion to the text: the event loop is never held by what somebody pasted."""
    line = "".join(pair) * 20_000
    began = time.process_time()
    parse(line, extend=True, seed=lambda: 0)
    parse(pair[0] * 40_000, extend=True, seed=lambda: 0)
    assert time.process_time() - began < 1.0
