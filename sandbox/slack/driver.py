"""What a person does in Slack, turned into what the app is sent."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.slack.content import Content
from sandbox.slack.deliveries import Delivery, Door
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.triggers import Triggers
from sandbox.slack.world import TEAM_DOMAIN, Channel, Message, User, World

# The `token` field, by which apps knew Slack before requests were signed.
VERIFICATION = "sandbox-verification"
CHANNEL_NAMES = {"im": "directmessage", "private": "privategroup"}


class Driver:
    """Types commands and messages, and mentions the bot."""

    def __init__(
        self,
        *,
        world: World,
        door: Door,
        response_urls: ResponseUrls,
        triggers: Triggers,
        escaping: Iterable[str],
    ) -> None:
        self._world = world
        self._escaping = frozenset(escaping)
        self._door = door
        self._response_urls = response_urls
        self._triggers = triggers

    async def slash(self, command: str, text: str, *, user: User, channel: Channel) -> Delivery:
        """Send `/command text`, as typed by `user` in `channel`."""
        self._enter(user, channel)
        address = self._response_urls.new(channel_id=channel.id, user_id=user.id)
        payload = {
            "token": VERIFICATION,
            "team_id": self._world.team_id,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": CHANNEL_NAMES.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": self._escaped(text.strip()) if command in self._escaping else text.strip(),
            "api_app_id": self._world.app_id,
            "is_enterprise_install": "false",
            "response_url": address.url,
            "trigger_id": self._triggers.new(user_id=user.id),
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

    def say(self, text: str, *, user: User, channel: Channel, thread_ts: str | None = None) -> Message:
        """Write a message, as typed; the app, which has subscribed to no messages, hears nothing of it."""
        self._enter(user, channel)
        escaped = self._escaped(text, with_names=False)
        said = Content.from_payload({"text": escaped}, showable=self._world.showable)
        return self._world.post(said, channel_id=channel.id, user=user.id, thread_ts=thread_ts)

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

    def _escaped(self, text: str, *, with_names: bool = True) -> str:
        """What Slack makes of a text that was typed: names of people, channels and groups become links.

        In a command (whose manifest says `should_escape`) the links tell the names as well.
        """
        for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(character, entity)
        for user in self._world.users.values():
            text = re.sub(
                rf"(?<!\S)@{re.escape(user.name)}(?!\S)",
                f"<@{user.id}|{user.name}>" if with_names else f"<@{user.id}>",
                text,
            )
        for channel in self._world.channels.values():
            link = f"<#{channel.id}|{channel.name}>" if with_names else f"<#{channel.id}>"
            text = re.sub(rf"(?<![^\s=])#{re.escape(channel.name)}(?!\S)", link, text) if channel.name else text
        for group in self._world.groups.values():
            link = f"<!subteam^{group.id}|@{group.name}>" if with_names else f"<!subteam^{group.id}>"
            text = re.sub(rf"(?<!\S)@{re.escape(group.name)}(?!\S)", link, text)
        return text

    def _enter(self, user: User, channel: Channel) -> None:
        if user.id in channel.members:
            return
        if channel.kind != "public":
            raise ValueError(f"{user.name} is not in this {channel.kind} channel and cannot type there")
        channel.members.add(user.id)
