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


Sentence = tuple[str | Moment | Code, ...]
"""Plain text in between is unescaped: whoever renders a sentence escapes it."""
