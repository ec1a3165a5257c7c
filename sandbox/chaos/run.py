"""The whole plan, on several lanes at once."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.chaos.lane import Lane
from sandbox.chaos.plan import Batch
from sandbox.chaos.report import LOAD, Report


async def run(batches: Sequence[Batch], *, lanes: int, folder: Path, report: Report) -> None:
    """Play every batch in a folder of its own below `folder`, `lanes` of them at a time."""
    started, waiting = time.monotonic(), list(enumerate(batches))

    async def work() -> None:
        while waiting:
            number, batch = waiting.pop(0)
            place = folder / f"{number:03}"
            place.mkdir(parents=True)
            await play(batch, place, report)
            report.progress(batch.ground.name, seconds=time.monotonic() - started)

    async with asyncio.TaskGroup() as group:
        for _ in range(lanes):
            group.create_task(work())


async def play(batch: Batch, folder: Path, report: Report) -> None:
    """Play one batch."""
    name = batch.ground.name
    async with Lane.open(batch.ground, folder) as lane:
        for kill in batch.kills:
            report.add(kill.moment.name, name, await lane.kill_at(kill))
        for after_s in batch.loads:
            await lane.kill_under_load(after_s)
        if batch.loads:
            report.add(LOAD, name, await lane.settle(), kills=len(batch.loads))
