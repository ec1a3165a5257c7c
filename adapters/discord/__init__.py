"""Discord, through discord.py."""

from adapters.discord.app import DiscordPlatform

__all__ = ["DiscordPlatform"]
