"""The two platforms as a person sees them: they type a command, and read what comes of it."""

from sandbox.stage.discord import DiscordStage
from sandbox.stage.protocols import Answer, Ending, Field, Form, InputRefused, Place, Stage, Typed, Watch
from sandbox.stage.slack import SlackStage

__all__ = [
    "Answer",
    "DiscordStage",
    "Ending",
    "Field",
    "Form",
    "InputRefused",
    "Place",
    "SlackStage",
    "Stage",
    "Typed",
    "Watch",
]
