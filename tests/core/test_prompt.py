"""The grammar by example: what people type, and what is drawn or answered."""

import pytest

from bot.model import ImageRequest, Size
from bot.prompt import (
    FLAGS,
    MAX_PROMPT,
    BadValue,
    EmptyPrompt,
    HelpWanted,
    Invalid,
    PromptTooLong,
    SizeAndRatio,
    UnknownFlag,
    parse,
)

SEED = 4711


def read(line: str, typed: dict[str, str] | None = None, *, extend: bool = True) -> ImageRequest | Invalid:
    return parse(line, typed=typed, extend=extend, seed=lambda: SEED)


def drawn(line: str, typed: dict[str, str] | None = None, *, extend: bool = True) -> ImageRequest:
    request = read(line, typed, extend=extend)
    assert isinstance(request, ImageRequest), request
    return request


def test_words_alone_are_a_request_with_the_defaults() -> None:
    """One small square picture, a seed of the bot's choice, extended as the deployment says, for everybody."""
    assert read("a red fox") == ImageRequest(prompt="a red fox", size=Size(1024, 1024), seed=SEED, extend=True)
    assert drawn("a red fox", extend=False).extend is False


def test_every_flag_says_how_to_draw() -> None:
    """The line of the module's own example."""
    line = "a red fox in the snow --ar 16:9 --size large --seed 7 --n 2 --raw --private"
    assert read(line) == ImageRequest(
        prompt="a red fox in the snow", size=Size(2048, 1152), seed=7, extend=False, count=2, private=True
    )


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("fox --ar 16:9", Size(1280, 720)),
        ("fox --ar=16:9", Size(1280, 720)),
        ("fox --ar 16/9", Size(1280, 720)),
        ("fox --ar 16\uff1a9", Size(1280, 720)),
        ("fox --AR 16:9", Size(1280, 720)),
        ("fox --aspect 16:9", Size(1280, 720)),
        ('fox --ar "16:9"', Size(1280, 720)),
        ("fox --ar “16:9”", Size(1280, 720)),
        ("fox --size medium", Size(1280, 1280)),
        ("fox --size LARGE --ar 2:3", Size(1248, 1872)),
        ("fox --size 1280x720", Size(1280, 720)),
        ("fox --size 1280X720", Size(1280, 720)),
        ("fox --size 1280*720", Size(1280, 720)),
        ("fox --size 1280×720", Size(1280, 720)),
        ("fox --size 512x2048", Size(512, 2048)),
        ("fox --ar 1:1 --ar 16:9", Size(1280, 720)),
        ("fox --aspect 1:1 --ar 16:9", Size(1280, 720)),
    ],
)
def test_shapes_can_be_written_in_many_ways(line: str, size: Size) -> None:
    """Colon or slash, x or star or ×, any case, quoted or not; the last of two counts."""
    assert drawn(line).size == size


@pytest.mark.parametrize(("line", "count"), [("fox --n 1", 1), ("fox --n=4", 4), ("fox --count 3", 3)])
def test_the_number_of_pictures_is_read(line: str, count: int) -> None:
    """One to four, by any of its names."""
    assert drawn(line).count == count


@pytest.mark.parametrize(("line", "seed"), [("fox --seed 0", 0), ("fox --seed 2147483647", 2147483647)])
def test_the_seed_reaches_both_ends_of_its_range(line: str, seed: int) -> None:
    """0 is a seed like any other, not a missing one."""
    assert drawn(line).seed == seed


@pytest.mark.parametrize(
    ("line", "extend"),
    [("fox --raw", False), ("fox --extend", True), ("fox --raw --extend", True), ("fox --extend --raw", False)],
)
@pytest.mark.parametrize("default", [True, False])
def test_the_last_word_on_extending_counts(line: str, *, extend: bool, default: bool) -> None:
    """Whatever the deployment's default is."""
    assert drawn(line, extend=default).extend is extend


@pytest.mark.parametrize("dash", ["--", "—", "–", "——"])
@pytest.mark.parametrize(("flag", "prompt"), [("ar 16:9", "fox"), ("ar=16:9", "fox"), ("AR 16:9", "fox")])
def test_a_dash_that_a_phone_made_is_read_as_two(dash: str, flag: str, prompt: str) -> None:
    """`--ar` becomes `—ar` or `–ar` under a phone's thumb, and `——ar` on a Chinese keyboard."""
    request = drawn(f"fox {dash}{flag}")
    assert (request.prompt, request.size) == (prompt, Size(1280, 720))


