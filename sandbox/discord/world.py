"""What there is in the stand-in: people, guilds, channels, roles and messages. State only, no rules."""

import enum
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.clock import VirtualClock
from sandbox.discord.changes import Changes

EPOCH_MS = 1_420_070_400_000
DEFAULT_FILE_LIMIT_BYTES = 10 * 2**20


class Permission(enum.IntFlag):
    """Those that the stand-in or its users look at; https://docs.discord.com/developers/topics/permissions."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    USE_APPLICATION_COMMANDS = 1 << 31


MEMBER = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)


class MessageFlag(enum.IntFlag):
    """https://docs.discord.com/developers/resources/message#message-object-message-flags."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, kw_only=True, eq=False)
class Role:
    """A role of one guild; its permissions are added to those of the people who hold it."""

    id: int
    name: str
    guild_id: int
    position: int
    permissions: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A person, or the bot. A person is a member of every guild, with the same permissions in each."""

    id: int
    name: str
    locale: str = "en-US"
    bot: bool = False
    permissions: int = MEMBER
    roles: list[Role] = field(default_factory=list)
    dms_closed: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Guild:
    """A guild; without `installed` the bot is no member of it (a user may still bring the app along)."""

    id: int
    name: str
    locale: str = "en-US"
    installed: bool = True
    file_limit_bytes: int = DEFAULT_FILE_LIMIT_BYTES


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A channel of a guild, a thread below its `parent`, or (without a guild) a DM.

    A DM is with its `recipient`; one of `people` among themselves is a group DM, which the bot is not in.
    """

    id: int
    name: str = ""
    guild: Guild | None = None
    recipient: User | None = None
    nsfw: bool = False
    bot_may_post: bool = True
    bot_may_moderate: bool = False
    kind: Literal["text", "voice", "forum"] = "text"
    people: tuple[User, ...] = ()
    parent: "Channel | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a message; `url` is served by this server. Width and height in pixels, if a picture."""

    id: int
    filename: str
    description: str | None
    content_type: str
    data: bytes = field(repr=False)
    url: str
    width: int | None = None
    height: int | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as people see it; an edit makes a new value with the same id.

    `attachments` are all files, also those that an embed shows (which the API leaves out of its own list);
    `mentions` are the ids of the people who are really pinged; `nonce` is the author's own mark.
    `interaction_type` is what the message answers: a command (2), a component (3) or a modal (5).
    """

    id: int
    channel_id: int
    author: User
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    allowed_mentions: dict[str, Any] | None = None
    mentions: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    interaction_id: int | None = None
    interaction_type: int = 2
    invoked_by: User | None = None
    created_at_s: float = 0.0
    edited_at_s: float | None = None
    nonce: str | None = None

    @property
    def ephemeral(self) -> bool:
        """Only the person who ran the command sees it."""
        return bool(self.flags & MessageFlag.EPHEMERAL)

    @property
    def loading(self) -> bool:
        """It still says that the bot is thinking."""
        return bool(self.flags & MessageFlag.LOADING)


class World:
    """Everything there is, by id."""

    def __init__(self, *, clock: VirtualClock) -> None:
        self.clock = clock
        self.changes = Changes()
        self.origin = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.roles: dict[int, Role] = {}
        self.messages: dict[int, Message] = {}
        self._last_ms = 0
        self._increment = 0

    def snowflake(self, *, later_ms: int = 0) -> int:
        """A new id: milliseconds since Discord's epoch << 22 | increment; at least `later_ms` after the last."""
        now_ms = int(self.clock.now_s() * 1000) - EPOCH_MS
        moment_ms = max(now_ms, self._last_ms + later_ms)
        self._increment = (self._increment + 1) % 4096 if moment_ms == self._last_ms else 0
        self._last_ms = moment_ms
        return moment_ms << 22 | self._increment

    def dm_with(self, user: User) -> Channel:
        """The DM of the bot and `user`, made if there is none."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(id=self.snowflake(), recipient=user)
        self.channels[channel.id] = channel
        return channel

    def put(self, message: Message) -> None:
        """Add a message or its new version; one that stops loading counts as posted now."""
        before = self.messages.get(message.id)
        if before is not None and before.loading:
            del self.messages[message.id]
        self.messages[message.id] = message
        self.changes.notify()

    def remove(self, message: Message) -> None:
        """Delete a message, and with it its files."""
        self.messages.pop(message.id, None)
        self.changes.notify()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its messages."""
        del self.channels[channel.id]
        for message in [message for message in self.messages.values() if message.channel_id == channel.id]:
            self.remove(message)

    def finished(self) -> list[Message]:
        """The messages people can read, oldest first."""
        return [message for message in self.messages.values() if not message.loading]

    def attachment(self, attachment_id: int) -> Attachment | None:
        """The file with that id, as long as its message has it."""
        for message in self.messages.values():
            for attachment in message.attachments:
                if attachment.id == attachment_id:
                    return attachment
        return None
