"""`/quota-admin` on Slack: acked at once and answered later, since people have to be looked up."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters import text
from adapters.admin import QUOTA_ADMIN, AdminAnswer, AdminAsked, AdminCommands
from adapters.commands import Person, Silence
from adapters.locales import catalogue
from adapters.sentences import Sentence
from adapters.slack import convert, render
from adapters.slack.directory import Directory, Here
from adapters.slack.faults import faults
from adapters.slack.files import Files
from bot.admin import Actor
from bot.errors import Fault, OperatorNeeded, PlatformBusy
from bot.vocabulary import say

log = structlog.get_logger()

_OK: Final = 200
_FINISH_S: Final = 5


class SlackAdmin:
    """Answers through the command's response URL; files go to direct messages, since no ephemeral message has any."""

    def __init__(
        self,
        *,
        commands: AdminCommands,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        files: Files,
        directory: Directory,
    ) -> None:
        self._commands = commands
        self._client = client
        self._session = session
        self._files = files
        self._directory = directory
        self._running: set[asyncio.Task[None]] = set()

    def start(self, command: Mapping[str, Any]) -> None:
        """Have `command` done while its ack leaves."""
        task = asyncio.create_task(self.run(command))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Let what was started come to its answer, within a few seconds."""
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_S)
        for task in self._running:
            task.cancel()

    async def run(self, command: Mapping[str, Any]) -> None:
        """Do what was typed and tell the person alone. The ack has left, so nobody hears what is raised here."""
        person = convert.person(command, locale=self._directory.locale(command["user_id"]))
        try:
            answer = await self._answer(command, person)
            if isinstance(answer, Silence):
                return
            if answer.files:
                await self._send(command["user_id"], answer)
                await self._respond(command, catalogue(person.locale).report_sent())
            else:
                await self._respond(command, answer.sentence)
        except Exception:
            reference = text.reference()
            log.exception("handler failed", reference=reference, command=QUOTA_ADMIN)
            await self._apologise(command, catalogue(person.locale).admin_failed(reference=reference))

    async def moderates(self, command: Mapping[str, Any]) -> bool:
        """Whether whoever gave `command` runs the workspace; `PlatformBusy` where that cannot be told now."""
        return self._commands.moderates(await self.actor(command, convert.person(command)))

    async def _answer(self, command: Mapping[str, Any], person: Person) -> AdminAnswer | Silence:
        line = convert.unescaped(convert.text(command))
        try:
            asked = await self._asked(command, person, line)
        except PlatformBusy as fault:
            # Who is an admin cannot be told now: that is neither a refusal, which would be noted, nor a defect.
            log.warning("nobody can be looked up", code=fault.code, detail=str(fault))
            return AdminAnswer(sentence=catalogue(person.locale).cannot_look_up())
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

    async def _send(self, user_id: str, answer: AdminAnswer) -> None:
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

    async def _respond(self, command: Mapping[str, Any], sentence: Sentence) -> None:
        with faults():
            webhook = AsyncWebhookClient(command["response_url"], session=self._session, retry_handlers=[])
            answer = await webhook.send(text=render.sentence(sentence), response_type="ephemeral")
        if answer.status_code != _OK:
            log.warning("answer failed", command=QUOTA_ADMIN, status=answer.status_code)

    async def _apologise(self, command: Mapping[str, Any], sentence: Sentence) -> None:
        try:
            await self._respond(command, sentence)
        except Fault as lost:
            log.warning("answer failed", command=QUOTA_ADMIN, detail=str(lost))
