"""Braces in a prompt stand for several."""

import time
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import MAX_SEED, ImageRequest
from bot.prompt import EmptyPrompt, Invalid, PromptTooLong, TooManyPictures, parse
from bot.variants import how_many, prompts, variants


def expanded(prompt: str) -> tuple[str, ...]:
    return prompts(variants(prompt))


def parsed(line: str) -> ImageRequest | Invalid:
    return parse(line, extend=False, seed=lambda: 7)


def request_of(line: str) -> ImageRequest:
    request = parsed(line)
    assert isinstance(request, ImageRequest), request
    return request


@pytest.mark.parametrize(
    ("prompt", "made"),
    [
        ("a fox", ["a fox"]),
        ("{red,blue} fox", ["red fox", "blue fox"]),
        ("{red,blue} fox in {snow,sand}", [f"{c} fox in {g}" for c in ("red", "blue") for g in ("snow", "sand")]),
        ("a { dark red , blue }  fox", ["a dark red fox", "a blue fox"]),
        ("a {,red} fox", ["a fox", "a red fox"]),
        ("fox{es,}", ["foxes", "fox"]),
        ("{狐,犬}と月", ["狐と月", "犬と月"]),
        ("{red,red} fox", ["red fox"]),
        ("{red, red ,blue} fox", ["red fox", "blue fox"]),
        ("{a,ab}{b,}", ["ab", "a", "abb"]),
        ("a {fox}", ["a {fox}"]),
        ("a {} fox", ["a {} fox"]),
        ("a {red,blue fox", ["a {red,blue fox"]),
        ("a red,blue} fox", ["a red,blue} fox"]),
        ("{a,{b,c}}", ["{a,b}", "{a,c}"]),
        ('a sign "{open,closed}"', ['a sign "{open,closed}"']),
        (
            "a sign „{open,closed}“ {by day,by night}",
            ["a sign „{open,closed}“ by day", "a sign „{open,closed}“ by night"],
        ),
    ],
)
def test_braces_with_a_comma_are_a_choice(prompt: str, made: list[str]) -> None:
    """Each is made once, the last changes first; what is quoted, alone or not closed is text."""
    assert list(expanded(prompt)) == made


@given(st.text(alphabet='ab,{} "“”', max_size=40))
def test_counting_makes_no_fewer_than_making_does(prompt: str) -> None:
    """Whatever stands there; choices that run into each other can make the same."""
    parts = variants(prompt)
    assert how_many(parts) == prod(map(len, parts)) >= len(prompts(parts)) == len(set(prompts(parts)))
    assert all(text == " ".join(text.split()) for text in prompts(parts))


def test_a_thousand_braces_are_counted_and_not_made() -> None:
    """Two to the thousandth prompts would not fit in any memory."""
    assert how_many(variants("{a,b}" * 1000)) == 2**1000
    assert isinstance(parsed("{a,b}" * 1000), TooManyPictures)


@pytest.mark.parametrize("line", ["{" + "," * 100_000, "{a," * 30_000, "{,}" * 30_000, "„{a,b" * 20_000])
def test_braces_of_any_length_are_read_in_no_time(line: str) -> None:
    """Everybody's commands wait meanwhile: in the square of the length these would take ten seconds and more."""
    began_s = time.process_time()
    variants(line)
    assert time.process_time() - began_s < 2


def test_each_prompt_has_its_own_pictures_with_the_same_seeds() -> None:
    """So that what differs between them is the prompt."""
    request = request_of("{red,blue} fox --n 2 --seed 5")
    assert (request.prompt, request.prompts, request.count) == ("{red,blue} fox", ("red fox", "blue fox"), 4)
    assert [(request.prompt_of(n), request.seed_of(n)) for n in range(4)] == [
        *[("red fox", 5), ("blue fox", 5)],
        *[("red fox", 6), ("blue fox", 6)],
    ]
    assert request_of(f"{{red,blue}} fox --n 2 --seed {MAX_SEED}").seed_of(2) == 0


@pytest.mark.parametrize(
    ("line", "same_as"),
    [
        ("{red,red} fox", "red fox"),
        ("{red,red,red,red,red} fox --n 4", "red fox --n 4"),
        ("{red, red ,blue} fox --n 2", "{red,blue} fox --n 2"),
    ],
)
def test_the_same_choice_twice_is_drawn_and_charged_once(line: str, same_as: str) -> None:
    """With the same seeds it would be the same picture; what is one prompt waits for no yes."""
    request, plain = request_of(line), request_of(same_as)
    assert (request.prompts, request.count, request.prompt_of(0)) == (plain.prompts, plain.count, plain.prompt_of(0))


def test_a_request_of_several_prompts_survives_being_kept() -> None:
    """As JSON and back; one of an older version has none."""
    request = request_of("{red,blue} fox")
    assert ImageRequest.from_json(request.to_json()) == request
    plain = request_of("a fox")
    assert plain.prompts == ()
    assert ImageRequest.from_json(plain.to_json().replace(', "prompts": []', "")) == plain


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("{a,b,c,d,e} fox", TooManyPictures(count=5)),
        ("{a,b} {c,d} {e,f}", TooManyPictures(count=8)),
        ("{a,b} fox --n 3", TooManyPictures(count=6)),
        ("{a,}", EmptyPrompt()),
        (f"{{{'x' * 801},b}}", PromptTooLong(length=801)),
    ],
)
def test_what_cannot_be_drawn_at_once_is_refused_whole(line: str, refused: Invalid) -> None:
    """Each prompt has to be one that could be asked for alone."""
    assert parsed(line) == refused


def test_what_is_long_only_together_is_drawn() -> None:
    """The limit is of each prompt that the service gets."""
    request = request_of(f"{{{'x' * 700},{'y' * 700}}} fox")
    assert len(request.prompt) > 800
    assert max(map(len, request.prompts)) <= 800
