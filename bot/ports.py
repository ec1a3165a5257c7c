"""What the core needs from outside, as Protocols: a fake of each is a few lines."""

from typing import Protocol

from bot.model import (
    Account,
    Delivery,
    Drawing,
    Generation,
    GenerationId,
    ImageRequest,
    Outlook,
    Reason,
    Receipt,
    Size,
)


class Clock(Protocol):
    """Time, injected."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""


class ImageModel(Protocol):
    """Draws pictures. Raises a `Fault` and nothing else when it cannot."""

    async def draw(self, request: ImageRequest, *, n: int) -> Drawing:
        """Draw picture `n` of `request`: one paid call."""

    async def fetch(self, url: str, *, size: Size) -> bytes:
        """The PNG behind a drawing's `url`, checked to be one of `size`: free of charge."""


class Courier(Protocol):
    """Carries a result to the person. Works from `generation.address` alone, so that a restart changes nothing.

    Raises `PlatformBusy` where another try may help, another `PermanentFault` where none will.
    """

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post the pictures as ONE message, and say where; called again after a lost answer or a crash."""

    async def progress(self, generation: Generation, outlook: Outlook | None) -> None:
        """Tell the person where their command stands; None: it is being drawn now. Tried once, and may be lost."""

    async def log(self, delivery: Delivery) -> None:
        """Post a delivered picture to `delivery.log_channel` as well; of a private one only that there was one.

        Called again after a crash, and posts twice only where the platform does not let it look.
        """

    async def tell(self, generation: Generation, reason: Reason) -> None:
        """Tell the person that nothing was drawn, why, and that nothing is charged."""


class Runner(Protocol):
    """Decides where and when a generation runs, not what happens to it."""

    def start(self, id: GenerationId, account: Account) -> None:
        """Have `id` run when it is its person's turn; returns at once."""

    def ahead(self, platform: str, account: Account, *, id: GenerationId | None = None) -> int:
        """How many commands are served before `id`, or before a new one of `account`."""

    def withdraw(self, id: GenerationId) -> None:
        """Let `id` wait no longer: it was called off."""
