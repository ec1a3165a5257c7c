"""A stand-in of Slack: Web API, Socket Mode, signed HTTP, uploads and response_urls, with the service's own rules."""

from sandbox.slack.deliveries import Ack, Delivery
from sandbox.slack.methods import DEFAULT_SCOPES
from sandbox.slack.request_url import signed
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.views import View
from sandbox.slack.web_api import Call
from sandbox.slack.world import Channel, File, Group, Message, User

__all__ = [
    "DEFAULT_SCOPES",
    "Ack",
    "Call",
    "Channel",
    "Delivery",
    "File",
    "Group",
    "Message",
    "SlackSandbox",
    "User",
    "View",
    "signed",
]
