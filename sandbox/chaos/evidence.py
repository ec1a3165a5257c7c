"""What is known of one command at the end, and what was wrong with it: no process, no socket, only facts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Wrong(StrEnum):
    """A rule that was broken; all but `REPEATED` fail the run."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    REPEATED = "in the window"
    """A message that the bot posted again because nobody could tell it that the first one stands."""
    WRONGLY_CHARGED = "wrongly charged"
    PAID_AGAIN = "paid again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The command in the bot's database."""

    state: str
    charged: int
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A call that DashScope billed, for the picture of that seed; `fetched` once its picture was asked for."""

    seed: int | None
    at_s: float
    fetched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One command, as the person, the platform, DashScope and the database know it; a picture costs one credit.

    `shown` has an entry per message with pictures, the number of them; `told` counts the messages without.
    `doubts` are the kills between a message's being there and the bot's noting that it is, `starts_s` the restarts.
    """

    command: str
    wanted: int
    promised: bool
    row: Row | None
    shown: Sequence[int] = ()
    told: int = 0
    doubts: int = 0
    payments: Sequence[Payment] = ()
    starts_s: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule, and what broke it."""

    wrong: Wrong
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which messages a platform lets nobody look up, so that a lost answer may make them appear twice."""

    shown: bool = False
    told: bool = False


def judge(evidence: Evidence, window: Window) -> list[Finding]:
    """Every rule that was broken, as often as it was."""
    return [Finding(wrong=wrong, about=str(evidence)) for wrong in _wrongs(evidence, window)]


def _wrongs(evidence: Evidence, window: Window) -> Iterator[Wrong]:
    if _is_lost(evidence):
        yield Wrong.LOST
    repeats = max(0, len(evidence.shown) + evidence.told - 1)
    may_repeat = window.shown if evidence.shown else window.told
    for number in range(repeats):
        yield Wrong.REPEATED if may_repeat and number < evidence.doubts else Wrong.DUPLICATED
    # Equal also where an answer was lost: no crash of its own makes the bot take back what stands.
    if (evidence.row.charged if evidence.row else 0) != (evidence.shown[0] if evidence.shown else 0):
        yield Wrong.WRONGLY_CHARGED
    for _ in range(_paid_again(evidence)):
        yield Wrong.PAID_AGAIN


def _is_lost(evidence: Evidence) -> bool:
    """Whether what was accepted, or promised, came to no end that the person has seen."""
    row = evidence.row
    if row is None:
        return evidence.promised or bool(evidence.shown)
    if row.settled and row.state == "delivered":
        return not evidence.shown or any(pictures != evidence.wanted for pictures in evidence.shown)
    return not (row.settled and row.state == "refunded" and evidence.told)


def _paid_again(evidence: Evidence) -> int:
    """Paid calls too many: another one is right only if the one before was made by a bot that was killed.

    A picture that the bot has asked for is one that it knew of, so its call was not in flight.
    """
    by_seed = defaultdict[int | None, list[Payment]](list)
    for payment in sorted(evidence.payments, key=lambda payment: payment.at_s):
        by_seed[payment.seed].append(payment)
    return sum(
        first.fetched or not any(first.at_s < start_s < second.at_s for start_s in evidence.starts_s)
        for payments in by_seed.values()
        for first, second in pairwise(payments)
    )
