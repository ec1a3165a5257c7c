"""The size table is the service's, and nothing else is let through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Size
from bot.sizes import MAX_SIDE, MIN_SIDE, RATIOS, SIZES, Tier, allowed, larger

# Copied from the service's reference, upright shapes and lying ones each written out.
TABLE = """
1:1   1024*1024  1280*1280  1536*1536
2:3   832*1248   1024*1536  1248*1872
3:2   1248*832   1536*1024  1872*1248
3:4   864*1152   1104*1472  1296*1728
4:3   1152*864   1472*1104  1728*1296
9:16  720*1280   864*1536   1152*2048
16:9  1280*720   1536*864   2048*1152
7:9   896*1152   1120*1440  1344*1728
9:7   1152*896   1440*1120  1728*1344
9:21  576*1344   720*1680   864*2016
21:9  1344*576   1680*720   2016*864
"""

ROWS = {cells[0]: cells[1:] for cells in (line.split() for line in TABLE.split("\n") if line)}


@pytest.mark.parametrize(("ratio", "sizes"), ROWS.items())
def test_every_ratio_has_the_sizes_of_the_table(ratio: str, sizes: list[str]) -> None:
    """Small, medium and large are the service's own figures."""
    for tier, size in zip((Tier.SMALL, Tier.MEDIUM, Tier.LARGE), sizes, strict=True):
        width, height = size.split("*")
        assert SIZES[ratio, tier] == Size(int(width), int(height))


def test_ratios_and_sizes_are_exactly_the_table() -> None:
    """A ratio that people are offered has sizes, and no other is known."""
    assert set(RATIOS) == set(ROWS)
    assert len(RATIOS) == len(set(RATIOS))
    assert set(SIZES) == {(ratio, tier) for ratio in ROWS for tier in Tier}


@pytest.mark.parametrize("key", SIZES, ids=lambda key: f"{key[0]}-{key[1]}")
def test_every_size_has_its_shape_and_may_be_drawn(key: tuple[str, Tier]) -> None:
    """The table holds no size that the service would refuse, and none far from the ratio it stands for."""
    size = SIZES[key]
    across, down = map(int, key[0].split(":"))
    assert allowed(size)
    assert size.width / size.height == pytest.approx(across / down, rel=0.01)


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        (Size(512, 512), True),
        (Size(2048, 2048), True),
        (Size(512, 2048), True),
        (Size(511, 2048), False),
        (Size(2048, 511), False),
        (Size(2049, 512), False),
        (Size(512, 2049), False),
        (Size(0, 0), False),
    ],
    ids=str,
)
def test_both_sides_are_held_to_the_limits(size: Size, *, drawn: bool) -> None:
    """512 to 2048 pixels a side, both ends included."""
    assert allowed(size) is drawn


@given(width=st.integers(0, 3000), height=st.integers(0, 3000))
def test_what_is_allowed_stays_inside_the_services_total(width: int, height: int) -> None:
    """The service limits the pixels altogether, 512² to 2048²: our limit a side is never wider."""
    if allowed(Size(width, height)):
        assert 512**2 <= width * height <= 2048**2
        assert MIN_SIDE <= min(width, height) <= max(width, height) <= MAX_SIDE


@pytest.mark.parametrize("key", SIZES, ids=str)
def test_larger_is_the_next_tier_of_the_same_ratio(key: tuple[str, Tier]) -> None:
    """Step by step to the largest, which has no next; no size belongs to two ratios."""
    ratio, tier = key
    tiers = list(Tier)
    following = tiers[tiers.index(tier) + 1 :]
    assert larger(SIZES[key]) == (SIZES[ratio, following[0]] if following else None)


@given(width=st.integers(0, 3000), height=st.integers(0, 3000))
def test_pixels_of_ones_own_have_no_next_size(width: int, height: int) -> None:
    """Nobody could say what it would be."""
    size = Size(width, height)
    assert size in SIZES.values() or larger(size) is None
