"""A report's picture comes whatever people are called, holds up nobody, and fails in one way only."""

import asyncio
import io
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hostile import HOSTILE
from pauses import longest_pause_s
from PIL import Image, ImageColor

from adapters import charts
from adapters.charts import Chart, ChartFailed, Charts

DELIVERED, GIVEN_BACK, UNDER_WAY = map(ImageColor.getrgb, ("#5B5BD6", "#C9C9E8", "#F2B84B"))

NASTY_NAMES = [
    "山田太郎" * 20,
    "$\\frac{$ and $x^2",
    "W" * 300,
    "🦊 fox",
    "_leading underscore",
    "{}%s\\n",
    HOSTILE["everyone"],
    HOSTILE["zalgo"],
    "أحمر",
    "",
]


def chart(*, days: int = 3, people: tuple[tuple[str, int], ...] = (("Ann", 12), ("Bob", 3))) -> Chart:
    """A chart of `days` days, with something of every series on each of them."""
    first = date(2027, 1, 1)
    return Chart(
        title="Credits spent here",
        subtitle="15 credits delivered ($0.10)",
        axis="credits",
        dates=[(first + timedelta(days=n)).isoformat() for n in range(days)],
        series={"delivered": [7] * days, "given back": [3] * days, "under way": [2] * days},
        people_title="Top ten people",
        people=people,
    )


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    return picture.convert("RGB")


def share(picture: Image.Image, colour: tuple[int, ...]) -> float:
    """How much of the picture has exactly this colour, from 0 to 1."""
    counts = {shade: count for count, shade in picture.getcolors(1 << 24) or ()}
    return counts.get(colour, 0) / (picture.width * picture.height)


async def test_a_report_is_a_picture_that_fits_a_message() -> None:
    """Of a size that both platforms show whole, with all three outcomes in it."""
    png = await Charts().draw(chart())
    picture = opened(png)
    assert picture.size == (1320, 576)
    assert len(png) < 500_000
    for colour in (DELIVERED, GIVEN_BACK, UNDER_WAY):
        assert share(picture, colour) > 0.01


async def test_a_whole_year_and_any_names_can_be_seen() -> None:
    """Bars a pixel wide are still bars; names are shown as they are, and leave the days their room."""
    people = tuple((name, 100 - n) for n, name in enumerate(NASTY_NAMES))
    picture = opened(await Charts().draw(chart(days=366, people=people)))
    days = picture.crop((0, 0, picture.width * 45 // 100, picture.height))
    assert share(days, DELIVERED) > 0.05
    assert share(days, GIVEN_BACK) > 0.01


async def test_one_day_without_people_can_be_drawn() -> None:
    """Everything was given back: nobody was charged, so there are no top ten."""
    nothing = replace(chart(days=1, people=()), series={"delivered": [0], "given back": [4], "under way": [0]})
    picture = opened(await Charts().draw(nothing))
    assert share(picture, GIVEN_BACK) > 0.01
    assert share(picture, DELIVERED) == 0


async def test_nobody_waits_while_it_is_drawn() -> None:
    """The interpreter that draws is another one."""
    assert await longest_pause_s(lambda: Charts().draw(chart(days=366)), bound_s=0.1) < 0.1


@pytest.mark.parametrize(
    ("name", "columns"),
    [("Ann", 3), ("x" * 24, 24), ("x" * 25, 24), ("山" * 12, 24), ("山" * 13, 23), ("x" + "山" * 30, 24), ("", 0)],
)
def test_a_name_keeps_to_its_columns(name: str, columns: int) -> None:
    """Where it is cut an ellipsis says so; wide characters count twice."""
    short = charts._short(name)  # noqa: SLF001 - only pixels would show it otherwise
    assert sum(2 if character == "山" else 1 for character in short) == columns
    assert short == name or short.endswith("…")


@pytest.mark.parametrize(
    ("script", "says"),
    [("raise SystemExit('no such font')", "no such font"), ("raise MemoryError", "MemoryError"), ("exit(3)", "")],
)
async def test_a_process_that_dies_is_a_chart_that_failed(script: str, says: str) -> None:
    """With its own last words, for the log."""
    with pytest.raises(ChartFailed) as caught:
        await Charts(program=(sys.executable, "-c", script)).draw(chart())
    assert str(caught.value) == says


async def test_a_process_that_cannot_be_started_is_a_chart_that_failed() -> None:
    """As on a machine without memory for another one."""
    with pytest.raises(ChartFailed, match="no process to draw in"):
        await Charts(program=("/nowhere/python",)).draw(chart())


async def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next chart is drawn all the same."""
    monkeypatch.setattr(charts, "_PATIENCE_S", 0.1)
    with pytest.raises(ChartFailed, match="no picture within"):
        await Charts(program=(sys.executable, "-c", "import time; time.sleep(600)")).draw(chart())


async def test_a_chart_that_nobody_waits_for_any_more_gives_way_to_the_next() -> None:
    """A stop of the bot cancels it; neither the process nor its turn is left behind."""
    drawing = Charts(program=(sys.executable, "-c", "import sys; sys.stdin.read(); print(end='drawn')"))
    async with asyncio.timeout(20):
        first = asyncio.create_task(drawing.draw(chart()))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await drawing.draw(chart()) == b"drawn"
