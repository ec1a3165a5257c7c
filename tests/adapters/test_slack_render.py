"""Slack's markup: three characters are escaped, nothing pings, and every block is one that Slack takes."""

import re
from typing import Any

import pytest
from deliveries import delivery, generation
from hypothesis import example, given
from hypothesis import strategies as st

from adapters import text
from adapters.sentences import Code, Moment
from adapters.slack import render
from adapters.uploads import uploads
from bot.model import Delivery, Reason
from bot.prompt import BadValue, UnknownFlag
from sandbox.slack.blocks import BlockCheck
from sandbox.slack.mentions import pings

MARKUP = "&<>!@#|*_~`{}^: \naUC0é\N{FOX FACE}"
EVIL = st.text(alphabet=st.one_of(st.sampled_from(MARKUP), st.characters(codec="utf-8")), max_size=800)
PING = "<!channel> <@U012ABCDEF> <!subteam^S1> <!here|here>"
NOTES = ["3 of 4 pictures could not be drawn. Your 6 credits are back.", "Compressed.", "It comes to you."]


def blocks_of(of: Delivery, notes: list[str]) -> list[dict[str, Any]]:
    """The blocks of a delivery whose files Slack holds; an AssertionError if Slack would not take them."""
    files = [(upload, f"F0SBX00000{upload.n}") for upload in uploads(of)]
    blocks = render.blocks(of, files, notes, user_id="U0SOMEONE")
    check = BlockCheck(blocks, showable=lambda reference: str(reference["id"]))
    assert check.errors == []
    assert check.file_ids == [file_id for _, file_id in files]
    return blocks


@given(words=EVIL)
@example(words=PING)
@example(words="&lt;!channel&gt;")
def test_text_of_a_person_is_shown_as_typed(words: str) -> None:
    """Undoing Slack's three entities gives it back, and nothing in it pings."""
    rendered = render.escaped(words)
    assert rendered.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == words
    assert "<" not in rendered
    assert pings(rendered, []) == []


@given(words=EVIL)
@example(words="```")
@example(words="*b* _i_ ~s~ `c`")
@example(words=PING)
def test_text_of_a_person_changes_no_line_but_its_own(words: str) -> None:
    """Nothing in a sentence opens or closes a style; what stands there instead looks the same."""
    rendered = render.sentence((words, Code("/imagine a_b"), words))
    before, _, after = rendered.partition("\n```/imagine a_b```")
    assert before == after
    assert not set("`*_~") & set(before)
    looks_like = str.maketrans("\u02cb\u2217\u02cd\u223c", "`*_~")
    assert before.translate(looks_like) == render.escaped(words).translate(looks_like)


@given(words=EVIL)
@example(words="````")
@example(words="``` " + PING)
@example(words="a`")
def test_code_is_one_block_whatever_stands_in_it(words: str) -> None:
    """The text cannot leave its block, and pings nobody in it."""
    rendered = render.sentence((Code(words),))
    assert rendered.startswith("\n```")
    assert rendered.endswith("```")
    inside = rendered[len("\n```") : -len("```")]
    assert "```" not in inside
    assert not inside.endswith("`")
    assert pings(rendered, []) == []


@given(words=st.text(alphabet="&<>`a ", max_size=4000))
@example(words="&" * 4000)
def test_code_ends_within_its_section(words: str) -> None:
    """A section cuts what is too long for it, and an end that is cut off would leave the block open."""
    [block] = render.said(("Draw all of these pictures?\n", Code(words)))["blocks"]
    shown = block["text"]["text"]
    assert shown.endswith("```")
    assert re.fullmatch(r"(?:[^&<>]|&(?:amp|lt|gt);)*", shown)


def test_a_point_in_time_is_shown_in_the_readers_zone() -> None:
    """With UTC for clients that cannot."""
    rendered = render.sentence((Moment(1_900_000_000_999),))
    assert rendered == "<!date^1900000000^{date_short_pretty}, {time}|2030-03-17 17:46 UTC>"


@pytest.mark.parametrize("fill", ["x", "`", "&", PING])
def test_a_refusal_fits_into_a_message_whatever_was_typed(fill: str) -> None:
    """Slack cuts text at 40,000 characters, which would leave a block open."""
    for invalid in (
        BadValue(flag="size", value=fill * 4000),
        UnknownFlag(flag="sede", suggestion="seed", corrected=fill * 4000),
    ):
        rendered = render.sentence(text.invalid(invalid, command="/imagine", locale=None))
        assert len(rendered) <= 40_000
        assert pings(rendered, []) == []
        assert isinstance(invalid, BadValue) or rendered.count("```") == 2


@pytest.mark.parametrize("reason", Reason)
def test_an_ending_is_a_sentence_without_markup(reason: Reason) -> None:
    """Nothing of it needs escaping, so that it reads the same everywhere."""
    sentence = text.ended(generation(), reason, locale=None)
    assert render.sentence(sentence) == sentence[0]


@given(
    prompt=EVIL.filter(lambda prompt: prompt.strip()),
    revised=st.lists(st.one_of(st.none(), EVIL), min_size=4, max_size=4),
    notes=st.lists(st.sampled_from(NOTES), max_size=3, unique=True),
)
@example(prompt=PING, revised=[PING] * 4, notes=NOTES)
def test_any_delivery_renders_into_blocks_that_slack_takes(
    prompt: str, revised: list[str | None], notes: list[str]
) -> None:
    """Inside every limit, and mentioning the requester alone."""
    of = delivery(generation(prompt, count=4), revised=revised)
    blocks = blocks_of(of, notes)
    assert pings(render.notification(of), blocks) == ["U0SOMEONE"]


@pytest.mark.parametrize("wording", ["x" * 6000, "&<>" * 2000])
def test_the_longest_delivery_keeps_pictures_and_notes_and_shortens_the_words(wording: str) -> None:
    """A section takes 3000 characters, a message 50 blocks."""
    of = delivery(generation("&" * 800, count=4), revised=[f"{n} {wording}" for n in range(4)])
    blocks = blocks_of(of, NOTES)
    sections = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert [len(section) for section in sections[:4]] == [3000] * 4
    assert sections[0].startswith(f"Revised prompt: 0 {wording[:10]}")
    assert sections[4:] == NOTES
    assert len(render.notification(of)) <= 40_000


def test_alt_text_is_the_prompt_and_the_title_its_beginning() -> None:
    """Alt text takes 2000 characters, of the model's wording where there is one; it is no markup, so not escaped."""
    of = delivery(generation("a <b> & " + "x" * 700, count=2), revised=[None, "<&>" * 700])
    [image, reworded, *_] = blocks_of(of, [])
    assert reworded["alt_text"] == ("<&>" * 700)[:1999] + "…"
    assert image["alt_text"] == "a <b> & " + "x" * 700
    assert image["title"] == {"type": "plain_text", "text": "a <b> & " + "x" * 191 + "…", "emoji": False}


def test_facts_stand_below_with_the_requester() -> None:
    """One line, the same facts as on Discord."""
    [*_, context] = blocks_of(delivery(generation(count=2)), [])
    assert context["elements"] == [
        {"type": "mrkdwn", "text": "<@U0SOMEONE> · 1024×1024 · seeds 7, 8 · 12.3 s · 18 credits left"}
    ]


def test_a_notification_says_what_was_asked_for() -> None:
    """Screen readers do not look into blocks."""
    assert render.notification(delivery(generation("a fox & <!here>"))) == "Picture: a fox &amp; &lt;!here&gt;"
