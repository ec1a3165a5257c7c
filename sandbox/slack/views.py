"""views.open, push, update and publish: the modals on people's screens, and their home tabs.

https://docs.slack.dev/surfaces/modals
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.errors import ApiError, missing_field
from sandbox.slack.inputs import State, initial_state
from sandbox.slack.methods import Arguments, Method
from sandbox.slack.triggers import Triggers
from sandbox.slack.view_rules import ViewKind, read_view
from sandbox.slack.world import File, World

MAX_DEPTH = 3


@dataclass(slots=True, kw_only=True, eq=False)
class View:
    """A modal or the home tab as one person sees it; an update changes it in place.

    `state` is what its inputs hold, `errors` what a refused submission says below them, by block_id, and
    `files` the pictures that are really shown.
    """

    id: str
    user_id: str
    kind: ViewKind
    content: dict[str, Any]
    root_id: str
    previous_id: str | None = None
    hash: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    state: State = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The heading of a modal; empty for the home tab."""
        return str(self.content.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """What the app knows the view by; empty if it gave none."""
        return str(self.content.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """What the app keeps in the view."""
        return str(self.content.get("private_metadata", ""))


class Views:
    """Every view that is open: a stack of modals and one home tab for each person."""

    def __init__(self, *, world: World, triggers: Triggers) -> None:
        self._world = world
        self._triggers = triggers
        self._modals: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def methods(self) -> dict[str, Method]:
        """The table for the dispatcher; none of them needs a scope."""
        return {
            "views.open": Method(run=self._open),
            "views.push": Method(run=self._push),
            "views.update": Method(run=self._update),
            "views.publish": Method(run=self._publish),
        }

    def modal_of(self, user_id: str) -> View | None:
        """The modal that a person looks at, the topmost of the stack."""
        stack = self._modals.get(user_id)
        return stack[-1] if stack else None

    def home_of(self, user_id: str) -> View | None:
        """The home tab of a person; None until the app has published one."""
        return self._homes.get(user_id)

    def is_shown(self, view: View) -> bool:
        """Whether the person looks at this view, or could by going to the home tab."""
        return view in (self.modal_of(view.user_id), self.home_of(view.user_id))

    def close(self, view: View, *, everything: bool = False) -> None:
        """Take a modal off the screen, with everything below and above it if asked."""
        stack = self._modals[view.user_id]
        if everything:
            stack.clear()
        else:
            stack.remove(view)
        self._world.changes.notify()

    def answer_submission(self, view: View, answer: dict[str, Any]) -> None:
        """Do what the ack of a view_submission says: close, clear, update, push, or show errors.

        ApiError for an answer that Slack cannot use: the person reads that something went wrong, and the modal
        stays. `invalid_response_action` is this stand-in's name for it; Slack shows a sentence without a code.
        """
        view.errors = {}
        match answer:
            case {"response_action": "clear"}:
                self.close(view, everything=True)
            case {"response_action": "errors", "errors": dict(errors)}:
                known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not errors or not errors.keys() <= known:
                    raise ApiError("invalid_response_action")
                view.errors = {str(block_id): str(error) for block_id, error in errors.items()}
                self._world.changes.notify()
            case {"response_action": "update", "view": content}:
                self._fill(view, content)
            case {"response_action": "push", "view": content}:
                self._put_on_top(view.user_id, content, above=view)
            case {"response_action": _}:
                raise ApiError("invalid_response_action")
            case _:
                self.close(view)

    def payload(self, view: View) -> dict[str, Any]:
        """The view as Slack tells of it."""
        bare: dict[str, Any] = {
            "id": view.id,
            "team_id": self._world.team_id,
            "type": view.kind,
            "blocks": view.blocks,
            "private_metadata": view.private_metadata,
            "callback_id": view.callback_id,
            "state": {"values": view.state},
            "hash": view.hash,
            "title": view.content.get("title"),
            "submit": view.content.get("submit"),
            "close": view.content.get("close"),
            "clear_on_close": bool(view.content.get("clear_on_close")),
            "notify_on_close": bool(view.content.get("notify_on_close")),
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": self._world.app_id,
            "external_id": str(view.content.get("external_id", "")),
            "app_installed_team_id": self._world.team_id,
            "bot_id": self._world.bot_id,
        }
        return bare

    def _open(self, arguments: Arguments) -> dict[str, Any]:
        trigger_id, content = arguments.required("trigger_id"), _view_of(arguments)
        trigger = self._triggers.look_up(trigger_id)
        view = self._put_on_top(trigger.user_id, content, above=None)
        trigger.is_exchanged = True
        return {"view": self.payload(view)}

    def _push(self, arguments: Arguments) -> dict[str, Any]:
        trigger_id, content = arguments.required("trigger_id"), _view_of(arguments)
        trigger = self._triggers.look_up(trigger_id)
        top = self.modal_of(trigger.user_id)
        if top is None or trigger.view_id not in [view.id for view in self._modals[trigger.user_id]]:
            raise ApiError("not_found")
        view = self._put_on_top(trigger.user_id, content, above=top)
        trigger.is_exchanged = True
        return {"view": self.payload(view)}

    def _update(self, arguments: Arguments) -> dict[str, Any]:
        view_id, external_id = arguments.text("view_id"), arguments.text("external_id")
        if view_id is None and external_id is None:
            raise missing_field("view_id")
        view = next(
            (v for v in self._all() if v.id == view_id or external_id == v.content.get("external_id", "")), None
        )
        if view is None:
            raise ApiError("not_found")
        self._check_hash(view, arguments)
        self._fill(view, _view_of(arguments))
        return {"view": self.payload(view)}

    def _publish(self, arguments: Arguments) -> dict[str, Any]:
        user_id, content = arguments.required("user_id"), _view_of(arguments)
        if user_id not in self._world.users:
            raise ApiError("user_not_found")
        view = self._homes.get(user_id)
        if view is None:
            view = self._new(user_id, "home")
        else:
            self._check_hash(view, arguments)
        self._fill(view, content)
        self._homes[user_id] = view
        return {"view": self.payload(view)}

    def _check_hash(self, view: View, arguments: Arguments) -> None:
        if arguments.text("hash") not in (None, view.hash):
            raise ApiError("hash_conflict")

    def _put_on_top(self, user_id: str, content: object, *, above: View | None) -> View:
        """A new modal; one that was opened rather than pushed takes the place of all that is there."""
        stack = [] if above is None else self._modals[user_id]
        if len(stack) >= MAX_DEPTH:
            raise ApiError("push_limit_reached")
        view = self._new(user_id, "modal")
        if above is not None:
            view.root_id, view.previous_id = above.root_id, above.id
        self._fill(view, content)
        self._modals[user_id] = [*stack, view]
        self._world.changes.notify()
        return view

    def _new(self, user_id: str, kind: ViewKind) -> View:
        view_id = self._world.new_id("V")
        return View(id=view_id, user_id=user_id, kind=kind, content={}, root_id=view_id)

    def _fill(self, view: View, content: object) -> None:
        """Give the view its content; what was typed stays where block_id and action_id stay."""
        checked, file_ids = read_view(content, kind=view.kind, showable=self._world.showable)
        external_id = checked.get("external_id")
        if external_id and any(external_id == v.content.get("external_id") for v in self._all() if v is not view):
            raise ApiError("duplicate_external_id")
        view.content = checked
        view.blocks = [self._named(block) for block in checked["blocks"]]
        before, view.state = view.state, initial_state(view.blocks)
        for block_id, entries in view.state.items():
            for action_id, entry in entries.items():
                kept = before.get(block_id, {}).get(action_id)
                if kept is not None and kept["type"] == entry["type"]:
                    entries[action_id] = kept
        view.errors = {}
        view.files = [self._world.files[file_id] for file_id in file_ids]
        view.hash = f"{int(self._world.clock.now_s())}.{secrets.token_hex(4)}"
        self._world.changes.notify()

    def _named(self, block: dict[str, Any]) -> dict[str, Any]:
        """The block with the ids that Slack makes up where the app gave none."""
        named = {"block_id": self._world.new_id("b"), **block}
        if isinstance(block.get("element"), dict):
            named["element"] = {"action_id": self._world.new_id("a"), **block["element"]}
        return named

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._modals.values() for view in stack)]


def _view_of(arguments: Arguments) -> object:
    view = arguments.values.get("view")
    if view in (None, ""):
        raise missing_field("view")
    return view
