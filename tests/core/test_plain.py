"""What is shown of a text is what can be seen of it, on one line, and nothing that changes its neighbours."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.plain import plain

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # left as it is
        ("a red fox, 20 × 30 – “so” 100 %", "a red fox, 20 × 30 – “so” 100 %"),
        ("红狐狸在雪中", "红狐狸在雪中"),
        ("שועל אדום בשלג", "שועל אדום בשלג"),
        ("ثعلب أحمر في الثلج", "ثعلب أحمر في الثلج"),
        ("می\N{ZERO WIDTH NON-JOINER}خواهم", "می\N{ZERO WIDTH NON-JOINER}خواهم"),
        ("क्\N{ZERO WIDTH JOINER}ष", "क्\N{ZERO WIDTH JOINER}ष"),
        ("Phở ngon, Åse e\u0301te\u0301", "Phở ngon, Åse e\u0301te\u0301"),
        ("ཧཱུྃ བཀྲ་ཤིས", "ཧཱུྃ བཀྲ་ཤིས"),
        ("בְּרֵאשִׁ֖ית", "בְּרֵאשִׁ֖ית"),
        ("👩\N{ZERO WIDTH JOINER}🚀 ❤\ufe0f 1\ufe0f\u20e3", "👩\N{ZERO WIDTH JOINER}🚀 ❤\ufe0f 1\ufe0f\u20e3"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "same"),
        # reordering
        ("fox \u202egpj.exe", "fox gpj.exe"),
        ("\u2066a\u2069\u2067b\u2069\u2068c\u2069 \u202ad\u202c", "abc d"),
        ("a\u200eb\u200fc\u061cd", "abcd"),
        # nothing to be seen
        ("@\u200beveryone", "@everyone"),
        ("a\ufeff\u2060\u00adb\u180e\u3164\u115f", "ab"),
        ("a\U000e0068\U000e0069b", "ab"),
        ("\U0001f3f4\U000e0068\U000e0069", "\U0001f3f4"),
        # control characters and lines
        ("a\x00b\x07\x1bc\x7fd\x9fe", "a b c d e"),
        ("a\n# b\r\n> c\u2028d\u2029e\x0bf\x85g\th", "a # b > c d e f g h"),
        ("  a \u3000 b  ", "a b"),
        # half a surrogate pair
        ("a \ud83e fox \udd8a", "a \N{REPLACEMENT CHARACTER} fox \N{REPLACEMENT CHARACTER}"),
        # towers
        ("a" + "\u0301" * 4000 + "b", "a" + "\u0301" * 5 + "b"),
        (
            "a" + "\u0301\N{ZERO WIDTH JOINER}" * 50,
            "a" + "\u0301\N{ZERO WIDTH JOINER}" * 5 + "\N{ZERO WIDTH JOINER}" * 45,
        ),
        ("\u0489" * 800, "\u0489" * 5),
        ("", ""),
        (BIDI, ""),
    ],
)
def test_is_shown_as(text: str, shown: str) -> None:
    """Scripts and emoji stay whole; what hides, reorders or towers goes."""
    assert plain(text) == (text if shown == "same" else shown)


@given(text=st.text(st.one_of(st.sampled_from(BIDI + "\u0301\u0489\x00\n\u200b ab"), st.characters())))
@example(text="\u202e")
def test_whatever_comes_in_nothing_harmful_comes_out(text: str) -> None:
    """One line, no control character, nothing that reorders, at most five marks on a letter; once is enough."""
    shown = plain(text)
    assert not set(shown) & set(BIDI)
    assert all(unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") for character in shown)
    assert len(shown.splitlines()) <= 1
    assert shown == shown.strip()
    assert "\u0301" * 6 not in shown
    assert plain(shown) == shown
    shown.encode()
