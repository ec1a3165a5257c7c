"""Discord's markup: nothing of a person's text is read as markup, and nothing is larger than Discord takes."""

import re

import discord
import pytest
from deliveries import delivery, generation
from hypothesis import example, given
from hypothesis import strategies as st

from adapters import captions, text
from adapters.discord import render
from adapters.sentences import Code, Moment
from adapters.uploads import uploads
from bot.model import Reason
from bot.prompt import BadValue, Invalid, PromptTooLong, UnknownFlag
from sandbox.discord.embeds import check_embeds
from sandbox.discord.errors import FormErrors

MARKUP = "\\*_~|`[]()<>@#-+: \n!&0aé\N{FOX FACE}"
EVIL = st.text(alphabet=st.one_of(st.sampled_from(MARKUP), st.characters(codec="utf-8")), max_size=800)
WORST = "*_`~|\\[<" * 100
NOTES = ["3 of 4 pictures could not be drawn. Your 6 credits are back.", "Compressed.", "It comes to you."]


def unescaped(rendered: str) -> str:
    """What a reader sees of text that has no markup in it; an AssertionError if some is left."""
    rendered = rendered.replace("\N{ZERO WIDTH SPACE}", "")
    seen, at = [], 0
    while at < len(rendered):
        if rendered[at] == "\\":
            at += 1
        else:
            assert rendered[at] not in "*_~|`[<", f"{rendered[at]} at {at} is markup"
        seen.append(rendered[at])
        at += 1
    return "".join(seen)


@given(words=EVIL)
@example(words="[a](https://one.example) and [b](https://two.example)")
@example(words=r"[x](y) \\[c](d)")
@example(words="https://example.com/[a](https://two.example)")
@example(words=r"\*not bold\*")
def test_text_of_a_person_is_shown_as_typed(words: str) -> None:
    """Every character arrives, and none of them as markup."""
    assert unescaped(render.escaped(words)) == words.replace("\N{ZERO WIDTH SPACE}", "")


@pytest.mark.parametrize(
    "words", ["# shouted", "> quoted", "- listed", "-# small", "+ listed", "a\n  ## b", "a\n>>> b"]
)
def test_a_line_cannot_begin_as_a_heading_a_quote_or_a_list(words: str) -> None:
    """Those count at the beginning of a line only; elsewhere they are left as they are."""
    for line in render.escaped(words).splitlines():
        assert not re.match(r"\s*[-+#>]", line)
    assert render.escaped("a red-hot fox #1 > 2") == "a red-hot fox #1 > 2"


@pytest.mark.parametrize(
    "words", ["@everyone", "@here", "<@12345678901234567>", "<@!12345678901234567>", "<@&12345678901234567>"]
)
def test_a_mention_in_text_is_none(words: str) -> None:
    """Even if a message were sent without disabling mentions."""
    rendered = render.escaped(words)
    assert words not in rendered
    assert not re.search(r"@(everyone|here)|<@!?\d", rendered)


def test_a_point_in_time_is_shown_in_the_readers_zone() -> None:
    """Discord counts seconds."""
    assert render.sentence(("back ", Moment(1_900_000_000_999), ".")) == "back <t:1900000000:R>."


def test_text_of_ours_around_spans_is_escaped_too() -> None:
    """A mistyped value may be part of it."""
    assert render.sentence(("The flag cannot be “*big*”",)) == r"The flag cannot be “\*big\*”"


@given(words=EVIL)
@example(words="````")
@example(words="``` @everyone")
@example(words="a`")
def test_code_is_one_block_whatever_stands_in_it(words: str) -> None:
    """Shown as typed; the text cannot leave its block."""
    rendered = render.sentence((Code(words),))
    assert rendered.startswith("\n```\n")
    assert rendered.endswith("\n```")
    inside = rendered[len("\n```\n") : -len("\n```")]
    assert "```" not in inside
    assert inside.replace("\N{ZERO WIDTH SPACE}", "") == words.replace("\N{ZERO WIDTH SPACE}", "")


@pytest.mark.parametrize("fill", ["x", "`", "*", "\\", "@everyone "])
@pytest.mark.parametrize(
    "invalid",
    [
        lambda fill: BadValue(flag="size", value=fill * 6000),
        lambda fill: UnknownFlag(flag=fill * 6000, suggestion=None, corrected=None),
        lambda fill: UnknownFlag(flag="_private_private_", suggestion="private", corrected=fill * 6000),
    ],
    ids=["value", "flag", "line"],
)
def test_a_refusal_fits_into_a_message_whatever_was_typed(invalid: object, fill: str) -> None:
    """An option takes 6000 characters, a message 2000; a block that is begun is closed."""
    assert callable(invalid)
    made: Invalid = invalid(fill)
    rendered = render.sentence(text.invalid(made, command="/imagine", locale="en"))
    assert len(rendered) <= 2000
    assert rendered.count("```") in (0, 2)
    assert rendered.count("```") == 0 or rendered.endswith("\n```")


