"""What a sentence is made of before a platform gives it markup."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time (milliseconds UTC), shown in the reader's own zone."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be shown as typed, ready to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Text that opens an address of the platform's own."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody, shown by their name and never pinged: by the platform's own id, or by account or owner's name.

    In a report over everything, people of one platform are read about on the other: there they are an id.
    """

    id: str

    @property
    def platform(self) -> str:
        """`discord` or `slack`; empty for the platform that the sentence is read on."""
        return self.id.partition(":")[0] if ":" in self.id else ""

    @property
    def local_id(self) -> str:
        """The platform's own id."""
        return self.id.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class RoleMention(Mention):
    """A Discord role or a Slack user group: likewise."""


@dataclass(frozen=True, slots=True)
class ChannelMention(Mention):
    """A channel: likewise."""


Span = str | Moment | Code | Link | Mention | RoleMention | ChannelMention

Sentence = tuple[Span, ...]
"""Plain text in between is unescaped: whoever renders a sentence escapes it."""
