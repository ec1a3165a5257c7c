"""What follows a press, a form or a mention: told to the person alone, and then drawn."""

import asyncio
from typing import Final, assert_never

import structlog

from adapters.commands import Commands
from adapters.responses import Confirm, Drawing, Reply, Say, Silence
from adapters.sentences import Sentence
from adapters.slack import buttons, render
from adapters.slack.convert import Address
from adapters.slack.faults import faults
from adapters.slack.whispers import Payload, Whispers
from bot.errors import Fault

log = structlog.get_logger()

_TOLD_WITHIN_S: Final = 3.0
"""A picture does not wait any longer for its person to hear of it."""


class Replies:
    """Says the core's replies. What was charged is drawn, whether that could be said or not."""

    def __init__(self, *, commands: Commands, whispers: Whispers) -> None:
        self._commands = commands
        self._whispers = whispers

    async def send(self, address: Address, reply: Reply, *, locale: str | None, instead: bool = False) -> None:
        """Tell the person, and have drawn what is to be drawn; `instead` of the message whose button was pressed."""
        match reply:
            case Drawing(id=id, account=account):
                await self.put(address, await buttons.drawing(reply, locale=locale), instead=instead)
                self._commands.start(id, account)
            case Confirm():
                await self.put(address, buttons.draft(reply, locale=locale), instead=instead)
            case Say(sentence=sentence):
                await self.say(address, sentence)
            case Silence():
                pass
            case _:
                assert_never(reply)

    async def say(self, address: Address, sentence: Sentence, *, instead: bool = False) -> bool:
        """Whether the person could be told a sentence."""
        return await self.put(address, render.said(sentence), instead=instead)

    async def put(self, address: Address, words: Payload, *, instead: bool = False) -> bool:
        """Whether `words` got through; what did not is not tried again, since nothing depends on it."""
        telling = self._whispers.replace if instead else self._whispers.say
        try:
            with faults():
                async with asyncio.timeout(_TOLD_WITHIN_S):
                    await telling(address, words)
        except Fault as fault:
            log.warning("answer failed", user=address.user_id, code=fault.code, detail=str(fault))
            return False
        return True
