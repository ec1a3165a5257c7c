"""What a person does with messages, modals and the home tab: click, choose, shortcuts, submit and close."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.deliveries import Delivery
from sandbox.slack.driver import CHANNEL_NAMES, VERIFICATION, Driver
from sandbox.slack.errors import ApiError
from sandbox.slack.inputs import Block, Choice, Element, State, complaint, elements_of, entered, find, initial_state
from sandbox.slack.views import View, Views
from sandbox.slack.world import TEAM_DOMAIN, Channel, Message, User

_CHOSEN = ("static_select", "overflow", "radio_buttons", "checkboxes")


class Gestures(Driver):
    """The driver, with hands for everything that is not typed into a channel."""

    def __init__(self, *, views: Views, **parts: Any) -> None:
        super().__init__(**parts)
        self._views = views

    async def click(self, where: Message | View, action_id: str, *, user: User) -> Delivery:
        """Click a button of a message or view; LookupError if there is none, or if that is gone."""
        self._look_at(where, user)
        block, button = find(where.blocks, action_id, kinds=("button",))
        return await self._act(where, block, button, button, user=user)

    async def choose(self, where: Message | View, action_id: str, choice: Choice, *, user: User) -> Delivery:
        """Choose from a select, an overflow menu, radio buttons or checkboxes; raises as `click`, or ValueError."""
        self._look_at(where, user)
        block, element = find(where.blocks, action_id, kinds=_CHOSEN)
        entry = entered(element, choice)
        if isinstance(where, View) and element["type"] != "overflow":
            where.state[block["block_id"]][action_id] = entry
        return await self._act(where, block, element, {"action_id": action_id, **entry}, user=user)

    async def shortcut(self, callback_id: str, *, user: User) -> Delivery:
        """Choose a global shortcut of the app."""
        payload = self._payload("shortcut", user) | {
            "action_ts": self._world.new_ts(),
            "callback_id": callback_id,
            "trigger_id": self._triggers.new(user_id=user.id),
        }
        return await self._send(Delivery(type="interactive", payload=payload, world=self._world))

    async def message_shortcut(self, callback_id: str, message: Message, *, user: User) -> Delivery:
        """Choose a shortcut of the app in the menu of a message; ephemeral messages have no such menu."""
        self._look_at(message, user)
        if message.ephemeral_for is not None:
            raise LookupError("the menu of an ephemeral message offers no shortcuts")
        channel = self._world.channels[message.channel_id]
        self._enter(user, channel)
        address = self._response_urls.new(channel_id=channel.id, user_id=user.id)
        payload = self._payload("message_action", user) | {
            "action_ts": self._world.new_ts(),
            "callback_id": callback_id,
            "trigger_id": self._triggers.new(user_id=user.id),
            "response_url": address.url,
            "channel": _channel(channel),
            "message_ts": message.ts,
            "message": self._message(message),
        }
        return await self._send(Delivery(type="interactive", payload=payload, world=self._world, response_url=address))

    async def submit(self, view: View, values: Mapping[str, Choice]) -> Delivery:
        """Fill in a modal, by action_id or block_id, and submit it.

        What is not in `values` stays as it is. ValueError for what the client does not submit, e.g. an empty
        input that is required; what was typed stays in the modal then.
        """
        user = self._world.users[view.user_id]
        self._look_at(view, user)
        if view.content.get("submit") is None:
            raise LookupError("the modal has no submit button")
        for name, choice in values.items():
            block, element = _input(view, name)
            view.state[block["block_id"]][element["action_id"]] = entered(element, choice)
        for block, element in elements_of(view.blocks):
            if block["type"] == "input" and element["action_id"] in view.state.get(block["block_id"], {}):
                fault = complaint(block, element, view.state[block["block_id"]][element["action_id"]])
                if fault is not None:
                    raise ValueError(fault)

        def accept(answer: dict[str, Any]) -> None:
            try:
                self._views.answer_submission(view, answer)
            except ApiError as refusal:
                messages = refusal.details.get("response_metadata", {}).get("messages", ())
                raise ApiError(refusal.code, errors=list(messages)) from None

        payload = self._payload("view_submission", user) | {
            "trigger_id": self._triggers.new(user_id=user.id, view_id=view.id),
            "view": self._views.payload(view),
            "response_urls": [],
        }
        return await self._send(Delivery(type="interactive", payload=payload, world=self._world, accept=accept))

    async def close(self, view: View) -> Delivery | None:
        """Close a modal by its button; the app hears of it if the view says `notify_on_close`."""
        user = self._world.users[view.user_id]
        self._look_at(view, user)
        if view.kind == "home":
            raise LookupError("the home tab has no close button")
        is_cleared = bool(view.content.get("clear_on_close"))
        self._views.close(view, everything=is_cleared)
        if not view.content.get("notify_on_close"):
            return None
        # What was typed is not told.
        closed = self._views.payload(view) | {"state": {"values": {}}}
        payload = self._payload("view_closed", user) | {"view": closed, "is_cleared": is_cleared}
        return await self._send(Delivery(type="interactive", payload=payload, world=self._world))

    async def open_home(self, *, user: User) -> Delivery:
        """Open the home tab of the app, which it is told of each time."""
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": self._world.im(self._world.bot.id, user.id).id,
            "tab": "home",
            "event_ts": self._world.new_ts(),
        }
        home = self._views.home_of(user.id)
        return await self.event(event if home is None else event | {"view": self._views.payload(home)})

    def _look_at(self, where: Message | View, user: User) -> None:
        """LookupError for what is no longer on the screen, ValueError for what this person never saw."""
        if isinstance(where, View):
            if where.user_id != user.id:
                raise ValueError("nobody else sees a view")
            if not self._views.is_shown(where):
                raise LookupError("the view is gone, or below another")
            return
        if where.ephemeral_for not in (None, user.id):
            raise ValueError("nobody else sees an ephemeral message")
        if where.is_deleted:
            raise LookupError("the message is gone")

    async def _act(
        self, where: Message | View, block: Block, element: Element, action: dict[str, Any], *, user: User
    ) -> Delivery:
        """Send the block_actions of one element."""
        done = {**action, "type": element["type"], "block_id": block["block_id"], "action_ts": self._world.new_ts()}
        payload = self._payload("block_actions", user) | {"actions": [done]}
        if isinstance(where, View):
            payload |= {
                "container": {"type": "view", "view_id": where.id},
                "trigger_id": self._triggers.new(user_id=user.id, view_id=where.id),
                "view": self._views.payload(where),
            }
            return await self._send(Delivery(type="interactive", payload=payload, world=self._world))
        channel = self._world.channels[where.channel_id]
        address = self._response_urls.new(channel_id=channel.id, user_id=user.id, original=where)
        payload |= {
            "container": {
                "type": "message",
                "message_ts": where.ts,
                "channel_id": channel.id,
                "is_ephemeral": where.ephemeral_for is not None,
                **({} if where.thread_ts is None else {"thread_ts": where.thread_ts}),
            },
            "trigger_id": self._triggers.new(user_id=user.id),
            "channel": _channel(channel),
            "state": {"values": _state_after(where, block, element, action)},
            "response_url": address.url,
        }
        if where.ephemeral_for is None:
            payload["message"] = self._message(where)
        return await self._send(Delivery(type="interactive", payload=payload, world=self._world, response_url=address))

    async def _send(self, delivery: Delivery) -> Delivery:
        await self._door.deliver(delivery)
        return delivery

    def _payload(self, kind: str, user: User) -> dict[str, Any]:
        """What all interactions tell."""
        world = self._world
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": world.team_id},
            "api_app_id": world.app_id,
            "token": VERIFICATION,
            "team": {"id": world.team_id, "domain": TEAM_DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _message(self, message: Message) -> dict[str, Any]:
        world = self._world
        payload: dict[str, Any] = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "text": message.text,
            "blocks": message.blocks,
            "team": world.team_id,
        }
        if message.user == world.bot.id:
            payload |= {"bot_id": world.bot_id, "app_id": world.app_id}
        thread_ts = message.thread_ts or (message.ts if world.is_thread(message.channel_id, message.ts) else None)
        if thread_ts is not None:
            payload["thread_ts"] = thread_ts
        if message.metadata is not None:
            payload["metadata"] = message.metadata
        return payload


def _channel(channel: Channel) -> dict[str, Any]:
    return {"id": channel.id, "name": CHANNEL_NAMES.get(channel.kind, channel.name)}


def _state_after(message: Message, block: Block, element: Element, action: dict[str, Any]) -> State:
    """What the elements of a message hold; a message keeps no state, so only this action differs from the start."""
    state = initial_state(message.blocks)
    if element["action_id"] in state.get(block["block_id"], {}):
        entry = {key: value for key, value in action.items() if key != "action_id"}
        state[block["block_id"]][element["action_id"]] = entry
    return state


def _input(view: View, name: str) -> tuple[Block, Element]:
    """The input with this action_id, or the one in the block with this block_id."""
    for block, element in elements_of(view.blocks):
        if name in (element["action_id"], block["block_id"]) and block["type"] == "input":
            return block, element
    there = [element["action_id"] for block, element in elements_of(view.blocks) if block["type"] == "input"]
    raise LookupError(f"the modal has no input {name}; there are {there}")
