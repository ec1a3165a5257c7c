"""What admins decide: rules about a person, a role, a space or the whole deployment."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from bot.model import Account, Space

Subject = NewType("Subject", str)
"""Whom a rule is about: an account, a role or a channel of a space (`role_of`, `channel_of`), a space, or
`DEPLOYMENT`."""

DEPLOYMENT: Final = Subject("*")

NOWHERE: Final = Space("discord:user")
"""Where those are accounted who brought the app along to a server, or write to it alone: no pool and no default."""

ERASED: Final = "erased"
"""In place of a person's id where their data is gone: nobody has it."""

_SPACE: Final = re.compile(r"discord:(?:[0-9]+|user)|slack:[ET][A-Z0-9]+")
_ACCOUNT: Final = re.compile(r"discord:(?:[0-9]+|user):[0-9]+|slack:[ET][A-Z0-9]+:[UW][A-Z0-9]+")


def role_of(space: Space, role: str) -> Subject:
    """A Discord role, or a Slack user group, of one space."""
    return Subject(f"{space}:role:{role}")


def channel_of(space: Space, channel: str) -> Subject:
    """A channel of one space; a Discord thread counts as the channel that it hangs on."""
    return Subject(f"{space}:channel:{channel}")


def person_of(space: Space, user: str) -> Account:
    """The account of a member of `space`."""
    return Account(f"{space}:{user}")


def is_space(text: str) -> bool:
    """Whether `text` names a server or workspace: `discord:1`, `slack:T1`; or `NOWHERE`."""
    return _SPACE.fullmatch(text) is not None


def is_account(text: str) -> bool:
    """Whether `text` names somebody: `discord:1:2`, `slack:T1:U1`; or `discord:user:2`."""
    return _ACCOUNT.fullmatch(text) is not None


def local_id(subject: str) -> str:
    """The platform's own id of whom an account or a rule's subject is about."""
    return subject.rpartition(":")[2]


def is_erased(account: str) -> bool:
    """Whether this stands for people whose data is gone."""
    return local_id(account) == ERASED


class Kind(StrEnum):
    """What a rule decides. The newest rule of a subject and kind counts."""

    LIMIT = "limit"
    """Credits per window of a person, of a role, or of everybody in a space."""
    POOL = "pool"
    """Credits per window of a space as a whole."""
    CEILING = "ceiling"
    """The most that a space's pool can be: the operator's, above the space's admins."""
    BUDGET = "budget"
    """Credits per window of the whole deployment."""
    GRANT = "grant"
    """Bonus credits: all grants of a person make one pot."""
    RESET = "reset"
    """The person's window starts anew."""
    BLOCK = "block"
    """No more pictures."""
    CHANNEL = "channel"
    """What is drawn in a channel where nobody says otherwise: `Defaults` as JSON in `text`."""
    PICTURES = "pictures"
    """Whether a channel, or a whole space, allows pictures at all: 1 or 0. The channel's goes before the space's."""
    SPOILER = "spoiler"
    """Whether pictures of a space are hidden until somebody looks: 1 or 0."""
    RESTRICTED = "restricted"
    """Whether a space has pictures only in its age-restricted channels: 1 or 0."""
    WORDS = "words"
    """What no prompt of a space may hold: a list as JSON in `text`."""
    LOG = "log"
    """The channel of a space that gets every picture as well: its id in `text`."""
    REFUSED = "refused"
    """Somebody tried an admin command without being one: noted, decides nothing."""


HOUSE: Final = frozenset({Kind.CHANNEL, Kind.PICTURES, Kind.SPOILER, Kind.RESTRICTED, Kind.WORDS, Kind.LOG})
"""What is about places and not about credits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A rule to be made. `applies` False takes back what a rule of this kind said; a `value` of None is unlimited."""

    space: Space | None
    subject: Subject
    kind: Kind
    applies: bool = True
    value: int | None = None
    text: str | None = None
    expires_ms: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Change):
    """A rule as it stands: the change that made it, by whom and when. Times in milliseconds UTC, amounts in credits."""

    id: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A rule in the audit, with the one that it replaced."""

    rule: Rule
    before: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of rules; `number` counts from 1, `more` says that another one follows."""

    entries: tuple[Noted, ...]
    number: int
    more: bool
