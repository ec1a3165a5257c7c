"""The command line, `zimage-bot`."""

import argparse
import asyncio
import json
import signal
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import structlog

from bot import app
from bot.doctor import Finding, Verdict
from bot.errors import ConfigurationError, DatabaseFailed
from bot.logs import configure_logging
from bot.model import Account, Space
from bot.rules import is_account, is_space
from bot.settings import Settings, load_settings

log = structlog.get_logger()

_SAME_SIGNAL_S: Final = 1.0

_ABOUT: Final = """\
/imagine for Discord and Slack, drawn by Alibaba's Z-Image.

People type   /imagine a red fox in the snow --ar 16:9   and get, in that channel, the
picture, the prompt as the model rewrote it, and what is left of their quota.
"""

_MORE: Final = """\
first steps:
  make demo             see the bot work, without any account
  cp .env.example .env  then fill in DASHSCOPE_API_KEY, and DISCORD_TOKEN or
                        SLACK_BOT_TOKEN and SLACK_APP_TOKEN
  zimage-bot doctor     see whether everything is in place; prints the invite link
  zimage-bot run        go

Settings are read from the environment and from a file .env in the current folder;
README.md has a table of them. Set-up, step by step: docs/discord.md, docs/slack.md.
"""


_PLAIN: Final = {
    "run": "run the bot on the platforms whose tokens are set, until SIGTERM or Ctrl-C",
    "doctor": "check settings, database, keys, tokens, scopes and clock; say what to mend",
}

_QUOTA: Final = """\
The words of /quota-admin, said by the operator. People are named by their ids.

  zimage-bot quota help                                every word
  zimage-bot quota show 456
  zimage-bot quota grant 456 10 expires=30d reason="thanks for testing"
  zimage-bot quota --space discord:123 ceiling 5000    what that server's admins cannot exceed
  zimage-bot quota budget 100000                       the limit of the whole deployment
  zimage-bot quota report days=7 everything=yes        also writes a picture and a CSV file
"""


