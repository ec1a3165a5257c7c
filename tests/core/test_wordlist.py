"""Words that a place keeps out of prompts: whole words, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wordlist import LONGEST_WORD, MOST_WORDS, BadWord, TooManyWords, found, from_json, to_json, words_of


@pytest.mark.parametrize(
    ("prompt", "word", "stands"),
    [
        ("a class of asses", "ass", False),
        ("an ASS, drawn", "ass", True),
        ("my_ass_here", "ass", True),
        ("a 🦊ass🦊", "ass", True),
        ("an a\u200bss", "ass", True),
        ("an \uff41\uff53\uff53", "ass", True),
        ("STRASSE", "straße", True),
        ("a\u0332s\u0332s\u0332", "ass", True),
        ("a\u0336s\u0336s\u0336 ", "ass", True),
        ("áss", "ass", False),
        ("cafe\u0301", "café", True),
        ("ÇİRKİN", "çirkin", True),
        ("\u0643\u0640\u0644\u0640\u0628", "\u0643\u0644\u0628", True),
        ("a red, fox", "red fox", True),
        ("a red big fox", "red fox", False),
        ("一个裸体的人", "裸体", True),
        ("裸\u200b体", "裸体", True),
        ("ｱﾀﾞﾙﾄな絵", "アダルト", True),
        ("画ass画", "ass", True),
        ("画class画", "ass", False),
        ("ねこのはだか", "はだか", True),
        ("ภาพเปลือยกาย", "เปลือย", True),
        ("누드를 그려줘", "누드", True),
        ("세미누드", "누드", False),
        ("ass를 그려줘", "ass", True),
        ("class를 그려줘", "ass", False),
        ("K팝은 좋다", "K팝", True),
    ],
)
def test_a_word_is_found_where_it_stands_whole(prompt: str, word: str, *, stands: bool) -> None:
    """Scripts without spaces have no whole words to look for: there it is found anywhere."""
    assert found(prompt, [word]) == (word if stands else None)


@pytest.mark.parametrize(
    ("text", "list_of"),
    [
        ("ass, Ass , two words", ("ass", "two words")),
        ("裸体、血", ("裸体", "血")),
        ("", ()),
        ("ok, !!!", BadWord(word="!!!", limit=LONGEST_WORD)),
        ("x" * 61, BadWord(word="x" * 61, limit=LONGEST_WORD)),
        (",".join(map(str, range(MOST_WORDS + 1))), TooManyWords(limit=MOST_WORDS)),
    ],
)
def test_a_list_is_read_or_refused(text: str, list_of: object) -> None:
    """Each entry once; what could never be found is said."""
    assert words_of(text) == list_of


@given(text=st.text(max_size=80), prompt=st.text())
def test_every_entry_finds_itself(text: str, prompt: str) -> None:
    """Whatever is taken into the list is found in a prompt that is just that, and nothing raises."""
    words = words_of(text)
    found(prompt, [text])
    if isinstance(words, tuple):
        assert all(found(word, [word]) == word for word in words)
        assert from_json(to_json(words)) == words
