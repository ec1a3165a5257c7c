"""What the composition root expects of a chat platform, and what it gives to one."""

from dataclasses import dataclass
from typing import Protocol

from adapters.actions import Actions
from adapters.admin import AdminCommands
from adapters.commands import Commands
from adapters.data import DataCommands
from adapters.settings import SettingsCommands
from bot.ports import Courier


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that people can ask for, the same on each platform."""

    commands: Commands
    actions: Actions
    settings: SettingsCommands
    data: DataCommands
    admin: AdminCommands


class Platform(Protocol):
    """One chat platform. Its courier works before and after `serve` does."""

    name: str
    courier: Courier

    async def serve(self, services: Services) -> None:
        """Take commands until cancelled, reconnecting by itself; `ConfigurationError` where that is futile."""
