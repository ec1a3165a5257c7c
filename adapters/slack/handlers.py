"""What Slack sends: a payload in, the core's answer out."""

import re
from typing import Any, Final, assert_never

from slack_bolt.async_app import AsyncAck, AsyncApp

from adapters.admin import QUOTA_ADMIN
from adapters.commands import IMAGINE, Commands, Confirm, Drawing, Person, Reply, Say, Silence
from adapters.platform import Services
from adapters.slack import answers, controls, convert
from adapters.slack.admin import SlackAdmin
from adapters.slack.directory import Directory
from adapters.slack.interactions import Interactions

HISTORY: Final = "/imagine-history"

_ANY: Final = re.compile("")


def register(
    app: AsyncApp, services: Services, admin: SlackAdmin, directory: Directory, interactions: Interactions
) -> None:
    """Have `app` answer the application's commands, buttons, forms, shortcuts and mentions."""
    commands, actions = services.commands, services.actions

    @answers.answered
    async def imagine(ack: AsyncAck, command: dict[str, Any]) -> None:
        asked = convert.asked(command, _roles(command), locale=_locale(command))
        await _answer(ack, commands, await commands.imagine(asked), asked.person)

    @answers.answered
    async def quota(ack: AsyncAck, command: dict[str, Any]) -> None:
        await answers.say(ack, (await commands.quota(_person(command))).sentence)

    @answers.answered
    async def history(ack: AsyncAck, command: dict[str, Any]) -> None:
        person = _person(command)
        page = await actions.history(person, page=1)
        if isinstance(page, Say):
            await answers.say(ack, page.sentence)
        else:
            await answers.show(ack, controls.history(page, locale=person.locale))

    @answers.answered
    async def quota_admin(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack()
        admin.start(command)

    def _person(command: dict[str, Any]) -> Person:
        return convert.person(command, _roles(command), locale=_locale(command))

    def _roles(command: dict[str, Any]) -> tuple[str, ...]:
        return directory.roles(command["user_id"], convert.home(command))

    def _locale(command: dict[str, Any]) -> str | None:
        return directory.locale(command["user_id"])

    app.command(IMAGINE)(imagine)
    app.command("/quota")(quota)
    app.command(HISTORY)(history)
    app.command(QUOTA_ADMIN)(quota_admin)
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
            await answers.show(ack, controls.drawing(reply, locale=person.locale))
            commands.start(id, account)
        case Confirm():
            await answers.show(ack, controls.draft(reply, locale=person.locale))
        case Say(sentence=sentence):
            await answers.say(ack, sentence)
        case Silence():
            await ack()
        case _:
            assert_never(reply)