def test_a_sentence_of_any_length_fits_into_a_message() -> None:
    """A translation may be wordier than anybody thought."""
    assert len(render.sentence(("x" * 1500, Code("y" * 1500)))) == 2000


@given(words=st.lists(EVIL, min_size=6, max_size=6))
@example(words=["*" * 400] * 6)
@example(words=["*" * 1999, "", "@everyone", "\\" * 30, "x", "[a](b)"])
def test_the_longest_texts_make_room_for_the_others(words: list[str]) -> None:
    """Whatever escaping makes of them, what stands at the end is read, and no escape is cut in two."""
    rendered = render.sentence((*words, Moment(1_900_000_000_999), " Next: list page=2"))
    assert len(rendered) <= 2000
    told = rendered.removesuffix("<t:1900000000:R> Next: list page=2")
    assert told != rendered
    unescaped(told)
    short = "".join(render.escaped(typed) for typed in words)
    assert told == short or (len(rendered) > 1900 and "…" in told)
    for typed in words:
        assert len(typed) > 30 or render.escaped(typed) in told


@pytest.mark.parametrize("reason", Reason)
def test_an_ending_fits_into_a_message(reason: Reason) -> None:
    """And so does the help page, in one block."""
    assert len(render.sentence(text.ended(generation(), reason, locale="en"))) <= 2000
    page = render.sentence(text.help_page(command="/imagine", locale="en"))
    assert "…" not in page
    assert page.count("```") == 2
    assert len(render.sentence(text.invalid(PromptTooLong(length=9**99), command="/imagine", locale="en"))) <= 2000


def checked(embed: discord.Embed) -> str:
    """The description of an embed that Discord takes."""
    errors = FormErrors()
    check_embeds(errors, [dict(embed.to_dict())])
    errors.raise_if_any()
    assert embed.description is not None
    return embed.description


@given(
    prompt=EVIL.filter(lambda prompt: prompt.strip()),
    revised=st.lists(st.one_of(st.none(), EVIL), min_size=4, max_size=4),
    notes=st.lists(st.sampled_from(NOTES), max_size=3, unique=True),
)
def test_any_delivery_renders_inside_discords_limits(prompt: str, revised: list[str | None], notes: list[str]) -> None:
    """4096 characters of description, 6000 in all."""
    of = delivery(generation(prompt, count=4), revised=revised)
    description = checked(render.embed(of, notes, locale="en"))
    assert render.escaped(captions.asked(of.generation)) in description
    for note in notes:
        assert note in description


@pytest.mark.parametrize("wording", [WORST * 8, "x" * 6000, "<@12345678901234567>" * 300])
def test_the_longest_delivery_keeps_prompt_and_notes_and_shortens_what_the_model_said(wording: str) -> None:
    """What the person typed and what they have to know come first."""
    of = delivery(generation(WORST, count=4), revised=[f"{n} {wording}" for n in range(4)])
    description = checked(render.embed(of, NOTES, locale="en"))
    assert description.startswith("**Revised prompt**\n1. 0 ")
    assert "…\n\n**Asked for**\n" in description
    assert unescaped(description.partition("**Asked for**\n")[2]) == "\n\n".join((WORST, *NOTES))


def test_a_single_wording_is_not_numbered_and_a_plain_prompt_stands_alone() -> None:
    """No more words than needed."""
    assert checked(render.embed(delivery(revised=["a red fox at dusk"]), [], locale="en")) == (
        "**Revised prompt**\na red fox at dusk\n\n**Asked for**\na red fox"
    )
    assert checked(render.embed(delivery(generation(extend=False)), [], locale="en")) == "a red fox"


def test_facts_stand_in_the_footer() -> None:
    """Four seeds of ten digits fit by far."""
    embed = render.embed(delivery(generation(count=4, seed=2_000_000_000)), [], locale="en")
    assert embed.footer.text == (
        "1024×1024 · seeds 2000000000, 2000000001, 2000000002, 2000000003 · 12.3 s · 18 credits left"
    )


def test_files_carry_alt_text_and_are_made_anew_for_each_try() -> None:
    """At most 1024 characters; sending a file uses it up."""
    drawn = uploads(delivery(generation("x" * 800, count=2), revised=[None, "y" * 1500]))
    first, second = render.files(drawn), render.files(drawn)
    assert [file.description for file in first] == ["x" * 800, "y" * 1023 + "…"]
    assert first[0].fp.read() == second[0].fp.read() == drawn[0].data
    assert not first[0].spoiler
