"""trigger_ids: the right to open a modal, for three seconds and once.

https://docs.slack.dev/interactivity/handling-user-interaction/#trigger_id
"""

import itertools
import secrets
from dataclasses import dataclass

from sandbox.slack.errors import ApiError
from sandbox.slack.world import World

LIFETIME_S = 3.0


@dataclass(slots=True, kw_only=True)
class Trigger:
    """What `user_id` did, in the modal `view_id` if it was in one."""

    user_id: str
    view_id: str | None
    expires_at_s: float
    is_exchanged: bool = False


class Triggers:
    """Hands out the ids and takes them back."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._serial = itertools.count(1)
        self._open: dict[str, Trigger] = {}

    def new(self, *, user_id: str, view_id: str | None = None) -> str:
        """A fresh id for what `user_id` did."""
        now_s = self._world.clock.now_s()
        trigger_id = f"{int(now_s * 1000)}.{next(self._serial)}.{secrets.token_hex(16)}"
        self._open[trigger_id] = Trigger(user_id=user_id, view_id=view_id, expires_at_s=now_s + LIFETIME_S)
        return trigger_id

    def forget(self) -> None:
        """Drop the ids given so far; they are invalid then."""
        self._open.clear()

    def look_up(self, trigger_id: str) -> Trigger:
        """The trigger, if it may still be exchanged; ApiError invalid_, exchanged_ or expired_trigger_id."""
        trigger = self._open.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.is_exchanged:
            raise ApiError("exchanged_trigger_id")
        if self._world.clock.now_s() > trigger.expires_at_s:
            raise ApiError("expired_trigger_id")
        return trigger
