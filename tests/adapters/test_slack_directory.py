"""Who is who on Slack: asked once in five minutes, renewed in the background, and never wrong about what is unknown."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import FakeClock
from slack_sdk.errors import SlackApiError

from adapters.admin import Found
from adapters.slack import directory as module
from adapters.slack.directory import Directory, Here
from bot.errors import OperatorNeeded, PlatformBusy
from bot.model import Account, Space
from bot.rules import role_of

SPACE = Space("slack:T1")
FRESH_S, RETRY_S = 300, 30


def refusal(code: str) -> SlackApiError:
    """What slack_sdk raises for an answer that is not ok."""
    return SlackApiError("failed", {"ok": False, "error": code})  # type: ignore[no-untyped-call]


@dataclass(kw_only=True)
class FakeWebClient:
    """A workspace. `refusals` holds Slack's error code for a method, as long as it is there."""

    users: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "U1": {"name": "ann", "profile": {"display_name": "Ann", "real_name": "Ann Other"}},
            "U2": {"name": "bob", "is_admin": True},
            "U3": {"name": "robot", "is_bot": True},
        }
    )
    groups: dict[str, list[str]] = field(default_factory=lambda: {"S1": ["U1", "U2"], "S2": ["U2"]})
    refusals: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The ids of the people asked about, and `groups`."""
    meanwhile: asyncio.Event | None = None
    """What an answer about a person waits for, if anything."""
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    renewals: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """The refusal of each look at the groups, or an empty string."""

    async def users_info(self, *, user: str, include_locale: bool) -> dict[str, Any]:
        assert include_locale
        self.asked.append(user)
        self.entered.set()
        if self.meanwhile is not None:
            await self.meanwhile.wait()
        self._refuse("users.info")
        if user not in self.users:
            raise refusal("user_not_found")
        return {"ok": True, "user": {"id": user, **self.users[user]}}

    async def usergroups_list(self, *, include_users: bool) -> dict[str, Any]:
        assert include_users
        self.asked.append("groups")
        self.renewals.put_nowait(self.refusals.get("usergroups.list", ""))
        self._refuse("usergroups.list")
        return {"ok": True, "usergroups": [{"id": group, "users": users} for group, users in self.groups.items()]}

    def _refuse(self, method: str) -> None:
        if code := self.refusals.get(method):
            raise refusal(code)

    def asked_now(self) -> list[str]:
        """What was asked since the last time."""
        asked, self.asked = self.asked, []
        return asked


@dataclass(kw_only=True)
class Workspace:
    """A directory, and what it looks into."""

    slack: FakeWebClient
    clock: FakeClock
    directory: Directory

    @property
    def here(self) -> Here:
        """The directory as a command sees it."""
        return Here(self.directory, SPACE)


@pytest.fixture
def workspace() -> Workspace:
    slack, clock = FakeWebClient(), FakeClock()
    directory = Directory(client=slack, clock=clock)  # type: ignore[arg-type] # as much of a client as is called
    return Workspace(slack=slack, clock=clock, directory=directory)


async def test_a_person_is_asked_about_once_in_five_minutes(workspace: Workspace) -> None:
    """And again with the first command after that."""
    for _ in range(3):
        assert await workspace.directory.colleague("U1") is not None
        workspace.clock.advance(99)
    assert workspace.slack.asked_now() == ["U1"]
    workspace.clock.advance(3)
    await workspace.directory.colleague("U1")
    assert workspace.slack.asked_now() == ["U1"]


async def test_what_has_changed_is_known_within_five_minutes(workspace: Workspace) -> None:
    """Somebody who runs the workspace no longer does."""
    bob = await workspace.directory.colleague("U2")
    assert bob is not None
    assert bob.manages
    workspace.slack.users["U2"]["is_admin"] = False
    workspace.clock.advance(FRESH_S)
    bob = await workspace.directory.colleague("U2")
    assert bob is not None
    assert not bob.manages


async def test_who_was_asked_for_is_renewed_so_that_no_command_waits(workspace: Workspace) -> None:
    """A command in the minutes after a renewal asks Slack nothing."""
    await workspace.directory.colleague("U1")
    workspace.clock.advance(FRESH_S - 1)
    workspace.slack.asked_now()
    assert await workspace.directory.renew() == FRESH_S
    assert workspace.slack.asked_now() == ["groups", "U1"]
    workspace.clock.advance(FRESH_S - 1)
    await workspace.directory.colleague("U1")
    assert workspace.slack.asked_now() == []


async def test_whom_nobody_asks_for_any_more_is_forgotten(workspace: Workspace) -> None:
    """Renewed once more, and then no longer: what is held does not grow with the workspace."""
    await workspace.directory.colleague("U1")
    await workspace.directory.renew()
    workspace.slack.asked_now()
    await workspace.directory.renew()
    assert workspace.slack.asked_now() == ["groups"]
    await workspace.directory.colleague("U1")
    assert workspace.slack.asked_now() == ["U1"]


async def test_who_is_asked_for_during_a_renewal_is_kept(workspace: Workspace) -> None:
    """They are neither asked about twice nor forgotten."""
    await workspace.directory.colleague("U1")
    workspace.slack.meanwhile = asyncio.Event()
    workspace.slack.entered.clear()
    workspace.slack.asked_now()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(workspace.directory.renew())
        await workspace.slack.entered.wait()
        group.create_task(workspace.directory.colleague("U2"))
        await asyncio.sleep(0)
        workspace.slack.meanwhile.set()
    assert workspace.slack.asked_now() == ["groups", "U1", "U2"]
    await workspace.directory.colleague("U2")
    await workspace.directory.renew()
    assert workspace.slack.asked_now() == ["groups", "U2"]


@pytest.mark.parametrize("code", ["ratelimited", "internal_error", "service_unavailable"])
@pytest.mark.parametrize("method", ["users.info", "usergroups.list"])
async def test_a_renewal_that_slack_puts_off_is_tried_again_soon(workspace: Workspace, code: str, method: str) -> None:
    """With the same people; what is known stays known meanwhile."""
    await workspace.directory.colleague("U1")
    await workspace.directory.renew()
    await workspace.directory.colleague("U1")
    workspace.slack.refusals[method] = code
    assert await workspace.directory.renew() == RETRY_S
    assert workspace.directory.roles("U1", SPACE) == (role_of(SPACE, "S1"),)
    await workspace.directory.colleague("U1")
    del workspace.slack.refusals[method]
    workspace.slack.asked_now()
    assert await workspace.directory.renew() == FRESH_S
    assert workspace.slack.asked_now() == ["groups", "U1"]


async def test_people_of_a_renewal_that_failed_are_in_the_next_although_nobody_asks_again(
    workspace: Workspace,
) -> None:
    """Else the first command after a bad minute would wait for Slack."""
    await workspace.directory.colleague("U1")
    workspace.slack.refusals["users.info"] = "ratelimited"
    await workspace.directory.renew()
    workspace.slack.refusals.clear()
    workspace.slack.asked_now()
    await workspace.directory.renew()
    assert workspace.slack.asked_now() == ["groups", "U1"]


async def test_without_the_scope_for_groups_people_are_renewed_all_the_same(workspace: Workspace) -> None:
    """usergroups:read is only for limits of groups."""
    workspace.slack.refusals["usergroups.list"] = "missing_scope"
    await workspace.directory.colleague("U1")
    workspace.slack.asked_now()
    assert await workspace.directory.renew() == FRESH_S
    assert workspace.slack.asked_now() == ["groups", "U1"]
    assert workspace.directory.roles("U1", SPACE) == ()
    with pytest.raises(OperatorNeeded):
        await workspace.here.role("S1")


async def test_without_the_scope_for_people_groups_are_renewed_all_the_same(workspace: Workspace) -> None:
    """And who asks for a person is told that this is the operator's to mend."""
    workspace.slack.refusals["users.info"] = "missing_scope"
    with pytest.raises(OperatorNeeded):
        await workspace.directory.colleague("U1")
    assert await workspace.directory.renew() == FRESH_S
    assert workspace.directory.roles("U1", SPACE) == (role_of(SPACE, "S1"),)


