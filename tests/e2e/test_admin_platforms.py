"""What only one platform has of `/quota-admin`: how Discord offers it, and what Slack has to be asked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.conftest import run_bot, settings_for
from e2e.ledger import open_rows, rows, until

from bot import app
from bot.model import Space
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox, InputRefusedError
from sandbox.slack import DEFAULT_SCOPES, SlackSandbox
from sandbox.stage import DiscordStage, Place, SlackStage

MANAGE_GUILD = 32
IN_GUILD = BY_GUILD = 0


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    async with DiscordSandbox() as discord:
        yield discord


async def test_discord_offers_it_to_those_who_manage_the_server_in_servers_alone(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path
) -> None:
    """Not in direct messages, not brought along by a person, and with every word as a subcommand."""
    async with run_bot(settings_for(DiscordStage(discord), dashscope, database), DiscordStage(discord)):
        [command] = [command for command in discord.commands if command["name"] == "quota-admin"]
    assert int(command["default_member_permissions"]) == MANAGE_GUILD
    assert command["contexts"] == [IN_GUILD]
    assert command["integration_types"] == [BY_GUILD]
    assert {option["name"] for option in command["options"]} >= {"show", "set", "grant", "report", "audit", "help"}


async def test_discord_suggests_amounts_below_the_field(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path
) -> None:
    """What is typed so far comes first, so that any number can be sent; then the words that fit."""
    async with run_bot(settings_for(DiscordStage(discord), dashscope, database), DiscordStage(discord)):
        assert await discord.complete("quota-admin pool", "amount", "un") == ["un", "unlimited"]
        assert await discord.complete("quota-admin pool", "amount", "37") == ["37"]
        assert "unlimited" in await discord.complete("quota-admin pool", "amount", "")


async def test_discord_offers_no_role_of_another_server(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path
) -> None:
    """Its client lists the server's own roles alone."""
    foreign = discord.add_role("elsewhere", discord.add_guild("other"))
    async with run_bot(settings_for(DiscordStage(discord), dashscope, database), DiscordStage(discord)):
        with pytest.raises(InputRefusedError, match="roles of this server"):
            await discord.slash("quota-admin role", {"role": foreign, "amount": "5"})


@pytest.mark.parametrize("lacking", ["users:read", "usergroups:read"])
async def test_slack_without_a_scope_goes_on_with_what_it_may_see(
    lacking: str, dashscope: DashScopeSandbox, database: Path
) -> None:
    """Pictures are drawn; without users:read only those whom the settings name are admins."""
    async with SlackSandbox(file_ready_after_s=0, scopes=DEFAULT_SCOPES - {lacking}) as slack:
        stage = SlackStage(slack)
        stage.add_person("admin", admin=True)
        async with run_bot(settings_for(stage, dashscope, database), stage):
            assert len((await (await stage.imagine("a red fox")).ending()).pictures) == 1
            answer = await (await stage.quota_admin("default", who="admin", amount="5")).ending()
    allowed = lacking != "users:read"
    assert ("5 credits a day" in answer.text) is allowed
    assert ("Only people who manage this place" in answer.text) is not allowed


async def test_slack_answers_once_people_can_be_looked_up_again(dashscope: DashScopeSandbox, database: Path) -> None:
    """While Slack limits the look-ups nothing is changed, and the admin is told so rather than kept waiting."""
    async with SlackSandbox(file_ready_after_s=0) as slack:
        stage = SlackStage(slack)
        stage.add_person("admin", admin=True)
        stage.add_person("member")
        async with run_bot(settings_for(stage, dashscope, database), stage):
            await (await stage.quota_admin("list", who="admin")).ending()
            slack.rate_limit("users.info", retry_after_s=30)
            answer = await (await stage.quota_admin("set", who="admin", person="member", amount="5")).ending()
            assert "cannot be looked up right now. Nothing was changed" in answer.text
            answer = await (await stage.quota_admin("set", who="admin", person="member", amount="5")).ending()
            assert "5 credits a day" in answer.text
    assert len(rows(database, "SELECT id FROM rule")) == 1


async def test_slack_asks_once_for_an_admin_who_types_many_commands(
    dashscope: DashScopeSandbox, database: Path
) -> None:
    """Who somebody is holds for five minutes: users.info has a rate limit."""
    async with SlackSandbox(file_ready_after_s=0) as slack:
        stage = SlackStage(slack)
        stage.add_person("admin", admin=True)
        async with run_bot(settings_for(stage, dashscope, database), stage):
            for _ in range(5):
                await (await stage.quota_admin("list", who="admin")).ending()
        asked = [call for call in slack.requests if call.method == "users.info"]
    assert len(asked) == 1


async def test_what_an_admin_began_is_answered_while_the_bot_stops(dashscope: DashScopeSandbox, database: Path) -> None:
    """Slack's ack has left, so an answer that is cut off would be no answer at all."""
    async with SlackSandbox(file_ready_after_s=0) as slack:
        stage = SlackStage(slack)
        stage.add_person("admin", admin=True)
        async with run_bot(settings_for(stage, dashscope, database), stage):
            typed = await stage.quota_admin("default", who="admin", amount="5")
            await typed.answer()
            await asyncio.sleep(0)
        answer = await typed.ending()
    assert "Everybody here: 5 credits a day" in answer.text


async def test_discord_reads_of_slacks_people_by_their_ids(
    discord: DiscordSandbox, dashscope: DashScopeSandbox, database: Path
) -> None:
    """A report over everything has both platforms' people; nobody is asked for names that the platform cannot know."""
    stage = DiscordStage(discord)
    stage.add_person("owner")
    async with run_bot(settings_for(stage, dashscope, database, owners=f"discord:{stage.person_id('owner')}"), stage):
        assert (await (await stage.imagine("a red fox", who="owner")).ending()).pictures
        await until(lambda: not open_rows(database))
        rows(database, "UPDATE generation SET account = 'slack:T1:U0SLACK', space = 'slack:T1'")
        assert (await (await stage.imagine("a red fox", who="owner")).ending()).pictures
        report = await (await stage.quota_admin("report", who="owner", everything="yes")).ending()
    assert len(report.pictures) == 1
    assert "• U0SLACK: 2 credits" in report.text
    assert report.pings == []


async def test_people_outside_servers_can_be_blocked_from_the_command_line(
    discord: DiscordSandbox,
    dashscope: DashScopeSandbox,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Who is blocked in a server could go on in the bot's direct messages."""
    monkeypatch.chdir(tmp_path)
    stage = DiscordStage(discord)
    stage.add_person("member")
    settings = settings_for(stage, dashscope, database)
    async with run_bot(settings, stage):
        outside = Space("discord:user")
        printed = await app.administer(settings, ["block", stage.person_id("member"), "spam"], space=outside)
        assert "is blocked from drawing" in printed.text
        assert "no limit or pool in common" in (await app.administer(settings, ["pool", "5"], space=outside)).text
        refused = await (await stage.imagine("a red fox", who="member", where=Place.DM)).ending()
        assert "An admin has switched pictures off for you" in refused.text
        assert (await (await stage.imagine("a red fox", who="member")).ending()).pictures
