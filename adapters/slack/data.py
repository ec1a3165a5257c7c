"""`/imagine-data`: done beside the ack, since years of commands take a while; the file goes to direct messages."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.data import DataAnswer, DataAsked
from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.slack import buttons, convert, render
from adapters.slack.faults import faults
from adapters.slack.replies import Replies
from bot.errors import Fault

log = structlog.get_logger()


class SlackData:
    """Answers the command, and the button that erases."""

    def __init__(self, *, services: Services, client: AsyncWebClient, replies: Replies) -> None:
        self._data = services.data
        self._client = client
        self._replies = replies

    async def run(self, command: Mapping[str, Any], person: Person) -> None:
        """Do what was typed, and tell the person alone."""
        address = convert.address(command)
        answer = await self._data.run(DataAsked(person=person, line=convert.text(command)))
        if answer.confirm:
            await self._replies.put(address, buttons.erasing(answer.sentence, locale=person.locale))
            return
        if answer.files:
            try:
                await self._send(address.user_id, answer)
            except Fault as fault:
                log.warning("data not sent", user=address.user_id, code=fault.code, detail=str(fault))
                await self._replies.say(address, catalogue(person.locale).data_not_sent())
                return
        await self._replies.say(address, answer.sentence)

    async def erase(self, command: Mapping[str, Any], person: Person, *, instead: bool) -> None:
        """The person has confirmed it."""
        answer = await self._data.erase_confirmed(person)
        await self._replies.say(convert.address(command), answer.sentence, instead=instead)

    async def _send(self, user_id: str, answer: DataAnswer) -> None:
        with faults():
            posted = await self._client.chat_postMessage(channel=user_id, text=render.sentence(answer.sentence))
            await self._client.files_upload_v2(
                channel=posted["channel"],
                file_uploads=[
                    {"filename": file.filename, "title": file.filename, "file": file.data} for file in answer.files
                ],
            )
