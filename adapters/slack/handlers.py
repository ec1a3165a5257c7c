"""What Slack sends: a payload in, the core's answer out."""

import re
from typing import Any, Final, assert_never

from slack_bolt.async_app import AsyncAck, AsyncApp

from adapters.admin import QUOTA_ADMIN
from adapters.commands import IMAGINE, Commands
from adapters.data import IMAGINE_DATA
from adapters.gestures import Person
from adapters.platform import Services
from adapters.responses import Confirm, Drawing, Reply, Say, Silence
from adapters.settings import SETTINGS
from adapters.slack import answers, buttons, convert, history
from adapters.slack.admin import SlackAdmin
from adapters.slack.data import SlackData
from adapters.slack.directory import Directory
from adapters.slack.interactions import Interactions
from adapters.slack.settings import SlackSettings

HISTORY: Final = "/imagine-history"

_ANY: Final = re.compile("")


class Typed:
    """The slash commands. Each answers in its ack, but for what has to be looked up first."""

    def __init__(
        self,
        *,
        services: Services,
        admin: SlackAdmin,
        directory: Directory,
        interactions: Interactions,
        settings: SlackSettings,
        data: SlackData,
    ) -> None:
        self._commands = services.commands
        self._actions = services.actions
        self._admin = admin
        self._directory = directory
        self._interactions = interactions
        self._settings = settings
        self._data = data

    def locale(self, user_id: str) -> str | None:
        """The language somebody reads, as known."""
        return self._directory.locale(user_id)

    async def imagine(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """`/imagine`."""
        person = self._person(command)
        asked = convert.asked(command, person.roles, locale=person.locale)
        await _answer(ack, self._commands, await self._commands.imagine(asked), person)

    async def quota(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """`/quota`."""
        await answers.say(ack, (await self._commands.quota(self._person(command))).sentence)

    async def history(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """`/imagine-history`."""
        person = self._person(command)
        page = await self._actions.history(person, page=1)
        if isinstance(page, Say):
            await answers.say(ack, page.sentence)
        else:
            await answers.show(ack, history.listed(page, locale=person.locale))

    async def settings(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """`/imagine-settings`."""
        person = self._person(command)
        if self._settings.is_of_place(command):
            await ack()
            self._interactions.beside(self._settings.of_place(command, person), command, SETTINGS, audited=True)
        else:
            await self._settings.own(ack, command, person)

    async def data(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """`/imagine-data`."""
        await ack()
        self._interactions.beside(self._data.run(command, self._person(command)), command, IMAGINE_DATA)

    async def quota_admin(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """`/quota-admin`."""
        await ack()
        self._interactions.beside(self._admin.run(command), command, QUOTA_ADMIN, audited=True)

    def _person(self, command: dict[str, Any]) -> Person:
        user_id = command["user_id"]
        roles = self._directory.roles(user_id, convert.home(command))
        return convert.person(command, roles, locale=self._directory.locale(user_id))


def register(app: AsyncApp, typed: Typed, interactions: Interactions) -> None:
    """Have `app` answer the application's commands, buttons, forms, shortcuts and mentions."""
    for name, handler in {
        IMAGINE: typed.imagine,
        "/quota": typed.quota,
        HISTORY: typed.history,
        SETTINGS: typed.settings,
        IMAGINE_DATA: typed.data,
        QUOTA_ADMIN: typed.quota_admin,
    }.items():
        app.command(name)(answers.answered(handler, typed.locale))
    # Whatever an older or a newer version has put on somebody's screen gets its answer, too.
    app.action(_ANY)(interactions.press)
    app.shortcut(_ANY)(interactions.shortcut)
    app.view(_ANY)(interactions.submit)
    app.event("app_mention")(interactions.mention)
    app.event("app_home_opened")(interactions.home_opened)


async def _answer(ack: AsyncAck, commands: Commands, reply: Reply, person: Person) -> None:
    match reply:
        case Drawing(id=id, account=account):
            # Slack does not say whether the ack arrived, so drawing goes on; the ack leaves when the handler returns.
            await answers.show(ack, await buttons.drawing(reply, locale=person.locale))
            commands.start(id, account)
        case Confirm():
            await answers.show(ack, buttons.draft(reply, locale=person.locale))
        case Say(sentence=sentence):
            await answers.say(ack, sentence)
        case Silence():
            await ack()
        case _:
            assert_never(reply)
