"""The transcript that a person reads: who typed what where, when the answer came, what was posted back."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sandbox.demo.script import Step
from sandbox.demo.thumbnail import thumbnail
from sandbox.stage import Answer, Ending, Field

_WIDTH: Final = 100
_THUMBNAIL: Final = 44
_THUMBNAIL_ROWS: Final = 13
_MINUTE_S: Final = 60
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (_MINUTE_S, "minute"))
_FROM: Final = 2
"""Of a unit there have to be so many, else the smaller one tells more."""
_PLATFORM: Final = {"discord": ("Discord", "#5865f2"), "slack": ("Slack", "#e8a33d")}


class Transcript:
    """Prints as the script goes; `save_svg` keeps what was printed as a picture."""

    def __init__(self, *, record: bool = False) -> None:
        self._console = Console(width=_WIDTH, record=record, highlight=False)

    def opening(self, *, drawn_by: str) -> None:
        """What is about to be seen."""
        self._console.print()
        self._console.print(Text("/imagine", style="bold"), "on Discord and Slack. Pictures drawn by", drawn_by)
        self._console.print()

    def step(
        self,
        number: int,
        step: Step,
        answer: Answer | None,
        ending: Ending,
        *,
        form: Mapping[str, Field],
        files: Sequence[Path],
        took_s: float,
        names: Mapping[str, str],
    ) -> None:
        """One command and what came of it; `names` are those of people, by id."""
        name, colour = _PLATFORM[step.platform]
        head = Text.assemble((f"{name} ", f"bold {colour}"), ((answer or ending).place, "dim"), f"  {step.who}: ")
        head.append(step.command, style="bold")
        head.append(f" {step.line}" if step.line else "")
        for option, value in step.options.items():
            head.append(f"  {option}:", style="dim")
            head.append(str(value))
        parts: list[RenderableType] = [head]
        if form:
            parts.append(_form(form, step.fills))
        if answer is not None and answer.text and answer.text not in ending.lines:
            parts.append(Text(f"{answer.text}  (after {_time(answer.after_s)})", style="italic dim"))
            parts += [_pressable(answer.buttons)] if answer.buttons else []
        parts.append(_shown(ending, files, _time(took_s), names))
        self._console.print(
            Panel(Group(*parts), title=f"{number}. {step.title}", title_align="left", border_style=colour)
        )

    def waiting(self, step: Step) -> AbstractContextManager[object]:
        """Shows, in a terminal, that something is under way."""
        return self._console.status(f"{step.who}: {step.command} {step.line}", spinner="dots")

    def left_out(self, number: int, step: Step) -> None:
        """A step that only the stand-in can play."""
        self._console.print(f"  {number}. {step.title}: left out, since the real service draws", style="dim")

    def fault(self, words: str) -> None:
        """Something is not as the script says."""
        self._console.print(f"  ✗ {words}", style="bold red")

    def closing(self, *, wrong: int | None, folder: Path) -> None:
        """How it went (None: there was no script to compare with), and where everything lies."""
        if wrong == 0:
            self._console.print(Text("Every step ended as the script says.", style="bold green"))
        elif wrong is not None:
            self._console.print(Text(f"Not as the script says: {wrong} steps.", style="bold red"))
        self._console.print(f"Pictures, database and the bot's log: {_path(folder)}/", soft_wrap=True)

    def cards(self, kept: Sequence[Path]) -> None:
        """Where the pictures of messages are, or the pages that a browser makes them of."""
        told = (
            "Cards" if all(path.suffix == ".png" for path in kept) else "Cards, as web pages since there is no chromium"
        )
        self._console.print(f"{told}: {', '.join(map(_path, kept))}", soft_wrap=True)

    def save_svg(self, path: Path) -> None:
        """Keep what was printed as a picture."""
        self._console.save_svg(str(path), title="make demo")


def _form(fields: Mapping[str, Field], changed: Mapping[str, str]) -> RenderableType:
    """A form: what stood in each field, and what was changed."""
    table = Table.grid(padding=(0, 2, 0, 2))
    for label, field in fields.items():
        value = Text(field.value or "–")
        if label in changed:
            value.append(f"  →  {changed[label]}", style="bold")
        table.add_row(Text(label, style="dim"), value)
    return table


def _pressable(labels: Sequence[str]) -> Text:
    """A row of buttons."""
    return Text(" ").join(Text(f" {label} ", style="reverse") for label in labels)


def _chosen(fields: Mapping[str, Field]) -> RenderableType:
    """What can be chosen from, and what is chosen."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for label, field in fields.items():
        table.add_row(Text(label, style="dim"), Text(f" {field.value} ▾ ", style="reverse"))
    return table


def _shown(ending: Ending, files: Sequence[Path], after: str, names: Mapping[str, str]) -> RenderableType:
    words = Table.grid(padding=(0, 0, 1, 0))
    for line in ending.lines:
        # A menu's label stands beside it, below.
        if line not in ending.fields:
            words.add_row(Text(_as_shown(line, names)))
    for row in ending.rows:
        words.add_row(_pressable(row))
    if ending.fields:
        words.add_row(_chosen(ending.fields))
    who = "only you see this" if ending.private else "posted"
    words.add_row(Text(f"{who} in {ending.place} after {after}", style="dim"))
    for file in files:
        words.add_row(Text(_path(file), style="dim", overflow="fold"))
    if not ending.pictures:
        return words
    columns = Table.grid(padding=(0, 2 if len(ending.pictures) == 1 else 1, 0, 0))
    if len(ending.pictures) == 1:
        columns.add_row(thumbnail(ending.pictures[0], width=_THUMBNAIL, most_rows=_THUMBNAIL_ROWS), words)
        return columns
    width = (_WIDTH - 8) // len(ending.pictures) - 1
    columns.add_row(*(thumbnail(png, width=width, most_rows=_THUMBNAIL_ROWS) for png in ending.pictures))
    return Group(columns, words)


def _as_shown(line: str, names: Mapping[str, str]) -> str:
    """A line without its markup, as the platforms show it; `names` are those of people, by id."""
    line = re.sub(r"<t:(\d+):R>", lambda found: _relative(int(found[1])), line)
    line = re.sub(r"<!date\^(\d+)\^[^>]*>", lambda found: _relative(int(found[1])), line)
    line = re.sub(
        r"<https?://[^|>]+\|([^>]*)>|\[([^\]]*)\]\(<https?://[^>]*>\)", lambda found: found[1] or found[2], line
    )
    line = re.sub(r"<@(\w+)>", lambda found: f"@{names.get(found[1], found[1])}", line)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        line = line.replace(entity, character)
    line = re.sub(r"\\([\\*_~|`\[<>#+.-])", r"\1", line.replace("**", ""))
    return line.replace("```", "").strip()


def _relative(at_s: int) -> str:
    away_s = abs(at_s - time.time())
    if away_s < _MINUTE_S:
        return "just now"
    size, unit = next((size, unit) for size, unit in _UNITS if away_s >= _FROM * size or unit == "minute")
    count = round(away_s / size)
    told = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {told}" if at_s > time.time() else f"{told} ago"


def _path(path: Path) -> str:
    """As short as it can be typed."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
