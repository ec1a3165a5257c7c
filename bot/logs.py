"""Logging: one line an event, a constant message plus fields, for people or for machines."""

import logging
import re
import sys
from typing import Final, Literal

import structlog

# Exceptions of libraries carry URLs and payloads, and those carry tickets, tokens and signatures. What stands before
# one is kept, so that a reader sees what it was. A quote may be escaped: a payload inside a JSON line.
_SECRETS: Final = re.compile(
    r"""
    ( (?:token|ticket|secret|signature|password|authorization|accesskeyid|api_key)
        \\*["']? \s*[=:]\s* \\*["']? (?:(?:Bearer|Bot)\s)?
    | \b(?:Bearer|Bot)\s(?=\S{8})
    | \b(?:xox[a-z]|xapp)-
    | /(?:webhooks|interactions)/\d+/
    | \bhooks\.slack\.com/\w+/
    | /(?:commands|upload/v1)/
    )
    [^\s&'",;)}>\]\\]+
    """,
    re.IGNORECASE | re.VERBOSE,
)

# Whatever LOG_LEVEL is: below these, libraries print payloads and URLs, and with them tokens, prompts and signatures.
# Three loggers warn at each start of what is meant: no voice, no guild cache, an `authorize` of our own.
_LIBRARIES: Final = {
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "asyncio": logging.WARNING,
    "discord": logging.WARNING,
    "discord.client": logging.ERROR,
    "discord.state": logging.ERROR,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "slack_bolt": logging.ERROR,
    "slack_sdk": logging.WARNING,
}


def configure_logging(*, level: str, style: Literal["console", "json"]) -> None:
    """Send our events and the libraries' to standard error, in one format."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if style == "json":
        shared.append(structlog.processors.format_exc_info)
        renderer: structlog.types.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        # Plain tracebacks: a rich one prints local variables, and those hold tokens.
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )

    def redacted(logger: structlog.types.WrappedLogger, name: str, event: structlog.types.EventDict) -> str:
        return _SECRETS.sub(r"\1…", str(renderer(logger, name, event)))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, quiet in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(quiet, logging.getLogger().level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