@pytest.mark.parametrize(
    "line",
    [
        "a fox — red",
        "a fox —lazy, old",
        "a fox —a red one",
        "a fox —in the snow",
        "a forest —no people",
        "a letter —seen from above",
        "rock–paper–scissors",
        "fox-like - very",
        "--",
        "-n 2",
        "a --7 b",
        "well---known",
        "fox,--raw",
    ],
)
def test_dashes_that_start_no_flag_are_prompt(line: str) -> None:
    """Punctuation stays what it is."""
    assert drawn(line).prompt == line


@pytest.mark.parametrize(
    "prompt",
    [
        'a sign that says "--ar 16:9"',
        "a sign that says “--ar 16:9”",
        "ein Schild: „--ar 16:9“",
        "ein Schild: „--ar 16:9”",
        'say"--raw"',
        '"--help"',
        '"--ar" "--nonsense"',
        'a 5" nail and a 6" nail',
        "it's 5 o'clock",
    ],
)
def test_quoted_text_is_prompt_whatever_it_holds(prompt: str) -> None:
    """Straight, curly and German quotes; the flag behind them is still read."""
    request = drawn(f"{prompt} --seed 7")
    assert (request.prompt, request.seed, request.size) == (prompt, 7, Size(1024, 1024))


@pytest.mark.parametrize("line", ['a 5" nail --seed 7', "“a fox --seed 7", "„a fox --seed 7"])
def test_a_quote_that_never_closes_swallows_nothing(line: str) -> None:
    """An inch mark does not turn the flags behind it into prompt."""
    assert drawn(line).seed == 7


def test_space_outside_quotes_is_one_blank() -> None:
    """Lines and tabs become blanks, so that no control character reaches the service."""
    assert drawn("  a\tred\n\nfox\x00 \r\n--seed 7 in   snow ").prompt == "a red fox in snow"
    assert drawn('"two\nlines"').prompt == '"two lines"'


def test_half_a_surrogate_pair_is_dropped() -> None:
    """What no encoder takes cannot reach the service or the database."""
    assert drawn("fox \ud83d hunt").prompt == "fox hunt"
    assert drawn("fox 🦊 hunt").prompt == "fox 🦊 hunt"


@pytest.mark.parametrize("line", ["", "   ", "\n", '""', "“”", '"" "  "', '"\u3000"', "--seed 7", "\x00"])
def test_nothing_to_draw_is_said(line: str) -> None:
    """Blanks, empty quotes and flags alone are no prompt."""
    assert read(line) == EmptyPrompt()


def test_the_prompt_may_have_exactly_800_characters() -> None:
    """One more is refused, for the service would cut it in silence; flags do not count."""
    assert MAX_PROMPT == 800
    assert drawn("狐" * 800 + " --seed 7 --raw").prompt == "狐" * 800
    assert read("狐" * 801) == PromptTooLong(length=801)


@pytest.mark.parametrize("line", ["--help", "a fox --help", "--help --seed nonsense", "—help"])
def test_help_wins_over_everything_that_can_be_read(line: str) -> None:
    """Whoever asks for help needs no prompt and no correct values."""
    assert read(line) == HelpWanted()


@pytest.mark.parametrize(
    ("line", "flag", "value"),
    [
        ("fox --ar 5:4", "ar", "5:4"),
        ("fox --ar wide", "ar", "wide"),
        ("fox --ar", "ar", None),
        ("fox --ar --raw", "ar", None),
        ("fox --ar=", "ar", ""),
        ('fox --ar ""', "ar", ""),
        ("fox --aspect 5:4", "ar", "5:4"),
        ("fox --size huge", "size", "huge"),
        ("fox --size 511x1024", "size", "511x1024"),
        ("fox --size 1024x2049", "size", "1024x2049"),
        ("fox --size 0x0", "size", "0x0"),
        ("fox --size 1024", "size", "1024"),
        ("fox --size 999999x1024", "size", "999999x1024"),
        ("fox --seed -1", "seed", "-1"),
        ("fox --seed 2147483648", "seed", "2147483648"),
        ("fox --seed 1.5", "seed", "1.5"),
        ("fox --seed \u0667", "seed", "\u0667"),
        ("fox --seed ²", "seed", "²"),
        ("fox --n 0", "n", "0"),
        ("fox --n 5", "n", "5"),
        ("fox --n two", "n", "two"),
        ("fox --n 02", "n", "02"),
        ("fox --raw=yes", "raw", "yes"),
        ("fox --private=", "private", ""),
        ("fox --help=me", "help", "me"),
    ],
)
def test_a_value_that_cannot_be_is_named(line: str, flag: str, value: str | None) -> None:
    """The flag by the name that help uses, and the value as it was typed."""
    assert read(line) == BadValue(flag=flag, value=value)


