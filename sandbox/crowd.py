"""Many people who type on both platforms, and what came of each command: watched without waiting on each."""

import time
from dataclasses import dataclass, field
from typing import Final

from sandbox.discord import DiscordSandbox, Interaction
from sandbox.slack import Delivery, SlackSandbox

DEFERRED: Final = 5
ANSWER_S: Final = 4.0
LINE: Final = "a red fox --raw --size 512x512"


@dataclass(slots=True, kw_only=True, eq=False)
class Shout:
    """One command on its way. Moments in seconds of the monotonic clock; `acked_after_s` as the platform saw it."""

    who: str
    typed_at: float
    handle: Interaction | Delivery
    acked_after_s: float | None = None
    taken: bool = False
    ended_at: float | None = None

    @property
    def took_s(self) -> float | None:
        """From typing to the picture; None while there is none."""
        return None if self.ended_at is None else self.ended_at - self.typed_at


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Types, and looks at what has come."""

    discord: DiscordSandbox
    slack: SlackSandbox
    shouts: list[Shout] = field(default_factory=list)
    _open: list[Shout] = field(default_factory=list)

    async def type(self, who: str, *, on_slack: bool) -> Shout:
        """`who` types a command; returns as soon as it is sent."""
        started = time.monotonic()
        handle: Interaction | Delivery
        if on_slack:
            people = {user.name: user for user in self.slack.people}
            handle = await self.slack.slash("/imagine", LINE, user=people.get(who) or self.slack.add_user(who))
        else:
            members = {user.name: user for user in self.discord.people}
            handle = await self.discord.slash(
                "imagine", {"prompt": LINE}, user=members.get(who) or self.discord.add_user(who)
            )
        shout = Shout(who=who, typed_at=started, handle=handle)
        self.shouts.append(shout)
        self._open.append(shout)
        return shout

    def look(self) -> int:
        """Note what has come since the last look; how many commands still wait for their answer or their picture."""
        now, drawn = time.monotonic(), self._drawn_on_slack()
        for shout in self._open:
            _note_answer(shout)
            if _has_picture(shout, drawn):
                shout.ended_at = now
        self._open = [shout for shout in self._open if shout.ended_at is None and not _is_refused(shout)]
        return len(self._open)

    def unanswered(self) -> int:
        """How many commands of the last seconds have not been answered; older ones never will be."""
        oldest = time.monotonic() - ANSWER_S
        return sum(shout.acked_after_s is None and shout.typed_at > oldest for shout in self._open)

    def forget(self) -> None:
        """Drop what has been seen, here and on the platforms; only while nothing is on its way."""
        self.shouts.clear()
        self._open.clear()
        self.discord.forget()
        self.slack.forget()

    def _drawn_on_slack(self) -> set[str]:
        found = ((m.metadata or {}).get("event_payload", {}) for m in self.slack.messages if m.files)
        return {str(payload.get("generation", "")).rpartition(":")[2] for payload in found}


def _note_answer(shout: Shout) -> None:
    if shout.acked_after_s is not None:
        return
    if isinstance(shout.handle, Interaction):
        if shout.handle.answer is not None:
            shout.acked_after_s, shout.taken = shout.handle.answer.after_s, shout.handle.answer.type == DEFERRED
    elif shout.handle.ack is not None:
        ack = shout.handle.ack
        shout.acked_after_s, shout.taken = ack.after_s, not ack.error and ack.text.startswith("Drawing")


def _has_picture(shout: Shout, drawn_on_slack: set[str]) -> bool:
    if isinstance(shout.handle, Interaction):
        return shout.handle.original is not None and bool(shout.handle.original.attachments)
    return shout.handle.payload["trigger_id"] in drawn_on_slack


def _is_refused(shout: Shout) -> bool:
    return shout.acked_after_s is not None and not shout.taken
