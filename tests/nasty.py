"""Strategies for text that nobody types by accident: mentions, fences, reordering, towers, halves of characters."""

from typing import Final

from hostile import BIDI, HOSTILE
from hypothesis import strategies as st

from bot.prompt import FLAGS
from bot.sizes import RATIOS, Tier

_SPELLINGS: Final = ("--{}", "—{}", "–{}", "––{}", "--{}=", "—{}=", "-{}", "--{} ", '--{}="', "--{}:")
_NAMES: Final = (
    *FLAGS,
    "aspect",
    "count",
    "number",
    "sed",
    "sede",
    "privat",
    "extnd",
    "raww",
    "x",
    "\uff21\uff32",
    "n\u0301",
)
_VALUES: Final = (
    *RATIOS,
    *Tier,
    "1280x720",
    "16/9",
    "16\uff1a9",
    "0",
    "4",
    "5",
    "2147483647",
    "2147483648",
    "\u0667",
    "²",
    "-1",
)

# Marks that stack, and what has no width; written as numbers, since no editor shows them.
_TOWERS: Final = "\u0300\u0301\u0327\u0489\u20dd\u20e3\ufe0f\u0f71\u05b0\u0e49"
_UNSEEN: Final = f"{BIDI}\u00ad\u200b\u200c\u200d\u2060\ufeff\u180e\u3164\ufffe\x00\x1b\x7f\x85\u2028\u2029\U000e0041"
_HALVES: Final = "\ud800\udbff\udc00\udfff\ud83e"
_MARKUP: Final = '\\*_~|`[]()<>@#-+:!&"“”„.=1 \n\t'

_flags = st.builds(str.format, st.sampled_from(_SPELLINGS), st.sampled_from(_NAMES))
_odd = st.sampled_from(_TOWERS + _UNSEEN + _HALVES + _MARKUP)
_fragments = st.one_of(
    st.sampled_from(list(HOSTILE.values())),
    _flags,
    st.builds("{} {}".format, _flags, st.sampled_from(_VALUES)),
    st.sampled_from(_VALUES),
    st.text(_odd, max_size=12),
    st.text(max_size=12),
    # Long ones: the whole of an option, a rewrite that does not end.
    st.builds(
        lambda piece, times: piece * times,
        st.one_of(_odd, st.sampled_from(["a ", "狐", "🦊", "```", "&<"])),
        st.sampled_from([7, 100, 400, 799, 801, 4000]),
    ),
)

NASTY: Final = st.builds(str.join, st.sampled_from(["", " ", "\n"]), st.lists(_fragments, max_size=6))
"""From nothing to some ten thousand characters."""

TYPED: Final = st.dictionaries(
    st.sampled_from(FLAGS), st.one_of(st.sampled_from(_VALUES), st.text(_odd, max_size=4)), max_size=2
)
"""Options that a platform hands over as fields."""