async def test_a_person_while_slack_answers_nothing_is_a_fault(workspace: Workspace) -> None:
    """Not "nobody": who decides on that could only decide wrongly."""
    workspace.slack.refusals["users.info"] = "ratelimited"
    with pytest.raises(PlatformBusy):
        await workspace.here.person("<@U1>")


@pytest.mark.parametrize("text", ["<@U9>", "U9", "@ann", "ann", "", "<@u1>", "<@U1> <@U2>", "<!here>", "<@S1>"])
async def test_who_is_not_there_is_nobody(workspace: Workspace, text: str) -> None:
    """A name that Slack did not turn into an id included."""
    assert await workspace.here.person(text) is None


async def test_somebody_who_was_not_found_is_asked_about_again(workspace: Workspace) -> None:
    """They may have joined since."""
    assert await workspace.directory.colleague("U9") is None
    workspace.slack.users["U9"] = {"name": "zoe"}
    assert await workspace.directory.colleague("U9") is not None


async def test_somebody_who_has_left_is_forgotten_with_the_next_renewal(workspace: Workspace) -> None:
    """Not before they are asked for, and not with an error."""
    await workspace.directory.colleague("U1")
    del workspace.slack.users["U1"]
    assert await workspace.directory.renew() == FRESH_S
    assert await workspace.directory.colleague("U1") is None


