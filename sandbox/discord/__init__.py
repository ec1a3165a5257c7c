"""A stand-in of Discord: REST v10, gateway, interactions and files, with the service's own rules and errors."""

from sandbox.discord.interaction import Answer, Interaction
from sandbox.discord.modals import Modal
from sandbox.discord.options import InputRefusedError
from sandbox.discord.sandbox import DiscordSandbox
from sandbox.discord.world import Attachment, Channel, Guild, Message, MessageFlag, Permission, Role, User

__all__ = [
    "Answer",
    "Attachment",
    "Channel",
    "DiscordSandbox",
    "Guild",
    "InputRefusedError",
    "Interaction",
    "Message",
    "MessageFlag",
    "Modal",
    "Permission",
    "Role",
    "User",
]
