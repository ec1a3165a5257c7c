"""Numbers on a command line that make sense: argparse refuses the others, in a sentence."""

import argparse
import math
from collections.abc import Callable


def at_least(lowest: int) -> Callable[[str], int]:
    """For `type=` of an argument: a whole number that is `lowest` or more."""

    def whole(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if number < lowest:
            raise argparse.ArgumentTypeError(f"has to be at least {lowest}, not {number}")
        return number

    return whole


def share(text: str) -> float:
    """For `type=` of an argument: from 0 (none) to 1 (all)."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"has to be from 0 (none) to 1 (all), not {text}")
    return number


def seconds(text: str) -> float:
    """For `type=` of an argument: no time at all, or some."""
    number = _number(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"has to be 0 seconds or more, not {text}")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
