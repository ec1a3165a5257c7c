"""Who spends what: the figures of a report, as admins and operators read them."""

from dataclasses import dataclass
from datetime import date

from bot.model import Account, Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Credits of the commands given on one day of the quota's time zone, by what became of them."""

    date: date
    delivered: int
    given_back: int
    under_way: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """What one person was charged, for how many commands that ended with a picture."""

    account: Account
    credits: int
    delivered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command as a row of the books. No prompt: a report is about credits. Time in milliseconds UTC."""

    created_ms: int
    account: Account
    space: Space | None
    state: str
    reason: str | None
    asked: int
    charged: int
    bonus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The days up to today; `space` None is the whole deployment. `people` are the top ten of `num_people`.

    `entries` are the newest rows, `num_entries` is how many there are.
    """

    space: Space | None
    days: tuple[Day, ...]
    people: tuple[Spender, ...]
    num_people: int
    entries: tuple[Entry, ...]
    num_entries: int

    @property
    def delivered(self) -> int:
        """Credits charged for pictures that came."""
        return sum(day.delivered for day in self.days)

    @property
    def given_back(self) -> int:
        """Credits that were asked for and given back."""
        return sum(day.given_back for day in self.days)

    @property
    def under_way(self) -> int:
        """Credits charged for what has not ended yet."""
        return sum(day.under_way for day in self.days)
