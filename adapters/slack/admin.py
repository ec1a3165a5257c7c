"""`/quota-admin` on Slack: acked at once and answered later, since people have to be looked up."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.admin import QUOTA_ADMIN, AdminAsked, AdminCommands
from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.responses import Answer, Silence
from adapters.sentences import Sentence
from adapters.slack import convert, render
from adapters.slack.directory import Directory, Here
from adapters.slack.faults import faults
from adapters.slack.files import Files
from adapters.slack.replies import Replies
from bot.admin import Actor
from bot.errors import OperatorNeeded, PlatformBusy
from bot.vocabulary import say

log = structlog.get_logger()


class SlackAdmin:
    """Answers for the person alone; files go to direct messages, since no ephemeral message has any."""

    def __init__(
        self,
        *,
        commands: AdminCommands,
        client: AsyncWebClient,
        files: Files,
        directory: Directory,
        replies: Replies,
    ) -> None:
        self._commands = commands
        self._client = client
        self._files = files
        self._directory = directory
        self._replies = replies

    async def run(self, command: Mapping[str, Any]) -> None:
        """Do what was typed and tell the person alone."""
        person = convert.person(command, locale=self._directory.locale(command["user_id"]))
        answer = await self._answer(command, person)
        if isinstance(answer, Silence):
            return
        if answer.files:
            await self._send(command["user_id"], answer)
            await self._say(command, catalogue(person.locale).report_sent())
        else:
            await self._say(command, answer.sentence)

    async def moderates(self, command: Mapping[str, Any]) -> bool:
        """Whether whoever gave `command` runs the workspace; `PlatformBusy` where that cannot be told now."""
        return self._commands.moderates(await self.actor(command, convert.person(command)))

    async def _answer(self, command: Mapping[str, Any], person: Person) -> Answer | Silence:
        line = convert.unescaped(convert.text(command))
        try:
            asked = await self._asked(command, person, line)
        except PlatformBusy as fault:
            # Who is an admin cannot be told now: that is neither a refusal, which would be noted, nor a defect.
            log.warning("nobody can be looked up", code=fault.code, detail=str(fault))
            return Answer(sentence=catalogue(person.locale).cannot_look_up())
        return await self._commands.run(asked, say(line))

    async def _asked(self, command: Mapping[str, Any], person: Person, line: str) -> AdminAsked:
        return AdminAsked(
            id=f"slack:{command['team_id']}:{command['trigger_id']}",
            actor=await self.actor(command, person),
            line=line,
            command=QUOTA_ADMIN,
            directory=Here(self._directory, convert.home(command)),
            locale=person.locale,
        )

    async def actor(self, command: Mapping[str, Any], person: Person) -> Actor:
        """Whoever gave `command`, as admin commands know them; `PlatformBusy` where that cannot be told now."""
        user_id = command["user_id"]
        return Actor(
            id=person.account,
            account=person.account,
            space=person.space,
            manages=await self._manages(user_id),
            aliases=frozenset({f"slack:{command['team_id']}:{user_id}"}),
            keys=frozenset({user_id}),
        )

    async def _manages(self, user_id: str) -> bool:
        try:
            colleague = await self._directory.colleague(user_id)
        except OperatorNeeded as fault:
            # Without users:read only SLACK_ADMINS and OWNERS can tell who is an admin.
            log.warning("nobody can be looked up", code=fault.code)
            return False
        return colleague is not None and colleague.manages

    async def _send(self, user_id: str, answer: Answer) -> None:
        """Pictures in one message with the words, then the other files."""
        pictures = [file for file in answer.files if file.alt_text is not None]
        held = [await self._files.upload_alone(file.filename, file.data) for file in pictures]
        words = render.sentence(answer.sentence)
        with faults():
            posted = await self._client.chat_postMessage(
                channel=user_id,
                text=words,
                blocks=render.report_blocks(words, list(zip(pictures, held, strict=True))),
                unfurl_links=False,
                unfurl_media=False,
            )
            others = [file for file in answer.files if file.alt_text is None]
            await self._client.files_upload_v2(
                channel=posted["channel"],
                file_uploads=[
                    {"filename": file.filename, "title": file.filename, "file": file.data} for file in others
                ],
            )

    async def _say(self, command: Mapping[str, Any], sentence: Sentence) -> None:
        # No block takes as much as a list of many people.
        await self._replies.put(convert.address(command), {"text": render.sentence(sentence)})
