"""Faults of random kinds, as they come in production: each is one that a command may meet and has to survive."""

import random
from collections.abc import Callable
from typing import Final

from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox

Order = Callable[[], object]

_EDIT: Final = "PATCH */messages/@original"
_DEFER: Final = "POST */interactions/*/callback"
_SLACK_STEPS: Final = (
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "files.info",
    "chat.postMessage",
)


class Mishaps:
    """Lets one fault happen at a time; `counts` keeps how many there were of each kind."""

    def __init__(
        self, *, dashscope: DashScopeSandbox, discord: DiscordSandbox, slack: SlackSandbox, dice: random.Random
    ) -> None:
        self._dice = dice
        self._kinds: dict[str, Order] = {
            "service busy": lambda: dashscope.fail("Throttling.RateQuota"),
            "service broken": lambda: dashscope.fail("InternalError.Algo"),
            "prompt refused": lambda: dashscope.fail("DataInspectionFailed"),
            "error in 200": lambda: dashscope.answer("error-in-200"),
            "page instead of JSON": lambda: dashscope.answer("html-in-502"),
            "no picture": lambda: dashscope.answer("no-picture"),
            "answer lost": lambda: dashscope.faults.inject("POST */generation", drop="answer"),
            "request lost": lambda: dashscope.faults.inject("POST */generation", drop="request"),
            "picture cut off": lambda: dashscope.serve("cut-off"),
            "no picture behind the link": lambda: dashscope.serve("not-a-picture"),
            "Discord 500 on the edit": lambda: discord.faults.inject(_EDIT, status=500, json={}),
            "Discord 429 on the edit": lambda: discord.rate_limit(_EDIT, retry_after_s=0.2),
            "Discord's edit answer lost": lambda: discord.faults.inject(_EDIT, drop="answer"),
            "Discord's defer answer lost": lambda: discord.faults.inject(_DEFER, drop="answer"),
            "Slack 429": lambda: slack.rate_limit(dice.choice(_SLACK_STEPS)),
            "Slack 503": lambda: slack.faults.inject(f"POST /api/{dice.choice(_SLACK_STEPS)}", status=503, text=""),
            "Slack internal_error": lambda: slack.fail(dice.choice(_SLACK_STEPS), "internal_error"),
            "Slack's upload lost": lambda: slack.faults.inject("POST /upload/*", drop="request"),
        }
        self.counts = dict.fromkeys(self._kinds, 0)

    def one(self) -> None:
        """Order a fault of a random kind; the next call that it fits meets it."""
        kind = self._dice.choice(list(self._kinds))
        self._kinds[kind]()
        self.counts[kind] += 1
