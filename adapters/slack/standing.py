"""What stands in Slack already: a message whose answer was lost is found by metadata, which people do not see."""

from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.gestures import Place
from adapters.slack.faults import faults
from bot.errors import Fault, PlatformBusy
from bot.model import Generation, GenerationId

log = structlog.get_logger()

POSTED: Final = "generation"
LOGGED: Final = "logged"
SHARED: Final = "shared"
"""As what a message shows a generation: all of them may be in one channel."""

_EVENT_TYPE: Final = "zimage_generation"
_USERS: Final = ("U", "W")
_MOST_MESSAGES: Final = 999
"""The most that Slack answers at once: a channel may have gone on for as long as the bot was away."""


def metadata(id: GenerationId, *, key: str = POSTED) -> dict[str, Any]:
    """By this a message is found again."""
    return {"event_type": _EVENT_TYPE, "event_payload": {key: id}}


class Standing:
    """Looks messages up, as far as the app may look."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def find(
        self, generation: Generation, place: str, *, thread_ts: str | None = None, key: str = POSTED
    ) -> tuple[bool, Place | None]:
        """Whether the app may look into a channel, or the direct messages of a user, and where the message stands.

        `PlatformBusy` where that cannot be told now.
        """
        try:
            with faults():
                channel = place
                if place.startswith(_USERS):
                    opened = await self._client.conversations_open(users=[place])
                    channel = opened["channel"]["id"]
                messages = await self._messages(channel, thread_ts, since_s=generation.created_ms / 1000)
        except PlatformBusy:
            # To be asked again: posting now would be a guess where knowing is a matter of time.
            raise
        except Fault as closed:
            log.info("no look-up of a lost answer", generation=generation.id, code=closed.code)
            return False, None
        for message in messages:
            if message.get("metadata", {}).get("event_payload", {}).get(key) == generation.id:
                return True, (channel, message["ts"])
        return True, None

    async def _messages(self, channel: str, thread_ts: str | None, *, since_s: float) -> list[dict[str, Any]]:
        """The channel's messages since then, or the thread's."""
        oldest, limit = str(since_s), _MOST_MESSAGES
        found = (
            await self._client.conversations_history(
                channel=channel, oldest=oldest, include_all_metadata=True, limit=limit
            )
            if thread_ts is None
            else await self._client.conversations_replies(
                channel=channel, ts=thread_ts, oldest=oldest, include_all_metadata=True, limit=limit
            )
        )
        messages: list[dict[str, Any]] = found["messages"]
        return messages
