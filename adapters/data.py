"""`/imagine-data`, once for both platforms: a word in, an answer out."""

import asyncio
import gzip
import json
from dataclasses import dataclass
from typing import Any, Final

import structlog

from adapters.captions import clip
from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.responses import Attachment
from adapters.sentences import Sentence
from bot.errors import DatabaseFailed
from bot.personal import PersonalData
from bot.plain import plain

log = structlog.get_logger()

IMAGINE_DATA: Final = "/imagine-data"

_QUOTED: Final = 100
_MOST_BYTES: Final = 8_000_000
"""What every platform takes as a file; what is larger is packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAsked:
    """`line` is what was typed after the command, `command` what stands before a line that is ready to copy."""

    person: Person
    line: str
    command: str = IMAGINE_DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAnswer:
    """Tell the person alone. With `confirm` goes a button that calls `erase_confirmed`.

    `files` go to the person as a direct message, never to where they typed.
    """

    sentence: Sentence
    confirm: bool = False
    files: tuple[Attachment, ...] = ()


class DataCommands:
    """What both adapters' handlers call."""

    def __init__(self, *, personal: PersonalData) -> None:
        self._personal = personal

    async def run(self, asked: DataAsked) -> DataAnswer:
        """Do what was typed; nothing is erased before the person has confirmed it."""
        words, word = catalogue(asked.person.locale), asked.line.strip()
        match word.lower():
            case "" | "help":
                return DataAnswer(sentence=words.data_help(command=asked.command))
            case "export":
                return await self._export(asked.person)
            case "erase":
                return DataAnswer(sentence=words.data_confirm(), confirm=True)
            case _:
                quoted = clip(plain(word), _QUOTED)
                return DataAnswer(sentence=words.data_unknown(word=quoted, command=asked.command))

    async def erase_confirmed(self, person: Person) -> DataAnswer:
        """The person has pressed the button. Pressed again, there is nothing left to erase, and no harm done."""
        words = catalogue(person.locale)
        try:
            erased = await self._personal.erase(person.account)
        except DatabaseFailed:
            log.exception("data not erased", account=person.account)
            return DataAnswer(sentence=words.data_in_doubt())
        return DataAnswer(sentence=words.data_erased(count=erased.count, under_way=erased.open))

    async def _export(self, person: Person) -> DataAnswer:
        words = catalogue(person.locale)
        try:
            data = await self._personal.export(person.account)
        except DatabaseFailed:
            log.exception("data not exported", account=person.account)
            return DataAnswer(sentence=words.data_not_read())
        # In a thread: years of somebody's commands take longer than anybody else should wait.
        file = await asyncio.to_thread(_file, data)
        return DataAnswer(sentence=words.data_sent(count=len(data["generations"])), files=(file,))


def _file(data: dict[str, Any]) -> Attachment:
    text = json.dumps(data, ensure_ascii=False, indent=2).encode()
    if len(text) <= _MOST_BYTES:
        return Attachment(filename="imagine-data.json", data=text)
    return Attachment(filename="imagine-data.json.gz", data=gzip.compress(text))