def test_a_number_of_thousands_of_digits_is_a_bad_value() -> None:
    """Python refuses to convert it; the person is told the same as for any other."""
    digits = "9" * 5000
    assert read(f"fox --seed {digits}") == BadValue(flag="seed", value=digits)


@pytest.mark.parametrize("line", ["fox --size 1280x720 --ar 16:9", "fox --ar 1:1 --size 512x512"])
def test_pixels_and_a_ratio_exclude_each_other(line: str) -> None:
    """Even where they agree: the person meant one of them."""
    assert read(line) == SizeAndRatio()


@pytest.mark.parametrize(
    ("line", "typed", "expected"),
    [
        ("fox --ar 1:1", {"ar": "16:9"}, {"size": Size(1280, 720)}),
        ("fox --aspect 1:1", {"ar": "16:9"}, {"size": Size(1280, 720)}),
        ("fox --size small", {"size": "large"}, {"size": Size(1536, 1536)}),
        ("fox --size nonsense", {"size": "large"}, {"size": Size(1536, 1536)}),
        ("fox --seed 1", {"seed": "2"}, {"seed": 2}),
        ("fox --seed 1", {"seed": "0"}, {"seed": 0}),
        ("fox --n 1", {"n": "3"}, {"count": 3}),
        ("fox --extend", {"raw": ""}, {"extend": False}),
        ("fox --raw", {"extend": ""}, {"extend": True}),
        ("fox", {"private": ""}, {"private": True}),
        ("fox --ar 16:9", {"seed": "2"}, {"size": Size(1280, 720), "seed": 2}),
    ],
)
def test_options_of_the_platforms_own_win(line: str, typed: dict[str, str], expected: dict[str, object]) -> None:
    """A field that was filled in counts more than a flag in the text, and leaves the other flags alone."""
    request = drawn(line, typed)
    assert request.prompt == "fox"
    assert {name: getattr(request, name) for name in expected} == expected


def test_a_typed_option_is_checked_like_a_flag() -> None:
    """The platform's own field is no way round the limits."""
    assert read("fox", {"seed": "-1"}) == BadValue(flag="seed", value="-1")
    assert read("fox", {"n": "5"}) == BadValue(flag="n", value="5")
    assert read("fox", {"ar": "16:9", "size": "1280x720"}) == SizeAndRatio()


@pytest.mark.parametrize(
    ("line", "flag", "suggestion", "corrected"),
    [
        ("fox --szie large", "szie", "size", "fox --size large"),
        ("fox --privat", "privat", "private", "fox --private"),
        ("fox --aspct=16:9 --raw", "aspct", "aspect", "fox --aspect=16:9 --raw"),
        ("fox —privat --seed 7", "privat", "private", "fox --private --seed 7"),
        ('"a --b" fox --Sed 7', "Sed", "seed", '"a --b" fox --seed 7'),
        ("fox --numbr 2 in snow", "numbr", "number", "fox --number 2 in snow"),
        ("fox --sized large —privat --sede=7", "sized", "size", "fox --size large --private --seed=7"),
    ],
)
def test_a_mistyped_flag_is_answered_with_the_line_to_copy(
    line: str, flag: str, suggestion: str, corrected: str
) -> None:
    """Every slip is mended, the rest of the line stays as it was, and the corrected line can be drawn."""
    assert read(line) == UnknownFlag(flag=flag, suggestion=suggestion, corrected=corrected)
    assert isinstance(read(corrected), ImageRequest)


@pytest.mark.parametrize(
    "line", ["fox --no people", "fox --n2", "fox --seeds", "--sede 7", "fox --rawr=5", "fox --sede 7 --quality high"]
)
def test_a_line_that_would_be_refused_again_is_not_offered(line: str) -> None:
    """The nearest flag is named, but nothing is ready to copy that cannot be drawn."""
    answer = read(line)
    assert isinstance(answer, UnknownFlag)
    assert answer.suggestion is not None
    assert answer.corrected is None


@pytest.mark.parametrize("line", ["fox --zzzzzz", "fox --quality=high", "fox --v 6"])
def test_a_flag_like_none_of_ours_gets_no_suggestion(line: str) -> None:
    """Better none than one that was not meant."""
    answer = read(line)
    assert isinstance(answer, UnknownFlag)
    assert (answer.suggestion, answer.corrected) == (None, None)
    assert answer.flag in line


def test_every_flag_is_offered_by_name() -> None:
    """What help lists is what the grammar reads."""
    values = {"ar": " 16:9", "size": " large", "seed": " 7", "n": " 2"}
    for flag in FLAGS:
        assert not isinstance(read(f"fox --{flag}{values.get(flag, '')}"), UnknownFlag | BadValue)
