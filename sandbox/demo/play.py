"""Playing a script: type, wait, keep the pictures, compare."""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sandbox.cards.album import Album
from sandbox.demo.script import Step
from sandbox.demo.theatre import Theatre
from sandbox.demo.transcript import Transcript
from sandbox.stage import Answer, Ending, Field

# The real service may need a minute where the stand-in needs a second.
_PATIENCE_S: Final = 180


async def play(
    script: Sequence[Step], theatre: Theatre, transcript: Transcript, *, folder: Path, album: Album | None = None
) -> int:
    """Play every step in order; how many did not end as the script says. `album` keeps what README shows."""
    wrong = 0
    seen: dict[str, list[Ending]] = {"discord": [], "slack": []}
    for number, step in enumerate(script, start=1):
        if step.stand_in_only and theatre.dashscope is None:
            transcript.left_out(number, step)
            continue
        started = time.perf_counter()
        try:
            with transcript.waiting(step):
                answer, form, ending = await _done(step, theatre, seen[step.platform], album if step.card else None)
        except TimeoutError as error:
            transcript.fault(f"{number}. {step.title}: {error}")
            wrong += 1
            continue
        took_s = time.perf_counter() - started
        files = await asyncio.to_thread(_keep, folder, number, step, ending)
        names = step.stage(theatre).names()
        seen[step.platform].append(ending)
        transcript.step(number, step, answer, ending, form=form, files=files, took_s=took_s, names=names)
        faults = step.faults(ending)
        for fault in faults:
            transcript.fault(fault)
        wrong += bool(faults)
    return wrong


async def _done(
    step: Step, theatre: Theatre, seen: Sequence[Ending], album: Album | None
) -> tuple[Answer | None, dict[str, Field], Ending]:
    """The first answer, if there is one; the form that opened, as it was before it was filled in; and the ending."""
    if step.is_typed:
        typed = await step.type(theatre)
        answer = await typed.answer()
        return answer, {}, await typed.ending(within_s=_PATIENCE_S)
    names = step.stage(theatre).names()
    watching, fields = await step.gesture(theatre, seen), {}
    if step.fills:
        form = await watching.form()
        fields = form.fields
        if album is not None:
            album.keep(form.shown, names)
        watching = await form.submit(step.fills)
    ending = await watching.read(pictures=step.pictures or 0, within_s=_PATIENCE_S)
    if album is not None:
        album.keep(step.stage(theatre).shown(ending), names)
    return None, fields, ending


def _keep(folder: Path, number: int, step: Step, ending: Ending) -> list[Path]:
    slug = re.sub(r"[^a-z0-9]+", "-", step.line.lower().partition(" --")[0])[:24].strip("-")
    files = []
    for n, data in enumerate(ending.pictures, start=1):
        path = folder / f"{number}-{slug}{f'-{n}' if len(ending.pictures) > 1 else ''}.png"
        path.write_bytes(data)
        files.append(path)
    for name, data in ending.files.items():
        path = folder / f"{number}-{name}"
        path.write_bytes(data)
        files.append(path)
    return files
