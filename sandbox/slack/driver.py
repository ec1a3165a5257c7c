"""What a person does in Slack, turned into what the app is sent."""

import itertools
import re
import secrets
from collections.abc import Iterable
from typing import Any

from sandbox.slack.content import Content
from sandbox.slack.deliveries import Delivery, Door
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.world import TEAM_DOMAIN, Channel, Message, User, World

# The `token` field, by which apps knew Slack before requests were signed.
VERIFICATION = "sandbox-verification"
_CHANNEL_NAMES = {"im": "directmessage", "private": "privategroup"}


class Driver:
    """Types commands, clicks buttons and mentions the bot."""

    def __init__(self, *, world: World, door: Door, response_urls: ResponseUrls, escaping: Iterable[str]) -> None:
        self._world = world
        self._escaping = frozenset(escaping)
        self._door = door
        self._response_urls = response_urls
        self._trigger = itertools.count(1)

    async def slash(self, command: str, text: str, *, user: User, channel: Channel) -> Delivery:
        """Send `/command text`, as typed by `user` in `channel`."""
        self._enter(user, channel)
        address = self._response_urls.new(channel_id=channel.id, user_id=user.id)
        payload = {
            "token": VERIFICATION,
            "team_id": self._world.team_id,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": _CHANNEL_NAMES.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": self._escaped(text.strip()) if command in self._escaping else text.strip(),
            "api_app_id": self._world.app_id,
            "is_enterprise_install": "false",
            "response_url": address.url,
            "trigger_id": self._new_trigger_id(),
        }

        def show(answer: dict[str, Any]) -> Message | None:
            if not answer.get("text") and not answer.get("blocks") and not answer.get("attachments"):
                return None
            return self._world.post(
                Content.from_payload(answer, showable=self._world.showable),
                channel_id=channel.id,
                user=self._world.bot.id,
                ephemeral_for=None if answer.get("response_type") == "in_channel" else user.id,
            )

        delivery = Delivery(
            type="slash_commands", payload=payload, world=self._world, accept=show, response_url=address
        )
        await self._door.deliver(delivery)
        return delivery

    async def click(self, message: Message, action_id: str, *, user: User) -> Delivery:
        """Click the button `action_id` of `message`; LookupError if it has none."""
        if message.ephemeral_for not in (None, user.id):
            raise ValueError("nobody else sees an ephemeral message")
        world, channel = self._world, self._world.channels[message.channel_id]
        block_id, button = _button(message, action_id)
        address = self._response_urls.new(channel_id=channel.id, user_id=user.id, original=message)
        payload: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": world.team_id},
            "api_app_id": world.app_id,
            "token": VERIFICATION,
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.id,
                "is_ephemeral": message.ephemeral_for is not None,
            },
            "trigger_id": self._new_trigger_id(),
            "team": {"id": world.team_id, "domain": TEAM_DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel.id, "name": _CHANNEL_NAMES.get(channel.kind, channel.name)},
            "state": {"values": {}},
            "response_url": address.url,
            "actions": [{**button, "block_id": block_id, "action_ts": world.new_ts()}],
        }
        if message.ephemeral_for is None:
            payload["message"] = {
                "type": "message",
                "user": message.user,
                "bot_id": world.bot_id,
                "app_id": world.app_id,
                "ts": message.ts,
                "text": message.text,
                "blocks": message.blocks,
                "team": world.team_id,
            }
            if message.metadata is not None:
                payload["message"]["metadata"] = message.metadata
        delivery = Delivery(type="interactive", payload=payload, world=world, response_url=address)
        await self._door.deliver(delivery)
        return delivery

    async def mention(self, text: str, *, user: User, channel: Channel, thread_ts: str | None = None) -> Delivery:
        """Say `@bot text`, which reaches the app as an `app_mention` event."""
        self._enter(user, channel)
        said = Content.from_payload({"text": f"<@{self._world.bot.id}> {text}"}, showable=self._world.showable)
        message = self._world.post(said, channel_id=channel.id, user=user.id, thread_ts=thread_ts)
        event = {
            "type": "app_mention",
            "user": user.id,
            "text": message.text,
            "ts": message.ts,
            "channel": channel.id,
            "event_ts": message.ts,
            "team": self._world.team_id,
        }
        return await self.event(event | ({"thread_ts": thread_ts} if thread_ts is not None else {}))

    async def event(self, event: dict[str, Any]) -> Delivery:
        """Send any event of the Events API."""
        world = self._world
        payload = {
            "token": VERIFICATION,
            "team_id": world.team_id,
            "api_app_id": world.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": world.new_id("Ev"),
            "event_time": int(world.clock.now_s()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": world.team_id,
                    "user_id": world.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
        delivery = Delivery(type="events_api", payload=payload, world=world)
        await self._door.deliver(delivery)
        return delivery

    async def repeat(self, delivery: Delivery) -> Delivery:
        """Deliver the same payload once more, in an envelope of its own."""
        again = Delivery(
            type=delivery.type,
            payload=delivery.payload,
            world=self._world,
            accept=delivery.accept,
            response_url=delivery.response_url,
            attempt=delivery.attempt + 1,
        )
        await self._door.deliver(again)
        return again

    def _escaped(self, text: str) -> str:
        """What `should_escape` in the manifest makes of a command's text: names of people and groups become links."""
        for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(character, entity)
        for user in self._world.users.values():
            text = re.sub(rf"(?<!\S)@{re.escape(user.name)}(?!\S)", f"<@{user.id}|{user.name}>", text)
        for group in self._world.groups.values():
            link = f"<!subteam^{group.id}|@{group.name}>"
            text = re.sub(rf"(?<!\S)@{re.escape(group.name)}(?!\S)", link, text)
        return text

    def _enter(self, user: User, channel: Channel) -> None:
        if user.id in channel.members:
            return
        if channel.kind != "public":
            raise ValueError(f"{user.name} is not in this {channel.kind} channel and cannot type there")
        channel.members.add(user.id)

    def _new_trigger_id(self) -> str:
        now_ms = int(self._world.clock.now_s() * 1000)
        return f"{now_ms}.{next(self._trigger)}.{secrets.token_hex(16)}"


def _button(message: Message, action_id: str) -> tuple[str, dict[str, Any]]:
    for block in message.blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if element.get("type") == "button" and element.get("action_id") == action_id:
                return block["block_id"], element
    raise LookupError(f"the message has no button {action_id}")
