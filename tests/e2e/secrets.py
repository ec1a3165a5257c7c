"""Looking for what may not be written: in all that was logged, and in what the database keeps."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog

from bot.logs import configure_logging
from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import DiscordStage, SlackStage, Stage


def given_out(stage: Stage, dashscope: DashScopeSandbox) -> list[str]:
    """Every secret that a stand-in knows or has handed to the bot: keys, tokens, tickets, signatures, addresses."""
    match stage:
        case DiscordStage():
            return [*dashscope.secrets, *stage.discord.secrets]
        case SlackStage():
            return [*dashscope.secrets, *stage.slack.secrets]
        case _:
            raise TypeError(f"nothing is known of the secrets of {stage.name}")


def found_in(text: str, secrets: Iterable[str]) -> list[str]:
    """Where a secret stands in `text`: some of the words before each."""
    return [text[max(0, at - 200) : at + len(secret)] for secret in secrets if (at := text.find(secret)) >= 0]


def settled_rows(database: Path) -> str:
    """All that is kept of settled generations, and every table that is not about generations."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        settled = "SELECT id FROM generation WHERE settled IS NOT NULL"
        where = {"generation": f"id IN ({settled})", "picture": f"generation IN ({settled})"}
        return "\n".join(
            repr(row)
            for table in tables
            for row in connection.execute(f"SELECT * FROM {table} WHERE {where.get(table, 'TRUE')}")  # noqa: S608 - ours
        )


@contextmanager
def everything_logged() -> Iterator[None]:
    """LOG_LEVEL=DEBUG, and beyond what it allows: libraries, too, log all that they can."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = {logger: logger.level for logger in _loggers()}
    configure_logging(level="DEBUG", style="json")
    for logger in _loggers():
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger in _loggers():
            logger.setLevel(before.get(logger, logging.NOTSET))
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def _loggers() -> list[logging.Logger]:
    return [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
