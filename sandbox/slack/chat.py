"""chat.*, conversations.history and conversations.replies: what the bot says, changes, takes back and reads.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

import json
from typing import Any

from sandbox.slack.content import Content
from sandbox.slack.errors import ApiError, invalid_arguments
from sandbox.slack.methods import Arguments, Method, scope_for
from sandbox.slack.web_api import WebApi
from sandbox.slack.world import Channel, Message, World

MAX_UPDATE_TEXT = 4_000


class ChatMethods:
    """The methods that post, edit, delete and read messages."""

    def __init__(self, *, world: World, api: WebApi) -> None:
        self._world = world
        self._api = api

    def methods(self) -> dict[str, Method]:
        """The table for the dispatcher."""
        return {
            "chat.postMessage": Method(run=self._post_message, scope="chat:write"),
            "chat.postEphemeral": Method(run=self._post_ephemeral, scope="chat:write"),
            "chat.update": Method(run=self._update, scope="chat:write"),
            "chat.delete": Method(run=self._delete, scope="chat:write"),
            "conversations.history": Method(run=self._history),
            "conversations.replies": Method(run=self._replies),
        }

    def _post_message(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._writable(arguments.required("channel"), public_scope="chat:write.public")
        content = self._content(arguments)
        message = self._world.post(
            content,
            channel_id=channel.id,
            user=self._world.bot.id,
            thread_ts=arguments.text("thread_ts"),
            metadata=_metadata(arguments) or None,
        )
        return {"channel": channel.id, "ts": message.ts, "message": self._message(message)}

    def _post_ephemeral(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._writable(arguments.required("channel"))
        user_id = arguments.required("user")
        if user_id not in channel.members:
            raise ApiError("user_not_in_channel")
        content, thread_ts = self._content(arguments), arguments.text("thread_ts")
        if thread_ts is not None and not self._world.is_thread(channel.id, thread_ts):
            # Slack takes it, and shows it to nobody: such messages begin no thread.
            return {"message_ts": self._world.new_ts()}
        message = self._world.post(
            content, channel_id=channel.id, user=self._world.bot.id, thread_ts=thread_ts, ephemeral_for=user_id
        )
        return {"message_ts": message.ts}

    def _update(self, arguments: Arguments) -> dict[str, Any]:
        message = self._own_message(arguments, forbidden="cant_update_message")
        values = dict(arguments.values)
        if "blocks" not in values:
            values["blocks"] = message.blocks
        content = Content.from_payload(values, showable=self._world.showable, max_text=MAX_UPDATE_TEXT)
        message.text, message.blocks, message.pings = content.text, content.blocks, content.pings
        # A picture that an edit brings in is accepted, yet people see a placeholder: only those already there show.
        message.files = [file for file in message.files if file.id in content.file_ids]
        metadata = _metadata(arguments)
        if metadata is not None:
            message.metadata = metadata or None
        message.is_edited = True
        self._world.changes.notify()
        return {
            "channel": message.channel_id,
            "ts": message.ts,
            "text": message.text,
            "message": self._message(message),
        }

    def _delete(self, arguments: Arguments) -> dict[str, Any]:
        message = self._own_message(arguments, forbidden="cant_delete_message")
        self._world.delete(message)
        return {"channel": message.channel_id, "ts": message.ts}

    def _history(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._readable(arguments)
        found = [message for message in self._world.durable(channel.id) if message.thread_ts is None]
        return self._page(found[::-1], arguments) | {"pin_count": 0}

    def _replies(self, arguments: Arguments) -> dict[str, Any]:
        """A thread, oldest first: the message that it hangs on is always told."""
        channel, ts = self._readable(arguments), arguments.required("ts")
        found = [m for m in self._world.durable(channel.id) if ts in (m.ts, m.thread_ts)]
        if not found:
            raise ApiError("thread_not_found")
        return self._page(found, arguments, always=ts)

    def _readable(self, arguments: Arguments) -> Channel:
        channel = self._visible(arguments.required("channel"))
        self._api.require_scope(scope_for(channel, "history"))
        if self._world.bot.id not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def _page(self, found: list[Message], arguments: Arguments, *, always: str = "") -> dict[str, Any]:
        """As many of the messages as were asked for, of the time that was asked for."""
        try:
            limit = int(arguments.text("limit") or 100)
            oldest = float(arguments.text("oldest") or 0)
            latest = float(arguments.text("latest") or "inf")
        except ValueError:
            raise invalid_arguments("[ERROR] must be a number") from None
        edge = arguments.flag("inclusive")
        fitting = [
            message
            for message in found
            if message.ts == always
            or oldest < float(message.ts) < latest
            or (edge and float(message.ts) in (oldest, latest))
        ]
        with_metadata = arguments.flag("include_all_metadata")
        return {
            "messages": [self._message(m, with_metadata=with_metadata) for m in fitting[:limit]],
            "has_more": len(fitting) > limit,
        }

    def _content(self, arguments: Arguments) -> Content:
        return Content.from_payload(arguments.values, showable=self._world.showable)

    def _visible(self, channel_id: str) -> Channel:
        """The conversation that an id names, as far as the bot may know of it."""
        world = self._world
        channel = world.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and world.bot.id not in channel.members):
            raise ApiError("channel_not_found")
        return channel

    def _writable(self, channel_id: str, *, public_scope: str | None = None) -> Channel:
        """The conversation to post to; a user id stands for the direct messages with that user."""
        world = self._world
        if channel_id in world.users and channel_id != world.bot.id:
            return world.im(world.bot.id, channel_id)
        channel = self._visible(channel_id)
        if channel.is_archived:
            raise ApiError("is_archived")
        if world.bot.id not in channel.members and public_scope not in self._api.scopes:
            raise ApiError("not_in_channel")
        return channel

    def _own_message(self, arguments: Arguments, *, forbidden: str) -> Message:
        channel = self._visible(arguments.required("channel"))
        ts = arguments.required("ts")
        message = next((m for m in self._world.durable(channel.id) if m.ts == ts), None)
        if message is None:
            raise ApiError("message_not_found")
        if message.user != self._world.bot.id:
            raise ApiError(forbidden)
        return message

    def _message(self, message: Message, *, with_metadata: bool = True) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "type": "message",
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": message.blocks,
            "team": self._world.team_id,
        }
        if message.user == self._world.bot.id:
            payload |= {"bot_id": self._world.bot_id, "app_id": self._world.app_id}
        if message.thread_ts is not None:
            payload["thread_ts"] = message.thread_ts
        if with_metadata and message.metadata is not None:
            payload["metadata"] = message.metadata
        return payload


def _metadata(arguments: Arguments) -> dict[str, Any] | None:
    """`{event_type, event_payload}`; {} asks an edit to remove it, None says nothing of it."""
    value = arguments.values.get("metadata")
    if isinstance(value, str):
        try:
            value = json.loads(value) if value else None
        except ValueError:
            raise ApiError("invalid_metadata_format") from None
    match value:
        case None:
            return None
        case {"event_type": str(), "event_payload": dict()}:
            return dict(value)
        case dict() if not value:
            return {}
        case _:
            raise ApiError("invalid_metadata_format")
