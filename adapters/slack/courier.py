"""Delivering to Slack from the stored address alone."""

from typing import Any, Final, Protocol

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters import captions, text
from adapters.slack import render
from adapters.slack.convert import Address
from adapters.slack.faults import code_of, faults
from bot.errors import PlatformBusy
from bot.model import Delivery, DrawnPicture, Generation, Reason
from bot.ports import Clock

log = structlog.get_logger()

EVENT_TYPE: Final = "zimage_generation"

# A new file is scanned before it may be shown; polling is what meets Slack's rate limit first.
_READY_POLLS_S: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class FileNotes(Protocol):
    """Where it is noted that Slack holds a picture, so that a second try does not upload it again."""

    async def keep_file(self, job: Generation, n: int, file_id: str) -> bool:
        """Note that picture `n` is Slack's `file_id`."""


class SlackCourier:
    """Uploads, waits until the file may be shown, then posts ONE new message.

    `client` has no retry handlers: a post whose answer was lost must be looked up, not sent again.
    """

    def __init__(
        self, *, client: AsyncWebClient, session: aiohttp.ClientSession, files: FileNotes, clock: Clock
    ) -> None:
        self._client = client
        self._session = session
        self._files = files
        self._clock = clock
        self._in_doubt: set[str] = set()

    async def deliver(self, delivery: Delivery) -> None:
        generation = delivery.generation
        address = Address.from_json(generation.address)
        if (generation.attempt > 1 or generation.id in self._in_doubt) and await self._posted(generation, address):
            return
        with faults():
            file_ids = [await self._upload(picture, generation) for picture in delivery.pictures]
            for file_id in file_ids:
                await self._wait_until_ready(file_id)
        await self._post(delivery, address, file_ids)

    async def tell(self, generation: Generation, reason: Reason) -> None:
        address = Address.from_json(generation.address)
        sentence = render.sentence(text.ended(generation, reason, locale=None))
        with faults():
            webhook = AsyncWebhookClient(address.response_url, session=self._session, retry_handlers=[])
            answer = await webhook.send(text=sentence, response_type="ephemeral")
            if answer.status_code == 200:  # noqa: PLR2004 - HTTP
                return
            # The command's own way back is used up or expired.
            await self._client.chat_postEphemeral(channel=address.channel_id, user=address.user_id, text=sentence)

    async def _upload(self, picture: DrawnPicture, generation: Generation) -> str:
        if picture.file_id is not None:
            return picture.file_id
        name = captions.filename(picture, generation)
        answer = await self._client.files_upload_v2(filename=name, title=name, file=picture.png)
        file_id = str(answer["files"][0]["id"])
        await self._files.keep_file(generation, picture.n, file_id)
        return file_id

    async def _wait_until_ready(self, file_id: str) -> None:
        for wait_s in _READY_POLLS_S:
            try:
                answer = await self._client.files_info(file=file_id)
            except SlackApiError as error:
                if code_of(error) == "missing_scope":
                    # Without files:read the post itself tells: it is refused until the file is ready.
                    return
                raise
            if answer["file"].get("mimetype"):
                return
            await self._clock.sleep(wait_s)
        raise PlatformBusy("Slack is still scanning the picture", code="file_not_ready")

    async def _post(self, delivery: Delivery, address: Address, file_ids: list[str]) -> None:
        generation = delivery.generation
        self._in_doubt.add(generation.id)
        with faults():
            try:
                await self._client.chat_postMessage(
                    channel=address.channel_id,
                    text=render.notification(delivery),
                    blocks=render.blocks(delivery, file_ids, user_id=address.user_id),
                    metadata={"event_type": EVENT_TYPE, "event_payload": {"generation": generation.id}},
                    unfurl_links=False,
                    unfurl_media=False,
                )
            except SlackApiError:
                # Slack has answered, so there is no doubt: the message does not stand.
                self._in_doubt.discard(generation.id)
                raise
        self._in_doubt.discard(generation.id)

    async def _posted(self, generation: Generation, address: Address) -> bool:
        """Whether the message of a lost answer stands, where the app may read the channel; else False."""
        try:
            history = await self._client.conversations_history(
                channel=address.channel_id,
                oldest=str(generation.created_ms / 1000),
                include_all_metadata=True,
                limit=100,
            )
        except (SlackApiError, aiohttp.ClientError, OSError) as error:
            log.info("no look-up of a lost answer", generation=generation.id, error=type(error).__name__)
            return False
        messages: list[dict[str, Any]] = history["messages"]
        return any(
            message.get("metadata", {}).get("event_payload", {}).get("generation") == generation.id
            for message in messages
        )
