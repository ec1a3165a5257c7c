"""What a person sees on Slack's stand-in, and the forms that open there."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack import Message, SlackSandbox, User, View
from sandbox.slack.inputs import Choice, elements_of
from sandbox.stage.protocols import FORM, HOME, Ending, Field, InputRefused, Place, Watch
from sandbox.stage.watch import ScreenWatch

_OPTIONS = "More options"
_SEED = "Seed"
_BOXES = {"--extend": (0, True), "--raw": (0, False), "--private": (1, True), "--public": (1, False)}
"""Flags that have a box of their own: which one of two, and whether it is ticked."""


def read(slack: SlackSandbox, message: Message) -> Ending:
    """What a person sees of a message."""
    channel = slack.channel_of(message)
    place = str(Place.DM) if channel.kind == "im" else f"#{channel.name}"
    return Ending(
        # The text above blocks is for notifications and screen readers.
        lines=_lines(message.blocks) if message.blocks else [message.text],
        pictures=[file.data for file in message.files if file.mimetype.startswith("image/")],
        alt_texts=[block["alt_text"] for block in message.blocks if block["type"] == "image"],
        place=place,
        private=message.ephemeral_for is not None or place == Place.DM,
        pings=message.pings,
        files={file.name: file.data for file in message.files if not file.mimetype.startswith("image/")},
        rows=rows(message.blocks),
        links={one["text"]["text"]: one["url"] for one in _buttons(message.blocks) if "url" in one},
        fields=_fields(message.blocks),
        in_thread=message.thread_ts is not None,
        at=message,
    )


def read_view(view: View) -> Ending:
    """What a person sees of the home tab."""
    return Ending(
        lines=_lines(view.blocks),
        pictures=[],
        alt_texts=[],
        place=HOME,
        private=True,
        pings=[],
        rows=rows(view.blocks),
        links={one["text"]["text"]: one["url"] for one in _buttons(view.blocks) if "url" in one},
        fields=_fields(view.blocks),
        at=view,
    )


def rows(blocks: list[dict[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """The labels of the buttons, block by block."""
    labels = (tuple(button["text"]["text"] for button in _buttons([block])) for block in blocks)
    return tuple(row for row in labels if row)


def button_of(ending: Ending, label: str) -> tuple[Message | View, str]:
    """What a button stands on, and its action_id."""
    at = ending.at
    if not isinstance(at, Message | View):
        raise InputRefused("that is not on this stage")
    found = [button["action_id"] for button in _buttons(at.blocks) if button["text"]["text"] == label]
    if len(found) != 1:
        raise InputRefused(f"{len(found)} buttons say {label}; there are {ending.buttons}")
    return at, found[0]


def field_of(ending: Ending, label: str) -> tuple[Message | View, str]:
    """What a menu stands on, and its action_id."""
    at = ending.at
    if not isinstance(at, Message | View):
        raise InputRefused("that is not on this stage")
    for block, element in elements_of(at.blocks):
        if _label(block) == label:
            return at, element["action_id"]
    raise InputRefused(f"there is no {label}; there are {list(ending.fields)}")


@dataclass(frozen=True, slots=True)
class SlackScreen:
    """One person's: messages, the home tab, and what a form says of what was filled in."""

    slack: SlackSandbox
    user: User

    def seen(self) -> dict[str, Ending]:
        """Everything that they can read."""
        seen = {one.ts: read(self.slack, one) for one in self.slack.messages if self._sees(one)}
        if (home := self.slack.home_of(self.user)) is not None:
            seen[HOME] = read_view(home)
        modal = self.slack.modal_of(self.user)
        if modal is not None and modal.errors:
            lines = list(modal.errors.values())
            seen[FORM] = Ending(lines=lines, pictures=[], alt_texts=[], place=FORM, private=True, pings=[], at=modal)
        return seen

    async def until(self, look: Callable[[], Ending | bool | None], *, within_s: float) -> None:
        """Look at each change."""
        async with asyncio.timeout(within_s):
            await self.slack.wait_until(lambda: bool(look()))

    def _sees(self, message: Message) -> bool:
        channel = self.slack.channel_of(message)
        if message.ephemeral_for is not None:
            return message.ephemeral_for == self.user.id
        return channel.kind == "public" or self.user.id in channel.members


def watch(slack: SlackSandbox, user: User) -> ScreenWatch:
    """What a person sees change from now on."""

    async def form() -> SlackForm:
        return SlackForm(slack, await slack.wait_for_modal(user))

    return ScreenWatch(SlackScreen(slack, user), form)


@dataclass(frozen=True, slots=True)
class SlackForm:
    """A modal."""

    slack: SlackSandbox
    view: View

    @property
    def title(self) -> str:
        return self.view.title

    @property
    def fields(self) -> dict[str, Field]:
        return _fields(self.view.blocks)

    @property
    def shown(self) -> View:
        return self.view

    async def submit(self, values: Mapping[str, str]) -> Watch:
        ids = {_label(block): element["action_id"] for block, element in elements_of(self.view.blocks)}
        filled = {ids[label]: value for label, value in self._controls(values)}
        [user] = [one for one in self.slack.people if one.id == self.view.user_id]
        watching = watch(self.slack, user)
        try:
            await self.slack.submit(self.view, filled)
        except (ValueError, LookupError) as refusal:
            raise InputRefused(str(refusal)) from refusal
        return watching

    def _controls(self, values: Mapping[str, str]) -> Iterator[tuple[str, Choice]]:
        """Flags are no text here: each has a control of its own."""
        for label, value in values.items():
            if label != _OPTIONS:
                yield label, value
                continue
            [boxes] = [element for block, element in elements_of(self.view.blocks) if _label(block) == _OPTIONS]
            labels = [option["text"]["text"] for option in boxes["options"]]
            ticked = {option["text"]["text"] for option in boxes.get("initial_options", ())}
            words = value.split()
            for flag in words:
                if flag in _BOXES:
                    which, on = _BOXES[flag]
                    ticked = ticked | {labels[which]} if on else ticked - {labels[which]}
            if "--seed" in words:
                yield _SEED, words[words.index("--seed") + 1]
            yield _OPTIONS, [label for label in labels if label in ticked]


def _lines(blocks: list[dict[str, Any]]) -> list[str]:
    parts = [part for block in blocks for part in (block.get("title"), block.get("text"), *block.get("elements", ()))]
    return [part["text"] for part in parts if part and isinstance(part.get("text"), str)]


def _buttons(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [element for _, element in elements_of(blocks) if element["type"] == "button"]


def _label(block: Mapping[str, Any]) -> str:
    label: str = (block.get("label") or block.get("text") or {"text": ""})["text"]
    return label


def _fields(blocks: list[dict[str, Any]]) -> dict[str, Field]:
    return {_label(block): _field(element) for block, element in elements_of(blocks) if element["type"] != "button"}


def _field(element: Mapping[str, Any]) -> Field:
    if "options" not in element:
        return Field(value=element.get("initial_value", ""))
    one = element.get("initial_option")
    chosen = element.get("initial_options", [] if one is None else [one])
    options = tuple(option["text"]["text"] for option in element["options"])
    return Field(value=", ".join(option["text"]["text"] for option in chosen), options=options)
