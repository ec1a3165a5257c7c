"""Slack's commands: a payload in, the core's answer out."""

from typing import Any, assert_never

from slack_bolt.async_app import AsyncAck, AsyncApp

from adapters.admin import QUOTA_ADMIN
from adapters.commands import IMAGINE, Commands, Confirm, Drawing, Reply, Say, Silence
from adapters.platform import Services
from adapters.slack import answers, convert
from adapters.slack.admin import SlackAdmin
from adapters.slack.directory import Directory


def register(app: AsyncApp, services: Services, admin: SlackAdmin, directory: Directory) -> None:
    """Have `app` answer the application's commands."""
    commands = services.commands

    @answers.answered
    async def imagine(ack: AsyncAck, command: dict[str, Any]) -> None:
        await _answer(
            ack, commands, await commands.imagine(convert.asked(command, _roles(command), locale=_locale(command)))
        )

    @answers.answered
    async def quota(ack: AsyncAck, command: dict[str, Any]) -> None:
        await _answer(
            ack, commands, await commands.quota(convert.person(command, _roles(command), locale=_locale(command)))
        )

    @answers.answered
    async def quota_admin(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack()
        admin.start(command)

    def _roles(command: dict[str, Any]) -> tuple[str, ...]:
        return directory.roles(command["user_id"], convert.home(command))

    def _locale(command: dict[str, Any]) -> str | None:
        return directory.locale(command["user_id"])

    app.command(IMAGINE)(imagine)
    app.command("/quota")(quota)
    app.command(QUOTA_ADMIN)(quota_admin)


async def _answer(ack: AsyncAck, commands: Commands, reply: Reply) -> None:
    match reply:
        case Drawing(id=id, account=account, sentence=sentence):
            # Slack does not say whether the ack arrived, so drawing goes on; the ack leaves when the handler returns.
            await answers.say(ack, sentence)
            commands.start(id, account)
        case Say(sentence=sentence) | Confirm(sentence=sentence):
            await answers.say(ack, sentence)
        case Silence():
            await ack()
        case _:
            assert_never(reply)
