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
class Mention:
    """Somebody, by the platform's own id: shown by their name, and never pinged."""

    id: str


@dataclass(frozen=True, slots=True)
class RoleMention:
    """A Discord role or a Slack user group, by the platform's own id: likewise."""

    id: str


Span = str | Moment | Code | Mention | RoleMention

Sentence = tuple[Span, ...]
"""Plain text in between is unescaped: whoever renders a sentence escapes it."""
