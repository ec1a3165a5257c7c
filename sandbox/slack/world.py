"""The workspace: people, channels, messages and files, and nothing that speaks a protocol."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.clock import VirtualClock
from sandbox.slack.changes import Changes
from sandbox.slack.content import Content
from sandbox.slack.media import SHOWABLE, sniff

TEAM_DOMAIN = "sandbox"
# Told apart even where nobody would be notified: a bot never means them.
_BROADCASTS = frozenset({"!channel", "!here", "!everyone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A member of the workspace, or the bot itself."""

    id: str
    name: str
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    tz: str = "Europe/Berlin"
    locale: str = "en-US"


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A conversation; `members` holds user ids, the bot's among them where it has joined."""

    id: str
    name: str
    kind: Literal["public", "private", "im"]
    members: set[str]
    is_archived: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Group:
    """A user group, `@name`; `members` holds user ids."""

    id: str
    name: str
    members: set[str]


@dataclass(slots=True, kw_only=True, eq=False)
class File:
    """An upload; its type is known only once Slack has looked at it."""

    id: str
    name: str
    title: str
    size: int
    user: str
    url_private: str
    clock: VirtualClock
    data: bytes = field(default=b"", repr=False)
    alt_txt: str | None = None
    ready_at_s: float | None = None
    shares: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether the scan that follows an upload is over."""
        return self.ready_at_s is not None and self.clock.now_s() >= self.ready_at_s

    @property
    def mimetype(self) -> str:
        """Empty until the file is ready; then what its bytes say it is."""
        return sniff(self.data) if self.is_ready else ""


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """What people see in a channel; an edit changes it in place.

    `ephemeral_for` is the only user who sees it, None if all do. `files` are the pictures that are really shown.
    `pings` are the mentions left unescaped: user ids, and `!channel` and the like.
    """

    ts: str
    channel_id: str
    user: str
    text: str
    blocks: list[dict[str, Any]]
    files: list[File]
    pings: list[str]
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    ephemeral_for: str | None = None
    is_edited: bool = False
    is_deleted: bool = False


class World:
    """The state of one workspace; `changes` rings whenever somebody would see a difference."""

    def __init__(self, *, clock: VirtualClock) -> None:
        self.clock = clock
        self.changes = Changes()
        self._serial = itertools.count(1)
        self._last_micros = 0
        self.team_id = self.new_id("T")
        self.app_id = self.new_id("A")
        self.bot_id = self.new_id("B")
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.files: dict[str, File] = {}
        self.bot = self.add_user("imagine", is_bot=True)

    def new_id(self, prefix: str) -> str:
        """An id as Slack writes them: a letter for the kind, then ten capitals and digits."""
        return f"{prefix}0SBX{next(self._serial):06X}"

    def new_ts(self) -> str:
        """A timestamp in seconds that no other message has, later than all before it."""
        self._last_micros = max(int(self.clock.now_s() * 1e6), self._last_micros + 1)
        return f"{self._last_micros // 10**6}.{self._last_micros % 10**6:06d}"

    def add_user(self, name: str, **facts: Any) -> User:
        """A new member; `facts` are the other fields of `User`."""
        user = User(id=self.new_id("U"), name=name, **facts)
        self.users[user.id] = user
        return user

    def add_group(self, name: str, *, members: Iterable[str]) -> Group:
        """A new user group of `members` (user ids)."""
        group = Group(id=self.new_id("S"), name=name, members=set(members))
        self.groups[group.id] = group
        return group

    def add_channel(self, name: str, *, kind: Literal["public", "private", "im"], members: Iterable[str]) -> Channel:
        """A new conversation of `members` (user ids)."""
        prefix = "D" if kind == "im" else "C"
        channel = Channel(id=self.new_id(prefix), name=name, kind=kind, members=set(members))
        self.channels[channel.id] = channel
        return channel

    def im(self, one: str, other: str) -> Channel:
        """The direct messages of two users, opened if need be."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {one, other}:
                return channel
        return self.add_channel("", kind="im", members=(one, other))

    def post(
        self,
        content: Content,
        *,
        channel_id: str,
        user: str,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
        ephemeral_for: str | None = None,
    ) -> Message:
        """Show `content` in a channel, to everybody or to one."""
        message = Message(
            ts=self.new_ts(),
            channel_id=channel_id,
            user=user,
            text=content.text,
            blocks=content.blocks,
            files=[self.files[file_id] for file_id in content.file_ids],
            pings=self._reached(content.pings, channel_id, ephemeral_for),
            thread_ts=thread_ts,
            metadata=metadata,
            ephemeral_for=ephemeral_for,
        )
        self.messages.append(message)
        self.changes.notify()
        return message

    def _reached(self, pings: list[str], channel_id: str, ephemeral_for: str | None) -> list[str]:
        """Of those named, who is notified: nobody by an ephemeral message, no stranger by a DM."""
        if ephemeral_for is not None:
            return [ping for ping in pings if ping in _BROADCASTS]
        channel = self.channels[channel_id]
        if channel.kind == "im":
            return [ping for ping in pings if ping in channel.members or ping in _BROADCASTS]
        return pings

    def is_thread(self, channel_id: str, ts: str) -> bool:
        """Whether somebody has answered the message `ts` in a thread."""
        return any(message.thread_ts == ts for message in self.durable(channel_id))

    def delete(self, message: Message) -> None:
        """Take a message off the screen."""
        message.is_deleted = True
        self.messages.remove(message)
        self.changes.notify()

    def delete_file(self, file: File) -> None:
        """Take a file out of the workspace, and out of the messages that showed it."""
        del self.files[file.id]
        for message in self.messages:
            if file in message.files:
                message.files.remove(file)
        self.changes.notify()

    def showable(self, reference: dict[str, Any]) -> str | None:
        """The id of the file that a `slack_file` object names, if the bot may show it in an image block now.

        It may once the file is ready, is a PNG, JPEG or GIF, and was uploaded with the token that posts it.
        """
        for file in self.files.values():
            if reference in ({"id": file.id}, {"url": file.url_private}):
                return file.id if file.mimetype in SHOWABLE and file.user == self.bot.id else None
        return None

    def durable(self, channel_id: str) -> Iterator[Message]:
        """The messages of a channel that Slack keeps, oldest first: all but the ephemeral ones."""
        return (m for m in self.messages if m.channel_id == channel_id and m.ephemeral_for is None)
