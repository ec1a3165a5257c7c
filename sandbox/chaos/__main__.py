"""`python -m sandbox.chaos`: kill the real bot some hundred times, and count what was lost."""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox.arguments import at_least
from sandbox.chaos.plan import plan
from sandbox.chaos.report import Report
from sandbox.chaos.run import run
from sandbox.process import BotFailedError


def main(argv: Sequence[str] | None = None) -> None:
    """Exit with 0 only if no rule was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.chaos",
        description="Kill the bot (SIGKILL) while it serves commands between stand-ins of the three services, start it "
        "again, and check that everything accepted is delivered or refunded, once, for the right price.",
    )
    parser.add_argument("--kills", type=at_least(0), default=300, help="kills at chosen moments (%(default)s)")
    parser.add_argument(
        "--random", type=at_least(0), default=100, help="kills at random, with people typing (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=7, help="another seed, another plan (%(default)s)")
    parser.add_argument("--lanes", type=at_least(1), default=4, help="bots at a time (%(default)s)")
    parser.add_argument("--out", type=Path, help="an empty or new folder to keep logs and databases in")
    arguments = parser.parse_args(argv)
    if arguments.kills + arguments.random == 0:
        parser.error("without --kills and without --random nothing would be tested")
    if arguments.out:
        try:
            arguments.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            parser.error(f"{arguments.out} cannot be made a folder: {error.strerror}")
        if any(arguments.out.iterdir()):
            parser.error(f"{arguments.out} is not empty, perhaps from an earlier run; name a new folder")
    logging.getLogger("aiohttp.server").addFilter(_not_on_order)
    batches = plan(kills=arguments.kills, loads=arguments.random, seed=arguments.seed)
    report = Report(planned=arguments.kills + arguments.random)
    folder = arguments.out.resolve() if arguments.out else Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        asyncio.run(run(batches, lanes=arguments.lanes, folder=folder, report=report))
    except* BotFailedError as failed:
        sys.exit(f"The bot does not come up any more: {failed.exceptions[0]}")
    report.table()
    if report.failures:
        sys.exit(f"{report.failures} rules broken. Logs and databases: {folder}")
    if not arguments.out:
        shutil.rmtree(folder)


def _not_on_order(record: logging.LogRecord) -> bool:
    """The connections that were cut on order are no news."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionResetError))


if __name__ == "__main__":
    main()
