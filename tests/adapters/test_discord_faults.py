"""What Discord answers, as our faults: told apart by whether another try may help."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import discord
import pytest
from deliveries import delivery, generation
from discord.http import Route
from pydantic import SecretStr

from adapters.discord.buttons import Rows
from adapters.discord.courier import DiscordCourier
from adapters.discord.faults import faults
from adapters.discord.rest import BotRest
from bot.errors import Fault, OperatorNeeded, PictureTooLarge, PlatformBusy, Unreachable
from sandbox.discord import DiscordSandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """As much of a response as the library's exceptions look at."""

    status: int
    reason: str = "because"
    headers: dict[str, str] = field(default_factory=dict)


def refused(
    status: int, code: int = 0, *, text: str | None = None, headers: dict[str, str] | None = None
) -> discord.HTTPException:
    """What the library raises for an answer with this status and Discord's `code`, or with `text` for a body."""
    response = cast("aiohttp.ClientResponse", Answered(status=status, headers=headers or {}))
    return discord.HTTPException(response, {"message": "no", "code": code} if text is None else text)


def fault_of(error: Exception) -> Fault:
    with pytest.raises(Fault) as caught, faults():
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refused(401, 50027), Unreachable),  # Invalid Webhook Token: 15 minutes are over
        (refused(404, 10062), Unreachable),  # Unknown interaction
        (refused(404, 10015), Unreachable),  # Unknown Webhook
        (refused(404, 10008), Unreachable),  # Unknown Message: somebody deleted the answer
        (refused(404, 10003), Unreachable),  # Unknown Channel
        (refused(403, 50001), Unreachable),  # Missing Access
        (refused(403, 50013), Unreachable),  # Missing Permissions
        (refused(403, 50007), Unreachable),  # Cannot send messages to this user
        (refused(400, 50035), Unreachable),  # Invalid Form Body
        (refused(413, 40005), PictureTooLarge),
        (refused(413, text="<html>too large</html>"), PictureTooLarge),
        (refused(400, 40005), PictureTooLarge),
        (refused(429), PlatformBusy),
        (refused(500), PlatformBusy),
        (refused(502, text="<html>Bad Gateway</html>"), PlatformBusy),
        (refused(503, text=""), PlatformBusy),
        (refused(524), PlatformBusy),
        (aiohttp.ServerDisconnectedError(), PlatformBusy),
        (aiohttp.ClientPayloadError(), PlatformBusy),
        (ConnectionResetError(104, "reset"), PlatformBusy),
        (TimeoutError(), PlatformBusy),
        (discord.RateLimited(3600.0), PlatformBusy),
        (discord.LoginFailure("Improper token has been passed."), OperatorNeeded),
    ],
    ids=lambda value: str(value) if isinstance(value, Exception) else "",
)
def test_every_failure_is_the_fault_that_helps(error: Exception, expected: type[Fault]) -> None:
    """Busy is tried again, unreachable goes another way, too large is made smaller."""
    assert type(fault_of(error)) is expected


def test_a_fault_carries_facts_and_not_what_was_sent() -> None:
    """Status and code for the log; neither body nor route, which holds the token."""
    fault = fault_of(refused(403, 50013))
    assert (fault.status, fault.code) == (403, "50013")
    assert str(fault) == "Discord answered 403 (code 50013)"


@pytest.mark.parametrize(("header", "pause_s"), [("3600", 3600.0), ("0.25", 0.25), ("soon", None)])
def test_a_pause_that_is_asked_for_is_kept(header: str, pause_s: float | None) -> None:
    """A ban that lasts an hour only grows with every call."""
    assert fault_of(refused(429, headers={"Retry-After": header})).retry_after_s == pause_s
    assert fault_of(refused(429)).retry_after_s is None
    assert fault_of(discord.RateLimited(3600.0)).retry_after_s == 3600.0


def test_a_defect_of_ours_is_no_fault_of_discords() -> None:
    """It must show as what it is."""
    with pytest.raises(KeyError), faults():
        raise KeyError


@pytest.fixture
async def discord_sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordSandbox]:
    async with DiscordSandbox() as sandbox:
        monkeypatch.setattr(Route, "BASE", sandbox.api_url)
        yield sandbox


@pytest.fixture
async def rest(discord_sandbox: DiscordSandbox) -> AsyncIterator[BotRest]:
    rest = BotRest(token=SecretStr(discord_sandbox.token))
    yield rest
    await rest.close()


