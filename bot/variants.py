"""Braces in a prompt stand for several: `{red,blue} fox in {snow,sand}` is four prompts, none of them twice."""

import re
from itertools import product
from math import prod
from typing import Final

# The first comma ends the first choice: to look for another one would take the square of the length.
_PART: Final = re.compile(r'"[^"]*"|[“„][^“”„]*[“”]|\{[^{},"“”„]*,[^{}"“”„]*\}')


def variants(prompt: str) -> list[list[str]]:
    """The prompt as parts that follow each other, each with its alternatives: one where there is no choice.

    What is in double quotes, and braces without a comma, are text like any other.
    """
    parts: list[list[str]] = []
    at = 0
    for match in _PART.finditer(prompt):
        if match[0].startswith("{"):
            choices = (choice.strip() for choice in match[0][1:-1].split(","))
            parts += [[prompt[at : match.start()]], list(dict.fromkeys(choices))]
            at = match.end()
    return [*parts, [prompt[at:]]]


def how_many(parts: list[list[str]]) -> int:
    """How many prompts the parts make at most, without making them."""
    return prod(len(choices) for choices in parts)


def prompts(parts: list[list[str]]) -> tuple[str, ...]:
    """Every prompt once, the last choice changing first."""
    return tuple(dict.fromkeys(" ".join("".join(chosen).split()) for chosen in product(*parts)))
