"""The command line, `zimage-bot`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from bot import app
from bot.errors import ConfigurationError
from bot.logs import configure_logging
from bot.settings import Settings, load_settings

_ABOUT: Final = """\
/imagine for Discord and Slack, drawn by Alibaba's Z-Image.

Settings are read from the environment and from a file .env in the current folder;
.env.example lists every one. To see the bot work without any account: make demo.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point; exits with 0, with 1 after a message for the operator, or with 2 for a mistyped command."""
    parser = argparse.ArgumentParser(
        prog="zimage-bot", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('zimage-bot')}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    commands.add_parser("run", help="run the bot on the platforms whose tokens are set, until SIGTERM or Ctrl-C")
    parser.parse_args(argv)
    sys.exit(_run())


def _run() -> int:
    mistakes: list[BaseException] = []
    try:
        settings = load_settings()
        configure_logging(level=settings.log_level, style=settings.log_format)
        asyncio.run(_until_signal(settings))
    except* ConfigurationError as group:
        mistakes = _leaves(group)
    for mistake in mistakes:
        print(mistake, file=sys.stderr)  # noqa: T201 - this is what a command line is for
    return 1 if mistakes else 0


async def _until_signal(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C; a second Ctrl-C does not wait for running pictures."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_once(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_once, number)
    await app.run(settings, stop=stop)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [leaf for e in group.exceptions for leaf in (_leaves(e) if isinstance(e, BaseExceptionGroup) else [e])]
