"""The two platforms as a person sees them: they type a command, and read what comes of it."""

from sandbox.stage.discord import DiscordStage
from sandbox.stage.protocols import Answer, Ending, InputRefused, Place, Stage, Typed
from sandbox.stage.slack import SlackStage

__all__ = ["Answer", "DiscordStage", "Ending", "InputRefused", "Place", "SlackStage", "Stage", "Typed"]