async def post(rest: BotRest, sandbox: DiscordSandbox, nonce: str = "discord:1") -> None:
    """A word to the channel, mentioning its reader."""
    reader = sandbox.user.id
    await rest.send(
        sandbox.channel.id,
        content=f"<@{reader}>",
        ping=reader,
        embeds=[discord.Embed(description="@everyone")],
        files=[],
        view=Rows(),
        nonce=nonce,
    )


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 503, "text": "<html>Service Unavailable</html>"}, PlatformBusy),
        ({"drop": "request"}, PlatformBusy),
        ({"drop": "answer"}, PlatformBusy),
        ({"status": 429, "text": "error code: 1015", "headers": {"Retry-After": "120"}}, PlatformBusy),
        ({"status": 413, "json": {"message": "Request entity too large", "code": 40005}}, PictureTooLarge),
        ({"status": 403, "json": {"message": "Missing Permissions", "code": 50013}}, Unreachable),
        ({"status": 403, "text": "<html>Forbidden</html>"}, Unreachable),
    ],
    ids=str,
)
async def test_the_library_raises_what_is_mapped(
    fault: dict[str, Any], expected: type[Fault], rest: BotRest, discord_sandbox: DiscordSandbox
) -> None:
    """Through discord.py itself, against a server that misbehaves."""
    discord_sandbox.faults.inject("POST */messages", **fault)
    with pytest.raises(expected) as caught:
        await post(rest, discord_sandbox)
    asked_s = fault.get("headers") == {"Retry-After": "120"}
    assert caught.value.retry_after_s == (120 if asked_s else None)


async def test_posting_works_after_a_login_that_failed(rest: BotRest, discord_sandbox: DiscordSandbox) -> None:
    """The connections of the failed one are given back, and the next call signs in anew."""
    discord_sandbox.faults.inject("GET */users/@me", status=503, text="down")
    with pytest.raises(PlatformBusy):
        await post(rest, discord_sandbox)
    await post(rest, discord_sandbox)
    assert len(discord_sandbox.messages) == 1


async def test_a_refused_token_is_the_operators(discord_sandbox: DiscordSandbox) -> None:
    """Another try would end the same."""
    rest = BotRest(token=SecretStr("another.token"))
    with pytest.raises(OperatorNeeded):
        await post(rest, discord_sandbox)
    await rest.close()


async def test_posting_as_the_bot_mentions_one_person_and_nobody_else(
    rest: BotRest, discord_sandbox: DiscordSandbox
) -> None:
    """Whatever the text holds; and a direct message pings nobody by markup."""
    await post(rest, discord_sandbox)
    await rest.send_dm(discord_sandbox.user.id, content="@everyone <@1>", nonce="discord:2")
    in_channel, in_dm = discord_sandbox.messages
    assert in_channel.mentions == [discord_sandbox.user.id]
    allowed = in_channel.allowed_mentions or {}
    assert (allowed["parse"], allowed["users"]) == ([], [discord_sandbox.user.id])
    assert (in_dm.mentions, in_dm.mention_everyone) == ([], False)


async def test_a_person_with_closed_direct_messages_is_unreachable(
    rest: BotRest, discord_sandbox: DiscordSandbox
) -> None:
    """So is one who does not exist."""
    hermit = discord_sandbox.add_user("hermit", dms_closed=True)
    for user_id in (hermit.id, 1):
        with pytest.raises(Unreachable):
            await rest.send_dm(user_id, content="hello", nonce="discord:1")


async def test_a_channel_that_may_not_be_read_tells_nothing(rest: BotRest, discord_sandbox: DiscordSandbox) -> None:
    """An empty one says no; one of a server without the bot is unreachable, and the picture goes to the person."""
    assert not await rest.standing(discord_sandbox.channel.id, interaction_id=1)
    foreign = discord_sandbox.add_guild("elsewhere", installed=False)
    closed = discord_sandbox.add_channel("lobby", foreign)
    with pytest.raises(Unreachable):
        await rest.standing(closed.id, interaction_id=1)
    address = {
        "application_id": discord_sandbox.application_id,
        "token": "dead",
        "guild_id": foreign.id,
        "channel_id": closed.id,
        "user_id": discord_sandbox.user.id,
        "locale": "en-US",
        "max_file_bytes": 10 * 2**20,
    }
    async with aiohttp.ClientSession() as session:
        courier = DiscordCourier(session=session, rest=rest)
        await courier.deliver(delivery(generation(address=address, attempt=2)))
    [message] = discord_sandbox.messages
    assert message.channel_id == discord_sandbox.dm().id
