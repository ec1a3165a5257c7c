"""The core's replies, as answers to the interaction that asked for them."""

from collections import OrderedDict
from typing import Final, assert_never

import discord
import structlog

from adapters.commands import Commands
from adapters.discord import answers, buttons
from adapters.discord.faults import faults
from adapters.responses import Confirm, Drawing, Reply, Say, Silence
from bot.errors import Fault
from bot.model import GenerationId

log = structlog.get_logger()

_QUESTIONS: Final = 200


class Replies:
    """Answers, and has drawn what was accepted once its person knows.

    It remembers the latest questions, to take each away once it was answered: only the token of the command that a
    question answers can do that. A question from before a restart stays, and its button says that it was pressed.
    """

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._questions: OrderedDict[GenerationId, discord.Interaction] = OrderedDict()

    async def send(self, interaction: discord.Interaction, reply: Reply) -> None:
        """The first answer to `interaction`."""
        match reply:
            case Drawing(id=id, account=account, sentence=sentence, private=private):
                if await answers.defer(interaction, sentence, private=private):
                    self._commands.start(id, account)
                else:
                    self._commands.abandon(id)
            case Confirm(id=id, sentence=sentence):
                await answers.say(interaction, sentence, view=buttons.draft(id, locale=str(interaction.locale)))
                self._questions[id] = interaction
                if len(self._questions) > _QUESTIONS:
                    self._questions.popitem(last=False)
            case Say(sentence=sentence):
                await answers.say(interaction, sentence)
            case Silence():
                pass
            case _:
                assert_never(reply)

    async def take_away(self, question: GenerationId) -> None:
        """It was answered with yes. Left where it is if that fails: a second yes changes nothing."""
        asked = self._questions.pop(question, None)
        if asked is None:
            return
        try:
            with faults():
                await asked.delete_original_response()
        except Fault as fault:
            log.info("question stays", generation=question, detail=str(fault))