_DATA: Final = """\
What /imagine-data does, for people who cannot type it any more. They are named by platform, place and id;
on Discord one place is as good as another, since all of a person's accounts there are meant.

  zimage-bot data export discord:user:456 > 456.json    all that is kept about them, as JSON
  zimage-bot data erase slack:T123:U456 --yes           prompts, results, links and settings gone for good
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point. Exits with 0, with 1 after a message for the operator, or with 2 for a mistyped command.

    `doctor` exits with its worst row: 0 all is fine, 1 something is doubtful, 2 something is wrong.
    """
    parser = argparse.ArgumentParser(
        prog="zimage-bot", description=_ABOUT, epilog=_MORE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('zimage-bot')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for name, promise in _PLAIN.items():
        commands.add_parser(name, help=promise, description=f"{promise[0].upper()}{promise[1:]}.")
    quota = commands.add_parser(
        "quota",
        help="limits, bonus credits and reports: what admins say in chat, also while the bot runs",
        description=_QUOTA,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    quota.add_argument(
        "--space",
        type=_space,
        help="server or workspace, like discord:123 or slack:T123; needed where the bot serves several",
    )
    quota.add_argument(
        "--out", type=Path, default=Path(), help="folder for a report's picture and CSV (default: the current one)"
    )
    quota.add_argument("words", nargs="*", metavar="WORD", help="such as: grant 456 10 expires=30d reason=thanks")
    data = commands.add_parser(
        "data",
        help="hand out or erase what is kept about a person, on their behalf",
        description=_DATA,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    data.add_argument("act", choices=("export", "erase"))
    data.add_argument("person", type=_account, help="whom it is about, like discord:user:456 or slack:T123:U456")
    data.add_argument("--yes", action="store_true", help="yes, erase for good")
    arguments, rest = parser.parse_known_args(argv)
    if rest and (arguments.command != "quota" or any(word.startswith("--") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    match arguments.command:
        case "run":
            sys.exit(_run())
        case "doctor":
            sys.exit(_doctor())
        case "data":
            sys.exit(_data(arguments.act, arguments.person, sure=arguments.yes))
        case _:
            sys.exit(_quota([*arguments.words, *rest], space=arguments.space, folder=arguments.out))


def _run() -> int:
    mistakes: list[BaseException] = []
    try:
        settings = load_settings()
        configure_logging(level=settings.log_level, style=settings.log_format)
        asyncio.run(_until_signal(settings))
    except* ConfigurationError as group:
        mistakes = _leaves(group)
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    return 1 if mistakes else 0


async def _until_signal(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C; either once more ends at once, and leaves running pictures to the next start.

    make and service managers send a signal to the whole group, and so twice at the same moment: a SIGTERM that comes
    within a second of the first is the same one. SIGUSR1 logs how the process is doing.
    """
    stop, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    asked_at: list[float] = []

    def terminate() -> None:
        asked_at.append(loop.time())
        if asked_at[-1] - asked_at[0] > _SAME_SIGNAL_S:
            hurry.set()
        stop.set()

    def interrupt() -> None:
        (hurry if stop.is_set() else stop).set()

    def status() -> None:
        log.info("status", tasks=len(asyncio.all_tasks()), threads=threading.active_count())

    loop.add_signal_handler(signal.SIGUSR1, status)
    loop.add_signal_handler(signal.SIGTERM, terminate)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    await app.run(settings, stop=stop, hurry=hurry)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [leaf for e in group.exceptions for leaf in (_leaves(e) if isinstance(e, BaseExceptionGroup) else [e])]


def _doctor() -> int:
    try:
        settings = load_settings()
    except ConfigurationError as error:
        findings = [Finding("settings", Verdict.WRONG, str(error), "See .env.example.")]
    else:
        configure_logging(level="ERROR", style=settings.log_format)
        findings = asyncio.run(app.diagnose(settings))
    _print(findings)
    return max(finding.verdict for finding in findings)


def _quota(words: Sequence[str], *, space: Space | None, folder: Path) -> int:
    """Exits with 1 where what was said was not done; the answer says why."""
    try:
        settings = load_settings()
        configure_logging(level="ERROR", style=settings.log_format)
        printed = asyncio.run(app.administer(settings, words, space=space))
    except (ConfigurationError, DatabaseFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print(printed.text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in printed.files:
            (folder / file.filename).write_bytes(file.data)
            print(folder / file.filename)
    except OSError as error:
        print(f"The files cannot be kept in {folder}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0 if printed.done else 1


def _data(act: str, person: Account, *, sure: bool) -> int:
    """Exits with 1 where nothing was done."""
    if act == "erase" and not sure:
        print("Nothing was erased. It cannot be undone: export first, then say --yes.", file=sys.stderr)
        return 1
    try:
        settings = load_settings()
        configure_logging(level="ERROR", style=settings.log_format)
        if act == "export":
            exported = asyncio.run(app.export(settings, person))
            print(json.dumps(exported, ensure_ascii=False, indent=2))
            return 0
        erased = asyncio.run(app.erase(settings, person))
    except (ConfigurationError, DatabaseFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Commands erased: {erased.count}. Under way, and erased within an hour of their end: {erased.open}.")
    return 0


def _account(text: str) -> Account:
    if not is_account(text):
        raise argparse.ArgumentTypeError(f"{text!r} is nobody: write discord:user:456 or slack:T123:U456")
    return Account(text)


def _space(text: str) -> Space:
    if not is_space(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no server or workspace: write discord:123 or slack:T123")
    return Space(text)


def _print(findings: Sequence[Finding]) -> None:
    # Only this command draws tables: the bot itself starts without.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    marks = {
        Verdict.FINE: Text("✓ fine", "green"),
        Verdict.DOUBTFUL: Text("! look", "yellow"),
        Verdict.WRONG: Text("✗ wrong", "bold red"),
    }
    table = Table("", "what", "how it is", "what to do")
    for finding in findings:
        detail = Text(finding.detail, overflow="fold")
        table.add_row(marks[finding.verdict], finding.subject, detail, Text(finding.remedy))
    console = Console()
    console.print(table)
    for finding in findings:
        if finding.link:
            console.print(f"{finding.subject}: {finding.link}", soft_wrap=True, highlight=False)
