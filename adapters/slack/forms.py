"""The modal in which a picture is described: a prompt and its options, each with a label."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from adapters.locales import catalogue
from adapters.responses import Say
from adapters.slack import render
from bot.defaults import Defaults
from bot.model import GenerationId
from bot.prompt import MAX_COUNT
from bot.sizes import RATIOS, Tier

CALLBACK: Final = "imagine"
PROMPT: Final = "prompt"
PLACE: Final = "place"

_ASPECT, _SIZE, _SEED, _NUMBER, _OPTIONS = "ar", "size", "seed", "n", "options"
_EXTEND, _RAW, _PRIVATE, _PUBLIC = "extend", "raw", "private", "public"
_MAX_INPUT: Final = 3000
"""Of a text field. The grammar counts the prompt itself, for flags may stand in it."""

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a form keeps until it is sent: whose child the picture will be, and where it goes. No secrets."""

    parent: GenerationId | None = None
    channel: str | None = None
    thread_ts: str | None = None
    thread_is_new: bool = False

    def to_json(self) -> str:
        kept = {"parent": self.parent, "channel": self.channel, "thread": self.thread_ts, "new": self.thread_is_new}
        return json.dumps(kept)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """None for what an older version kept."""
        try:
            fields = json.loads(text)
            return cls(
                parent=fields["parent"],
                channel=fields["channel"],
                thread_ts=fields["thread"],
                thread_is_new=fields["new"],
            )
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form as it was sent: a line for the grammar, the options that were changed, and the conversation chosen.

    Of a picture that is `edited`, what was left as it stood is a flag at the beginning of the line, so that another one
    in the prompt wins over it; elsewhere it stood for the defaults, and says nothing.
    """

    line: str
    typed: Mapping[str, str]
    place: str | None


def options_from(defaults: Defaults, *, extend: bool) -> dict[str, str]:
    """What is drawn where the form is left as it is, by the flags; `extend` where `defaults` say nothing of it."""
    chosen = {_ASPECT: defaults.ratio, _SIZE: defaults.size, _NUMBER: defaults.count}
    return {
        **{name: str(value) for name, value in chosen.items() if value is not None},
        (_EXTEND if (extend if defaults.extend is None else defaults.extend) else _RAW): "",
        (_PRIVATE if defaults.private else _PUBLIC): "",
    }


def modal(
    context: Context, *, prompt: str, options: Mapping[str, str], place_wanted: bool, locale: str | None
) -> dict[str, Any]:
    """The view, filled with `prompt` and `options`; `place_wanted` where no conversation is known."""
    words = catalogue(locale)
    sizes = {tier.value: words.tier(tier) for tier in Tier}
    if _SIZE in options:
        sizes.setdefault(options[_SIZE], options[_SIZE])
    enrich, private = render.option(words.form_extend(), _EXTEND), render.option(words.form_private(), _PRIVATE)
    ticked = [option for option in (enrich, private) if option["value"] in options]
    text: Block = {"type": "plain_text_input", "multiline": True, "max_length": _MAX_INPUT}
    if prompt:
        text["initial_value"] = prompt[:_MAX_INPUT]
    seed = {"type": "plain_text_input", **({"initial_value": options[_SEED]} if _SEED in options else {})}
    boxes = {"type": "checkboxes", "options": [enrich, private], **({"initial_options": ticked} if ticked else {})}
    blocks = [
        _input(PROMPT, words.form_prompt(), text, optional=False),
        _input(_ASPECT, words.form_aspect(), _select(RATIOS, options.get(_ASPECT))),
        _input(_SIZE, words.form_size(), _select(sizes, options.get(_SIZE), labels=sizes)),
        _input(_NUMBER, words.form_images(), _select([str(n + 1) for n in range(MAX_COUNT)], options.get(_NUMBER))),
        _input(_SEED, words.form_seed(), seed),
        _input(_OPTIONS, words.form_options(), boxes),
    ]
    if place_wanted:
        select = {
            "type": "conversations_select",
            "default_to_current_conversation": True,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        }
        blocks.append(_input(PLACE, words.form_place(), select, hint=words.form_place_hint()))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": context.to_json(),
        "title": render.plain(words.form_title() if context.parent is None else words.edit_title()),
        "submit": render.plain(words.draw()),
        "close": render.plain(words.form_close()),
        "blocks": blocks,
    }


def read(view: Mapping[str, Any], *, edited: bool) -> Filled:
    """What was filled in."""
    held = {action_id: entry for entries in view["state"]["values"].values() for action_id, entry in entries.items()}
    elements = [block["element"] for block in view["blocks"] if "element" in block]
    stood = _options({
        element["action_id"]: {
            "value": element.get("initial_value"),
            "selected_option": element.get("initial_option"),
            "selected_options": element.get("initial_options"),
        }
        for element in elements
    })  # fmt: skip
    options = _options(held)
    left = (
        [f"--{name} {value}".strip() for name, value in options.items() if stood.get(name) == value] if edited else ()
    )
    return Filled(
        line=" ".join([*left, (held.get(PROMPT) or {}).get("value") or ""]),
        typed={name: value for name, value in options.items() if stood.get(name) != value},
        place=(held.get(PLACE) or {}).get("selected_conversation"),
    )


def _options(held: Mapping[str, Any]) -> dict[str, str]:
    """The options that inputs hold, by their flags."""
    options = {}
    for name in (_ASPECT, _SIZE, _NUMBER):
        chosen = (held.get(name) or {}).get("selected_option")
        if chosen:
            options[name] = chosen["value"]
    if seed := ((held.get(_SEED) or {}).get("value") or "").strip():
        options[_SEED] = seed
    ticked = {option["value"] for option in (held.get(_OPTIONS) or {}).get("selected_options") or ()}
    options[_EXTEND if _EXTEND in ticked else _RAW] = ""
    options[_PRIVATE if _PRIVATE in ticked else _PUBLIC] = ""
    return options


def errors(say: Say, typed: Mapping[str, str]) -> dict[str, str]:
    """The sentence below the field that it is about, or below the prompt, where flags may stand as well."""
    about = say.about if say.about is not None and say.about in typed else PROMPT
    return {about: render.bare(say.sentence)}


def _input(name: str, label: str, element: Block, *, optional: bool = True, hint: str | None = None) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": render.plain(label),
        "element": {**element, "action_id": name},
        "optional": optional,
        **({} if hint is None else {"hint": render.plain(hint)}),
    }


def _select(values: Iterable[str], chosen: str | None, *, labels: Mapping[str, str] | None = None) -> Block:
    labels = labels or {}
    options = [render.option(labels.get(value, value), value) for value in values]
    initial = next((option for option in options if option["value"] == chosen), None)
    return {"type": "static_select", "options": options, **({} if initial is None else {"initial_option": initial})}
