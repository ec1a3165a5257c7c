"""Forms: `/imagine` with every option in view. What is submitted is read by its ids alone, also after a restart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import ui

from adapters.captions import clip
from adapters.discord.buttons import NOTHING, Control, Word
from adapters.locales import catalogue
from adapters.responses import Form
from bot.model import GenerationId
from bot.plain import plain
from bot.prompt import MAX_COUNT, MAX_PROMPT, flags_of
from bot.sizes import RATIOS, Tier

_MOST_TEXT: Final = 4000
_PROMPT, _OPTIONS = "prompt", "options"
_SELECTS: Final = ("ar", "size", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A line of `/imagine`, with the options that were picked, by the flag's name."""

    line: str
    typed: Mapping[str, str]


def edit(form: Form, *, locale: str | None) -> ui.Modal:
    """Filled with what an earlier picture was drawn from."""
    flags = flags_of(form.request)
    more = " ".join(_flag(name, value) for name, value in flags.items() if name not in _SELECTS)
    title = catalogue(locale).edit_title()
    return _modal(title, form.parent, prompt=form.request.prompt, flags=flags, more=more, locale=locale)


def imagine(prompt: str, *, locale: str | None) -> ui.Modal:
    """Filled with the text of a message."""
    text = clip(plain(prompt), MAX_PROMPT)
    title = catalogue(locale).form_title()
    return _modal(title, NOTHING, prompt=text, flags={}, more="", locale=locale)


def read(data: Mapping[str, Any]) -> Submitted:
    """What was filled in; inputs of another version are left out."""
    values = dict(_values(data.get("components", [])))
    line = f"{values.get(_PROMPT, '')} {values.get(_OPTIONS, '')}".strip()
    return Submitted(line=line, typed={name: values[name] for name in _SELECTS if values.get(name)})


def _values(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        # A label holds one input, a row of older clients several.
        inside = [component["component"]] if "component" in component else component.get("components", [])
        yield from _values(inside)
        if "custom_id" in component:
            picked = component.get("values", [])
            yield component["custom_id"], component.get("value") or (picked[0] if picked else "")


def _modal(
    title: str, parent: GenerationId, *, prompt: str, flags: Mapping[str, str], more: str, locale: str | None
) -> ui.Modal:
    words = catalogue(locale)
    modal = ui.Modal(title=title, custom_id=Control(Word.FORM, parent).custom_id)
    typing = ui.TextInput[ui.Modal](
        custom_id=_PROMPT,
        style=discord.TextStyle.paragraph,
        default=prompt[:_MOST_TEXT] or None,
        max_length=_MOST_TEXT,
    )
    options = ui.TextInput[ui.Modal](
        custom_id=_OPTIONS, default=more or None, required=False, placeholder="--seed 7 --raw --private"
    )
    labelled: list[tuple[str, ui.Item[ui.Modal]]] = [
        (words.form_prompt(), typing),
        (words.form_aspect(), _select("ar", RATIOS, flags)),
        (words.form_size(), _select("size", list(Tier), flags, {tier.value: words.tier(tier) for tier in Tier})),
        (words.form_images(), _select("n", [str(n) for n in range(1, MAX_COUNT + 1)], flags)),
        (words.form_options(), options),
    ]
    for label, item in labelled:
        modal.add_item(ui.Label(text=label, component=item))
    # Its submit is found by its custom id: the library has nothing to keep.
    modal.stop()
    return modal


def _select(
    name: str, values: Iterable[str], flags: Mapping[str, str], labels: Mapping[str, str] | None = None
) -> ui.Select[ui.Modal]:
    """One value or none; what an earlier picture had is there too, such as a size in pixels."""
    chosen = flags.get(name)
    offered = [*values]
    if chosen is not None and chosen not in offered:
        offered.append(chosen)
    labels = labels or {}
    options = [
        discord.SelectOption(label=labels.get(value, value), value=value, default=value == chosen) for value in offered
    ]
    return ui.Select(custom_id=name, options=options, required=False, min_values=0)


def _flag(name: str, value: str) -> str:
    return f"--{name} {value}".rstrip()
