"""Slack, through slack-bolt."""

from adapters.slack.app import SlackPlatform

__all__ = ["SlackPlatform"]
