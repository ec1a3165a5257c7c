"""The App Home: what somebody may still spend, what they have had drawn, and what they have chosen."""

from dataclasses import replace
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.commands import Person, Say
from adapters.platform import Services
from adapters.slack import controls, render
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
        blocks = [controls.said(quota.sentence)["blocks"][0], {"type": "divider"}]
        if isinstance(pictures, Say):
            blocks.append(render.section(render.sentence(pictures.sentence)))
        else:
            blocks += controls.history(pictures, locale=person.locale)["blocks"]
        settings = await self._settings.mine(person)
        blocks.append({"type": "divider"})
        if isinstance(settings, Say):
            blocks += controls.said(settings.sentence)["blocks"]
        else:
            # Outside channels the menus say all that the lines below the title would.
            titled = replace(settings, sentence=settings.sentence[:1])
            blocks += controls.settings(titled, locale=person.locale)["blocks"]
        try:
            with faults():
                await self._client.views_publish(user_id=user_id, view={"type": "home", "blocks": blocks})
        except Fault as fault:
            log.warning("home not published", user=user_id, code=fault.code, detail=str(fault))