@pytest.mark.parametrize("text", ["<@U1>", "<@U1|ann>", "U1"])
async def test_a_person_comes_with_their_groups(workspace: Workspace, text: str) -> None:
    """As Slack writes a mention, or as an operator types an id."""
    await workspace.directory.renew()
    assert await workspace.here.person(text) == Found(id="U1", roles=(role_of(SPACE, "S1"),))
    bob = await workspace.here.person("<@U2>")
    assert bob == Found(id="U2", roles=(role_of(SPACE, "S1"), role_of(SPACE, "S2")))


async def test_a_bot_is_known_as_one(workspace: Workspace) -> None:
    """Bots have no quota."""
    assert await workspace.here.person("<@U3>") == Found(id="U3", is_bot=True)


@pytest.mark.parametrize("fact", ["is_admin", "is_owner", "is_primary_owner"])
async def test_admins_and_owners_run_the_workspace(workspace: Workspace, fact: str) -> None:
    """Nobody else does."""
    workspace.slack.users["U1"][fact] = True
    ann, robot = await workspace.directory.colleague("U1"), await workspace.directory.colleague("U3")
    assert ann is not None
    assert ann.manages
    assert robot is not None
    assert not robot.manages


@pytest.mark.parametrize("text", ["<!subteam^S2>", "<!subteam^S2|@artists>", "S2"])
async def test_a_group_is_found_before_and_after_the_first_renewal(workspace: Workspace, text: str) -> None:
    """Slack is asked only where it is not known yet."""
    assert await workspace.here.role(text) == "S2"
    assert await workspace.here.role(text) == "S2"
    assert workspace.slack.asked_now() == ["groups"]


@pytest.mark.parametrize("text", ["S9", "<!subteam^S9>", "@artists", "", "<!here>", "<@U1>"])
async def test_a_group_that_is_not_there_is_none(workspace: Workspace, text: str) -> None:
    """Also after Slack has been asked whether it is new."""
    assert await workspace.here.role(text) is None


async def test_a_new_group_is_found_at_once(workspace: Workspace) -> None:
    """Whoever makes one limits it next."""
    await workspace.directory.renew()
    workspace.slack.groups["S3"] = ["U1"]
    assert await workspace.here.role("S3") == "S3"
    assert role_of(SPACE, "S3") in workspace.directory.roles("U1", SPACE)


async def test_people_are_called_what_they_call_themselves(workspace: Workspace) -> None:
    """Their display name before all others; who is not there has no name."""
    workspace.slack.users["U2"]["profile"] = {"display_name": "", "real_name": "Bob Builder"}
    accounts = [Account(f"slack:T1:{user}") for user in ("U1", "U2", "U3", "U9")]
    assert await workspace.here.names(accounts) == dict(zip(accounts, ["Ann", "Bob Builder", "robot"], strict=False))


async def test_the_watch_renews_until_it_is_cancelled(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a renewal that failed."""
    monkeypatch.setattr(module, "_FRESH_S", 0)
    monkeypatch.setattr(module, "_RETRY_S", 0)
    workspace.slack.refusals["usergroups.list"] = "ratelimited"
    watching = asyncio.create_task(workspace.directory.watch(0))
    async with asyncio.timeout(10):
        for _ in range(3):
            assert await workspace.slack.renewals.get() == "ratelimited"
        workspace.slack.refusals.clear()
        while await workspace.slack.renewals.get() == "ratelimited":
            pass
        await workspace.slack.renewals.get()
    assert workspace.directory.roles("U1", SPACE) == (role_of(SPACE, "S1"),)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def test_the_next_answer_knows_the_language(workspace: Workspace) -> None:
    """No command waits for it, and who is known is not asked about again."""
    workspace.slack.users["U1"]["locale"] = "de-DE"
    assert workspace.directory.locale("U1") is None
    await workspace.slack.entered.wait()
    assert workspace.directory.locale("U1") == "de-DE"
    assert await workspace.directory.known_locale("U1") == "de-DE"
    assert workspace.slack.asked_now() == ["U1"]


@pytest.mark.parametrize("code", ["missing_scope", "ratelimited", "internal_error"])
async def test_a_language_that_slack_does_not_say_is_none(workspace: Workspace, code: str) -> None:
    """A failed look-up fails no delivery."""
    workspace.slack.refusals["users.info"] = code
    assert await workspace.directory.known_locale("U1") is None
