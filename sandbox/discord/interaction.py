"""One interaction: what a person sent, and what the bot has made of it so far."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.modals import Modal
from sandbox.discord.world import Channel, Guild, Message, User, World

ANSWER_WITHIN_S = 3
TOKEN_LIVES_S = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first callback. `type` 4 is a message, 5 a deferred one, 6 and 7 leave or edit a button's message.

    8 offers `choices` below an option that is being typed into; 9 opens a modal (`Interaction.modal`).

    `after_s` is the real time from sending the interaction to the callback.
    """

    type: int
    ephemeral: bool
    message: Message | None
    after_s: float
    choices: list[str] = field(default_factory=list)


def new_token() -> str:
    """An interaction token, of the length that libraries expect of a webhook's."""
    return secrets.token_urlsafe(64)


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """The handle that a test holds; the routes write into it."""

    world: World
    id: int
    token: str = field(default_factory=new_token)
    payload: dict[str, Any] = field(default_factory=dict)
    user: User
    channel: Channel
    guild: Guild | None
    by_user_install: bool = False
    clicked: Message | None = None
    sent_at_s: float = 0.0
    shard: int = 0
    answer: Answer | None = None
    edits: int = 0
    original_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    first_message: Message | None = None
    modal: Modal | None = None
    submission: "Interaction | None" = None
    _sent: float = field(default_factory=time.perf_counter)

    @property
    def file_limit_bytes(self) -> int:
        """The most a file of an answer may weigh (`attachment_size_limit`)."""
        limit_bytes: int = self.payload["attachment_size_limit"]
        return limit_bytes

    @property
    def thinking(self) -> bool:
        """It was deferred and nothing has filled the answer yet."""
        original = self._message(self.original_id)
        return original is not None and original.loading

    @property
    def original(self) -> Message | None:
        """The answer people see as it is now; None before there is one, while thinking, or once deleted."""
        original = self._message(self.original_id)
        return None if original is None or original.loading else original

    @property
    def followups(self) -> list[Message]:
        """The further messages, without those deleted."""
        found = [self._message(message_id) for message_id in self.followup_ids]
        return [message for message in found if message is not None]

    def real_age_s(self) -> float:
        """Real seconds since it was sent."""
        return time.perf_counter() - self._sent

    def finish(self, message: Message) -> None:
        """Note the first message that people can read."""
        if self.first_message is None:
            self.first_message = message

    async def wait_for_answer(self, timeout_s: float = 5) -> Answer:
        """The first callback."""
        return await self.world.changes.until(
            lambda: self.answer, what="answer to the interaction", timeout_s=timeout_s
        )

    async def wait_for_modal(self, timeout_s: float = 5) -> Modal:
        """The modal it was answered with."""
        return await self.world.changes.until(lambda: self.modal, what="modal", timeout_s=timeout_s)

    async def wait_for_message(self, timeout_s: float = 10) -> Message:
        """The first finished message: a reply, the filled answer or a followup, whichever came first."""
        return await self.world.changes.until(
            lambda: self.first_message, what="message of the interaction", timeout_s=timeout_s
        )

    async def wait_until(self, holds: Callable[["Interaction"], bool], timeout_s: float = 10) -> None:
        """Wait until `holds(self)`, e.g. `lambda command: command.edits == 2`."""
        await self.world.changes.until(lambda: holds(self), what="such change of the interaction", timeout_s=timeout_s)

    def _message(self, message_id: int | None) -> Message | None:
        return None if message_id is None else self.world.messages.get(message_id)
