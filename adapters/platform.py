"""What the composition root expects of a chat platform."""

from typing import Protocol

from adapters.admin import AdminCommands
from adapters.commands import Commands
from bot.ports import Courier


class Platform(Protocol):
    """One chat platform. Its courier works before and after `serve` does."""

    name: str
    courier: Courier

    async def serve(self, commands: Commands, admin: AdminCommands) -> None:
        """Take commands until cancelled, reconnecting by itself; `ConfigurationError` where that is futile."""
