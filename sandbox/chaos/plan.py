"""Which kills there will be, the same ones for the same seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, TypeVar

from sandbox.chaos.grounds import GROUNDS, Ground
from sandbox.chaos.moments import Moment

T = TypeVar("T")

BATCH: Final = 12
"""Kills between fresh stand-ins, so that these do not keep the pictures of all."""

LONGEST_LOAD_S: Final = 0.6
"""How long people type, at most, before a random kill: most of what they started is still under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill while a command asks for `pictures`; of the calls that the moment names, the one after `skip`."""

    moment: Moment
    pictures: int
    skip: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Kills on one platform, between the same stand-ins; `loads` are seconds of typing before a random kill."""

    ground: Ground
    kills: tuple[Kill, ...] = ()
    loads: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        return len(self.kills) + len(self.loads)


def plan(*, kills: int, loads: int, seed: int) -> list[Batch]:
    """`kills` at chosen moments, each moment equally often and in turns with one picture and three; `loads` at none."""
    dice = random.Random(seed)  # noqa: S311 - chooses moments, guards nothing
    batches: list[Batch] = []
    chosen = _chosen(kills, dice)
    shares = [ground for ground in GROUNDS for _ in range(ground.share)]
    for index, ground in enumerate(GROUNDS):
        ours = chosen[index]
        dice.shuffle(ours)
        batches += [Batch(ground=ground, kills=some) for some in _batched(ours)]
        mine = sum(shares[number % len(shares)] is ground for number in range(loads))
        moments = [dice.uniform(0, LONGEST_LOAD_S) for _ in range(mine)]
        batches += [Batch(ground=ground, loads=some) for some in _batched(moments)]
    # The long ones first: nobody waits at the end for a batch that was begun last.
    return sorted(batches, key=lambda batch: -batch.size)


def _chosen(kills: int, dice: random.Random) -> list[list[Kill]]:
    """The kills at chosen moments, by ground."""
    chosen: list[list[Kill]] = [[] for _ in GROUNDS]
    endless = _endless(dice)
    for _ in range(kills):
        index, kill = next(endless)
        chosen[index].append(kill)
    return chosen


def _endless(dice: random.Random) -> Iterator[tuple[int, Kill]]:
    cells = [(index, moment) for index, ground in enumerate(GROUNDS) for moment in ground.moments]
    for turn in count():
        this_turn = list(enumerate(cells))
        dice.shuffle(this_turn)
        for number, (index, moment) in this_turn:
            pictures = 3 if (number + turn) % 2 else 1
            skip = dice.randrange(pictures) if moment.per_picture else 0
            yield index, Kill(moment=moment, pictures=pictures, skip=skip)


def _batched(items: Sequence[T]) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(items), BATCH):
        yield tuple(items[start : start + BATCH])
