"""Every message in every language, as each platform shows it: translated, with its fields, and within the limits."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from itertools import product
from string import Formatter
from typing import Any, get_type_hints

import catalogues
import pytest
from deliveries import BALANCE

from adapters.discord import render as on_discord
from adapters.locales import LANGUAGES, catalogue
from adapters.locales.words import Words
from adapters.sentences import ChannelMention, Mention, Moment, Sentence, Span
from adapters.slack import render as on_slack
from bot.model import Account, Balance, Outlook, Space
from bot.rules import Change, Kind, Noted, Page, Rule, Subject
from bot.vocabulary import Word

LOCALES = ["en", *LANGUAGES]
LONG = "x" * 60
RULE = Rule(
    id="discord:1",
    space=Space("discord:1"),
    subject=Subject("discord:1:2"),
    kind=Kind.LIMIT,
    value=1_234,
    by="discord:9",
    at_ms=1_900_000_000_000,
    expires_ms=1_950_000_000_000,
)
RULES = [RULE, *(replace(RULE, kind=kind, value=1, text="[]" if kind is Kind.WORDS else "{}") for kind in Kind)]
NOTED = Noted(rule=RULE, before=RULE)

# What an argument of a kind can be: texts are as long as they come, and of an enumeration there is everything.
KINDS: Mapping[Any, Sequence[Any]] = {
    Balance: [BALANCE, Balance(limit=None, used=1, returns_ms=None)],
    Outlook: [Outlook(ahead=ahead, ready_ms=ms) for ahead in (0, 1, 12) for ms in (None, 4_000, 700_000)],
    bool: [True, False],
    int: [0, 1, 12_345],
    str: [LONG],
    Decimal: [Decimal("1234.5")],
    Account: [Account("discord:1:2")],
    Subject: [Subject(one) for one in ("*", "discord:1", "discord:1:2", "discord:1:role:3", "discord:1:channel:4")],
    Mention: [Mention("2")],
    ChannelMention: [ChannelMention("2")],
    Change: RULES,
    Rule: [RULE],
    Noted: [NOTED],
    Page: [Page(entries=(), number=1, more=False), Page(entries=(NOTED,), number=2, more=True)],
    Sentence: [("a ", Moment(1_900_000_000_000))],
    Span: [LONG],
}
# Where the name says more than the type.
NAMES: Mapping[str, Sequence[Any]] = {
    "window": ["day", "week", "month", "24h"],
    "name": ["aspect", "size", "images", "extend", "private"],
    "setting": ["aspect", "extend"],
    "flag": ["ar", "size", "seed", "n", "raw"],
    "seeds": [[7], [7, 8, 9, 10]],
    "forms": [{word: f"{word} @somebody" for word in Word}],
    "known": [["aspect", "size"]],
    "takes": [["on", "off"]],
    "space": ["discord:1"],
}
BUTTONS = {
    *("again", "edit", "larger", "delete", "share", "cancel", "how_long", "draw", "discard", "open", "older", "newer"),
    *("tier", "choice", "data_erase_button"),
}
TITLES = {"form_title", "edit_title"}
FIELDS = {
    *("form_prompt", "form_aspect", "form_size", "form_images", "form_options", "form_seed", "form_extend"),
    *("form_private", "form_place"),
}
DESCRIPTIONS = {"imagine", "quota", "quota_admin", "imagine_data", "imagine_options", "admin_words", "admin_arguments"}

# Characters, the stricter of the two platforms each.
LIMITS = [(BUTTONS, 75), (TITLES, 24), (FIELDS, 45), ({"form_close"}, 24), ({"imagine_this"}, 24)]
DESCRIPTION, CONTENT, SECTION = 100, 2000, 3000


def limit_of(name: str) -> int | None:
    if name in DESCRIPTIONS or name.startswith("about_") or name == "settings_options":
        return DESCRIPTION
    return next((limit for names, limit in LIMITS if name in names), None)


def values_of(name: str, hint: Any) -> Sequence[Any]:
    """What an argument can be: by its name, by its type, or by any of several types."""
    if name in NAMES:
        return NAMES[name]
    if hint in KINDS:
        return KINDS[hint]
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return list(hint)
    several = getattr(hint, "__args__", None)
    if several is not None and type(None) in several:
        return [None, *(value for kind in several if kind is not type(None) for value in values_of("", kind))]
    if hint == Sequence[str]:
        return [[LONG, LONG]]
    raise LookupError(f"no sample of {name}: {hint}")


def everything(words: Words) -> Iterator[tuple[str, Any]]:
    """The name of each message, and all that it can say."""
    for name, member in inspect.getmembers(type(words)):
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield name, getattr(words, name)
            continue
        hints = get_type_hints(member)
        arguments = [one for one in inspect.signature(member).parameters if one != "self"]
        for chosen in product(*(values_of(one, hints[one]) for one in arguments)):
            filled = dict(zip(arguments, chosen, strict=True))
            yield name, getattr(words, name)(**filled)


def texts(said: Any) -> list[str | Sentence]:
    if said is None:
        return []
    return [*said.values()] if isinstance(said, Mapping) else [said]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_fits_where_it_is_shown(locale: str) -> None:
    """Buttons, titles, labels, descriptions, and sentences in both platforms' markup."""
    seen = set()
    for name, said in everything(catalogue(locale)):
        for text in texts(said):
            seen.add(name)
            limit = limit_of(name)
            if limit is not None:
                assert isinstance(text, str)
                assert 0 < len(text) <= limit, (name, text)
            sentence: Sentence = (text,) if isinstance(text, str) else text
            assert len(on_discord.sentence(sentence)) <= CONTENT, name
            assert len(on_slack.sentence(sentence)) <= SECTION, name
    known = {name for name, _ in inspect.getmembers(Words) if not name.startswith("_")}
    assert seen == known


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_every_message_is_translated_with_its_fields(language: str) -> None:
    """None is left in English, and no form of a plural names what its source does not."""
    for message in catalogues.read(language):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), message.id
        wanted = set().union(*map(fields, sources))
        for form in forms:
            assert fields(form) <= wanted, message.id
            assert wanted - fields(form) <= ({"n"} if len(sources) > 1 else set()), message.id


def fields(text: Any) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
