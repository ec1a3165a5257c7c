"""Somebody's pictures, a page at a time."""

from typing import Final

import discord

from adapters import captions
from adapters.actions import ENTRIES, Actions
from adapters.discord import answers, buttons, convert
from adapters.locales import catalogue
from adapters.responses import Page, Say
from adapters.sentences import Sentence, Span

MOST_PAGES: Final = 999
_PROMPT: Final = 200
"""Characters: four of them fit a message, with what doubles when it is escaped."""


async def show(interaction: discord.Interaction, actions: Actions, *, page: int, turning: bool) -> None:
    """Show a page to the person alone, in place of the one that they turn."""
    person = convert.person(interaction)
    found = await actions.history(person, page=min(max(page, 1), MOST_PAGES))
    if isinstance(found, Say):
        await answers.say(interaction, found.sentence)
        return
    first = (found.number - 1) * ENTRIES + 1
    sentence = listed(found, first=first, locale=person.locale)
    rows = buttons.history(found, first=first, locale=person.locale)
    if turning:
        await answers.replace(interaction, sentence, view=rows)
    else:
        await answers.say(interaction, sentence, view=rows)


def listed(page: Page, *, first: int, locale: str | None) -> Sentence:
    """When, what, and what it took."""
    spans: list[Span] = [catalogue(locale).history_title(page=page.number)]
    for number, entry in enumerate(page.entries, start=first):
        spans += ["\n\n", *captions.entry(entry, number, most=_PROMPT, locale=locale)]
    return tuple(spans)
