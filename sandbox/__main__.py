"""`python -m sandbox`: the real bot between stand-ins of the three services, and a transcript to read."""

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.cards.album import Album
from sandbox.demo.play import play
from sandbox.demo.script import QUOTA_CREDITS, SCRIPT, own
from sandbox.demo.theatre import theatre
from sandbox.demo.transcript import Transcript
from sandbox.process import BotFailedError


def main(argv: Sequence[str] | None = None) -> None:
    """Exit with 0 only if every step ended as the script says."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Run the bot between stand-ins of Discord, Slack and DashScope, and type into it. "
        "With DASHSCOPE_API_KEY set, the real DashScope draws (and is paid).",
    )
    parser.add_argument("--prompt", help="a prompt of your own, with flags, in place of the script")
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), help="folder for pictures, log and database (%(default)s)"
    )
    parser.add_argument("--svg", type=Path, help="keep the transcript as a picture, as in README")
    parser.add_argument(
        "--cards",
        type=Path,
        help="draw what came of some steps, from the payloads, into this folder; without chromium as web pages",
    )
    arguments = parser.parse_args(argv)
    if arguments.prompt is not None and not arguments.prompt.strip():
        parser.error("--prompt is empty; describe a picture, for example --prompt 'a red fox in the snow'")
    if not _is_ours(arguments.out):
        parser.error(f"{arguments.out} holds something else than an earlier demo; name an empty folder")
    sys.exit(asyncio.run(_demo(arguments.prompt, arguments.out.resolve(), arguments.svg, arguments.cards)))


async def _demo(prompt: str | None, folder: Path, svg: Path | None, cards: Path | None) -> int:
    await asyncio.to_thread(_empty, folder)
    real = bool(os.environ.get("DASHSCOPE_API_KEY"))
    transcript = Transcript(record=svg is not None)
    transcript.opening(drawn_by="the real DashScope" if real else "a stand-in, so they are no real Z-Image pictures")
    album = None if cards is None else Album()
    settings = {} if prompt is not None else {"QUOTA_CREDITS": str(QUOTA_CREDITS)}
    try:
        async with theatre(folder, real_dashscope=real, settings=settings) as scene:
            wrong = await play(SCRIPT if prompt is None else own(prompt), scene, transcript, folder=folder, album=album)
    except BotFailedError as error:
        transcript.fault(str(error))
        return 1
    transcript.closing(wrong=wrong if prompt is None else None, folder=folder)
    if album is not None and cards is not None:
        transcript.cards(await album.save(cards))
    if svg is not None:
        transcript.save_svg(svg)
    return 1 if wrong else 0


def _is_ours(folder: Path) -> bool:
    """Whether an earlier demo made the folder, or there is nothing in it: only then may it be emptied."""
    if not folder.exists():
        return True
    return folder.is_dir() and ((folder / "bot.log").exists() or not any(folder.iterdir()))


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    main()
