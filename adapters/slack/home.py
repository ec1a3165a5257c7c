"""The App Home: what somebody may still spend, what they have had drawn, and what they have chosen."""

from dataclasses import replace
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.gestures import Person
from adapters.platform import Services
from adapters.responses import Say
from adapters.slack import history, render, settings
from adapters.slack.faults import faults
from bot.errors import Fault

log = structlog.get_logger()

TAB: Final = "home"


class Home:
    """Publishes the view of a person, anew whenever they open it or turn a page."""

    def __init__(self, *, services: Services, client: AsyncWebClient) -> None:
        self._commands = services.commands
        self._actions = services.actions
        self._settings = services.settings
        self._client = client

    async def publish(self, user_id: str, person: Person, *, page: int = 1) -> None:
        """Show quota, settings and a page of the history; what Slack does not take now is shown the next time."""
        quota = await self._commands.quota(person)
        pictures = await self._actions.history(person, page=page)
        mine = await self._settings.mine(person)
        parts = (
            render.said(quota.sentence),
            render.said(pictures.sentence)
            if isinstance(pictures, Say)
            else history.listed(pictures, locale=person.locale),
            render.said(mine.sentence)
            if isinstance(mine, Say)
            # Outside channels the menus say all that the lines below the title would.
            else settings.menus(replace(mine, sentence=mine.sentence[:1]), locale=person.locale),
        )
        blocks = [block for part in parts for block in (*part["blocks"], {"type": "divider"})][:-1]
        try:
            with faults():
                await self._client.views_publish(user_id=user_id, view={"type": "home", "blocks": blocks})
        except Fault as fault:
            log.warning("home not published", user=user_id, code=fault.code, detail=str(fault))
