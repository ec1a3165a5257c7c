"""A report's picture, drawn by matplotlib in a process of its own.

The library needs more memory than the whole bot, and would hold the interpreter while it draws: a process gives both
back. `python -m adapters.charts` reads a chart as JSON and writes its PNG.
"""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PATIENCE_S: Final = 60.0
_NAME: Final = 24
_TICKS: Final = 8
_PEOPLE: Final = 10
# Distinguishable without colour, too: each series has a hatch of its own.
_COLOURS: Final = ("#5B5BD6", "#C9C9E8", "#F2B84B")
_HATCHES: Final = ("", "//", "..")
_FONTS: Final = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei")


class ChartFailed(Exception):
    """The picture could not be drawn; the message is the process's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Credits a day, stacked by outcome, beside the people who spent most. Words come ready to be shown."""

    title: str
    subtitle: str
    axis: str
    dates: Sequence[str]
    series: Mapping[str, Sequence[int]]
    people_title: str
    people: Sequence[tuple[str, int]]

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


class Charts:
    """Draws one chart at a time, outside this process."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def draw(self, chart: Chart) -> bytes:
        """The PNG; `ChartFailed` if there is none within a minute."""
        async with self._one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", __spec__.name),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    png, complaints = await process.communicate(json.dumps(asdict(chart)).encode())
            except TimeoutError:
                raise ChartFailed(f"no picture within {_PATIENCE_S:.0f} s") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            if process.returncode != 0:
                raise ChartFailed(complaints.decode(errors="replace").strip().rpartition("\n")[2])
            return png


def _png(chart: Chart) -> bytes:
    # Only the process that draws may pay for this import.
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it names each of the fonts that is not installed
    out = io.BytesIO()
    # No user text may be read as mathematics: a name can hold dollars.
    with rc_context({"font.family": list(_FONTS), "font.size": 10, "text.parse_math": False}):
        figure = Figure(figsize=(11, 4.8), dpi=120, layout="constrained")
        by_day, by_person = figure.subplots(1, 2, width_ratios=(3, 2))
        figure.suptitle(f"{chart.title}\n{chart.subtitle}", fontsize=12, x=0.02, ha="left")
        _days(by_day, chart)
        _people(by_person, chart)
        figure.savefig(out, format="png")
    return out.getvalue()


def _days(axes: "Axes", chart: Chart) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    base = [0] * len(chart.dates)
    places = range(len(chart.dates))
    for (label, values), colour, hatch in zip(chart.series.items(), _COLOURS, _HATCHES, strict=True):
        if any(values):
            axes.bar(places, values, bottom=base, label=label, color=colour, hatch=hatch, edgecolor="white", width=0.85)
            base = [low + value for low, value in zip(base, values, strict=True)]
    step = -(-len(chart.dates) // _TICKS)
    shown = places[::-1][::step][::-1]
    axes.set_xticks(list(shown), [chart.dates[place][5:] for place in shown])
    axes.set_ylabel(chart.axis)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)


def _people(axes: "Axes", chart: Chart) -> None:
    names = [name if len(name) <= _NAME else name[: _NAME - 1] + "…" for name, _ in chart.people]
    bars = axes.barh(range(len(names)), [spent for _, spent in chart.people], color=_COLOURS[0])
    axes.bar_label(bars, fmt="{:,.0f}", padding=3)
    axes.set_yticks(range(len(names)), names)
    # From the top, with room for ten: one person alone would fill the picture.
    axes.set_ylim(_PEOPLE - 0.5, -0.5)
    axes.set_title(chart.people_title, loc="left", fontsize=10)
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.margins(x=0.15)


if __name__ == "__main__":
    sys.stdout.buffer.write(_png(Chart.from_json(sys.stdin.read())))
