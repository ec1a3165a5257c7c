"""response_url: a way to answer an interaction five times within half an hour, without a token.

https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.slack.content import Content
from sandbox.slack.errors import ApiError
from sandbox.slack.world import Message, World

MAX_USES = 5
LIFETIME_S = 30 * 60


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """One such address; `original` is the message whose element was clicked, None after a slash command."""

    url: str
    channel_id: str
    user_id: str
    expires_at_s: float
    original: Message | None = None
    uses: int = 0
    responses: list[Message] = field(default_factory=list)


class ResponseUrls:
    """Hands out the addresses and answers them."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._open: dict[str, ResponseUrl] = {}
        self.given_out: list[str] = []
        """The secret part of every address."""
        self.origin = ""

    def routes(self) -> list[web.RouteDef]:
        """Where the addresses lead."""
        return [web.post("/commands/{team}/{secret}", self._handle)]

    def new(self, *, channel_id: str, user_id: str, original: Message | None = None) -> ResponseUrl:
        """A fresh address for what `user_id` did in `channel_id`."""
        secret = secrets.token_urlsafe(24)
        address = ResponseUrl(
            url=f"{self.origin}/commands/{self._world.team_id}/{secret}",
            channel_id=channel_id,
            user_id=user_id,
            expires_at_s=self._world.clock.now_s() + LIFETIME_S,
            original=original,
        )
        self._open[secret] = address
        self.given_out.append(secret)
        return address

    def forget(self) -> None:
        """Drop every address handed out so far."""
        self._open.clear()

    async def _handle(self, request: web.Request) -> web.Response:
        address = self._open.get(request.match_info["secret"])
        if address is None:
            return web.Response(status=404, text="no_service")
        try:
            self._respond(address, _object(await request.text()))
        except ApiError as refusal:
            return web.json_response(refusal.body, status=404)
        return web.json_response({"ok": True})

    def _respond(self, address: ResponseUrl, payload: Mapping[str, Any]) -> None:
        if self._world.clock.now_s() >= address.expires_at_s:
            raise ApiError("expired_url")
        if address.uses >= MAX_USES:
            raise ApiError("used_url")
        original = address.original
        if original is not None and _is_true(payload.get("delete_original")):
            if not original.is_deleted:
                self._world.delete(original)
            address.uses += 1
            return
        content = Content.from_payload(payload, showable=self._world.showable)
        address.uses += 1
        if original is not None and not original.is_deleted and _is_true(payload.get("replace_original")):
            original.text, original.blocks, original.pings = content.text, content.blocks, content.pings
            original.files = [self._world.files[file_id] for file_id in content.file_ids]
            original.is_edited = True
            self._world.changes.notify()
            return
        # After a slash command there is nothing to replace: Slack shows a new message then.
        message = self._world.post(
            content,
            channel_id=address.channel_id,
            user=self._world.bot.id,
            thread_ts=payload.get("thread_ts"),
            metadata=payload.get("metadata"),
            ephemeral_for=None if payload.get("response_type") == "in_channel" else address.user_id,
        )
        address.responses.append(message)


def _object(text: str) -> dict[str, Any]:
    try:
        payload = json.loads(text)
    except ValueError:
        raise ApiError("invalid_payload") from None
    if not isinstance(payload, dict):
        raise ApiError("invalid_payload")
    return payload


def _is_true(value: object) -> bool:
    return value in (True, "true")
