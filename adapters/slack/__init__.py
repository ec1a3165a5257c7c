"""Slack, through slack-bolt."""

from adapters.slack.app import SlackPlatform, SocketMode
from adapters.slack.http import HttpMode

__all__ = ["HttpMode", "SlackPlatform", "SocketMode"]
