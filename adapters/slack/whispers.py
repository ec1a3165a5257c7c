"""Words for one person alone, by whichever way Slack still takes."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.convert import Address
from adapters.slack.faults import faults
from bot.errors import PlatformBusy, Unreachable

Payload = dict[str, Any]
"""`text`, and `blocks` where there is more than that."""

_OK: Final = 200


class Whispers:
    """Says and replaces what only one person sees. Raises a `Fault` where Slack gives no answer."""

    def __init__(self, *, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    async def say(self, address: Address, words: Payload, *, metadata: dict[str, Any] | None = None) -> None:
        """Tell the person where they are, or else by direct message, the only one that `metadata` goes with."""
        if not await self.here(address, words):
            with faults():
                await self._client.chat_postMessage(channel=address.user_id, **words, metadata=metadata)

    async def here(self, address: Address, words: Payload) -> bool:
        """Tell the person where they are; False if Slack does not take that."""
        thread_ts = None if address.thread_is_new else address.thread_ts
        if address.response_url is not None:
            thread = {} if thread_ts is None else {"thread_ts": thread_ts}
            alone = {"response_type": "ephemeral", "replace_original": False}
            return await self._respond(address.response_url, {**words, **thread, **alone})
        if not address.is_channel:
            return False
        try:
            with faults():
                await self._client.chat_postEphemeral(
                    channel=address.channel_id, user=address.user_id, thread_ts=thread_ts, **words
                )
        except Unreachable:
            # Where it has not been invited the bot may post pictures, but whisper to nobody.
            return False
        return True

    async def replace(self, address: Address, words: Payload) -> None:
        """Put `words` in the place of the message whose button was pressed; where that is gone, just say them."""
        url = address.response_url
        if url is None or not await self._respond(url, {**words, "replace_original": True}):
            await self.say(replace(address, response_url=None), words)

    async def _respond(self, url: str, words: Payload) -> bool:
        with faults():
            webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
            answer = await webhook.send_dict(words)
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformBusy(f"Slack answered {answer.status_code}", status=answer.status_code)
        return answer.status_code == _OK
