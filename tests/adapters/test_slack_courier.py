"""Slack's courier between the real client library and the stand-in: one message, in the right place."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
from deliveries import delivery, generation
from fakes import FakeClock
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.courier import SlackCourier
from adapters.slack.directory import Directory
from adapters.slack.files import Files
from adapters.slack.whispers import Whispers
from bot.errors import OperatorNeeded, PlatformBusy, Unreachable
from bot.model import Delivery, Generation, GenerationId, Picture, Reason
from sandbox.slack import DEFAULT_SCOPES, SlackSandbox

POST = "chat.postMessage"


@dataclass(kw_only=True)
class FakeNotes:
    """Keeps which picture is which file."""

    files: dict[int, str] = field(default_factory=dict)

    async def pictures(self, id: GenerationId) -> Mapping[int, Picture]:
        return {
            n: Picture(n=n, url=f"https://pictures.example/{id}", revised=None, request_id=None, file_id=file_id)
            for n, file_id in self.files.items()
        }

    async def keep_file(self, job: Generation, n: int, file_id: str) -> bool:
        assert job.request.count > n
        self.files[n] = file_id
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A courier at work in a workspace whose channels it may read."""

    slack: SlackSandbox
    courier: SlackCourier
    directory: Directory
    clock: FakeClock
    notes: FakeNotes

    def delivery(
        self, *, private: bool = False, count: int = 1, attempt: int = 1, thread_ts: str | None = None
    ) -> Delivery:
        address = {
            "team_id": self.slack.team_id,
            "channel_id": self.slack.channel.id,
            "user_id": self.slack.user.id,
            "response_url": f"http://127.0.0.1:{self.slack.port}/commands/T/nowhere",
            "thread_ts": thread_ts,
        }
        made = generation(count=count, private=private, address=address, attempt=attempt, id="slack:T:1")
        # The row is older than anything that the stand-in's clock stamps.
        return delivery(replace(made, created_ms=0))

    def calls(self) -> list[str]:
        """The methods called since the last time."""
        called = [call.method for call in self.slack.requests]
        self.slack.requests.clear()
        return called


@asynccontextmanager
async def office(**options: object) -> AsyncIterator[Office]:
    scopes = {*DEFAULT_SCOPES, "channels:history"}
    settings = {"file_ready_after_s": 0.0, "scopes": scopes, **options}
    async with SlackSandbox(**settings) as slack, aiohttp.ClientSession() as session:  # type: ignore[arg-type]
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        clock, notes = FakeClock(), FakeNotes()
        files, directory = Files(client=client, notes=notes, clock=clock), Directory(client=client, clock=clock)
        whispers = Whispers(client=client, session=session)
        courier = SlackCourier(client=client, files=files, whispers=whispers, directory=directory)
        yield Office(slack=slack, courier=courier, directory=directory, clock=clock, notes=notes)


@pytest.fixture
async def at_work() -> AsyncIterator[Office]:
    async with office() as opened:
        yield opened


async def after_a_restart(at_work: Office, delivery: Delivery) -> None:
    """Deliver with a courier that remembers nothing but the notes."""
    async with aiohttp.ClientSession() as session:
        slack = at_work.slack
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        files = Files(client=client, notes=at_work.notes, clock=at_work.clock)
        whispers = Whispers(client=client, session=session)
        directory = Directory(client=client, clock=at_work.clock)
        await SlackCourier(client=client, files=files, whispers=whispers, directory=directory).deliver(delivery)


async def test_four_pictures_are_one_message(at_work: Office) -> None:
    """Each uploaded once, in the order drawn."""
    await at_work.courier.deliver(at_work.delivery(count=4))
    [message] = at_work.slack.messages
    assert [file.name for file in message.files] == [f"a-red-fox-{seed}.png" for seed in (7, 8, 9, 10)]
    assert list(at_work.notes.files) == [0, 1, 2, 3]


async def test_a_second_try_does_not_upload_again(at_work: Office) -> None:
    """What Slack holds is noted, and used."""
    at_work.slack.fail(POST, "ratelimited")
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery(count=2))
    await at_work.courier.deliver(at_work.delivery(count=2))
    assert len(at_work.slack.files) == 2
    assert len(at_work.slack.messages) == 1


async def test_an_upload_that_broke_off_goes_on_where_it_stopped(at_work: Office) -> None:
    """Of two pictures one is noted; only the other is sent."""
    at_work.slack.fail(POST, "ratelimited")
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery(count=2))
    del at_work.notes.files[1]
    at_work.calls()
    await at_work.courier.deliver(at_work.delivery(count=2))
    assert at_work.calls().count("files.getUploadURLExternal") == 1
    [message] = at_work.slack.messages
    assert [file.name for file in message.files] == ["a-red-fox-7.png", "a-red-fox-8.png"]


async def test_a_post_that_failed_half_way_is_looked_up_before_the_next(at_work: Office) -> None:
    """The answer does not say whether the message stands; the channel does."""
    at_work.slack.fail(POST, "fatal_error")
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery())
    at_work.calls()
    await at_work.courier.deliver(at_work.delivery())
    assert at_work.calls() == ["conversations.history", "files.info", POST]
    assert len(at_work.slack.messages) == 1


async def test_a_post_that_was_refused_is_not_looked_up(at_work: Office) -> None:
    """Slack has said no: looking would only spend its rate limit."""
    at_work.slack.rate_limit(POST)
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery())
    at_work.calls()
    await at_work.courier.deliver(at_work.delivery())
    assert at_work.calls() == ["files.info", POST]


async def test_a_look_up_that_is_refused_for_now_is_waited_for(at_work: Office) -> None:
    """Posting meanwhile would be a second message."""
    at_work.slack.faults.inject(f"POST /api/{POST}", drop="answer")
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery())
    at_work.slack.rate_limit("conversations.history", retry_after_s=9)
    with pytest.raises(PlatformBusy) as caught:
        await at_work.courier.deliver(at_work.delivery())
    assert caught.value.retry_after_s == 9
    await at_work.courier.deliver(at_work.delivery())
    assert len(at_work.slack.messages) == 1


async def test_what_was_found_is_in_doubt_no_more(at_work: Office) -> None:
    """Nothing is kept of a delivery that has come to its end, however many there are."""
    at_work.slack.faults.inject(f"POST /api/{POST}", drop="answer")
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery())
    assert at_work.courier._in_doubt == {"slack:T:1"}  # noqa: SLF001 - what is kept shows nowhere else
    await at_work.courier.deliver(at_work.delivery())
    assert at_work.courier._in_doubt == set()  # noqa: SLF001
    assert len(at_work.slack.messages) == 1


async def test_after_a_restart_the_message_of_the_last_life_is_found(at_work: Office) -> None:
    """A later attempt looks before it posts."""
    await at_work.courier.deliver(at_work.delivery())
    await after_a_restart(at_work, at_work.delivery(attempt=2))
    assert len(at_work.slack.messages) == 1


async def test_a_private_message_of_the_last_life_is_found_where_direct_messages_may_be_read() -> None:
    """With im:history and im:write; the channel, where it never goes, is not asked."""
    async with office(scopes={*DEFAULT_SCOPES, "im:write", "im:history"}) as at_work:
        await at_work.courier.deliver(at_work.delivery(private=True))
        at_work.calls()
        await after_a_restart(at_work, at_work.delivery(private=True, attempt=2))
        assert at_work.calls() == ["conversations.open", "conversations.history"]
        assert len(at_work.slack.messages) == 1


async def test_a_message_that_went_to_the_person_is_found_there() -> None:
    """The channel was closed to the bot, so it cannot be read either: the direct messages tell."""
    async with office(scopes={*DEFAULT_SCOPES, "channels:history", "im:write", "im:history"}) as at_work:
        at_work.slack.channel.members.discard(at_work.slack.bot_user_id)
        at_work.slack.fail(POST, "restricted_action")
        await at_work.courier.deliver(at_work.delivery())
        await after_a_restart(at_work, at_work.delivery(attempt=2))
        assert len(at_work.slack.messages) == 1


async def test_a_file_that_slack_says_is_shown_is_not_posted_again() -> None:
    """Where nothing may be read, its shares tell, if Slack lists them."""
    async with office(scopes=DEFAULT_SCOPES) as at_work:
        await at_work.courier.deliver(at_work.delivery())
        [message], [file] = at_work.slack.messages, at_work.slack.files
        file.shares[message.channel_id] = [message.ts]
        await after_a_restart(at_work, at_work.delivery(attempt=2))
        assert len(at_work.slack.messages) == 1


@pytest.mark.parametrize("forbidden", [set(), {"files:read"}])
async def test_where_nothing_tells_the_picture_is_posted_again(forbidden: set[str]) -> None:
    """In doubt the person gets it: twice rather than never."""
    async with office(scopes=set(DEFAULT_SCOPES) - forbidden) as at_work:
        await at_work.courier.deliver(at_work.delivery())
        await after_a_restart(at_work, at_work.delivery(attempt=2))
        assert len(at_work.slack.messages) == 2
        assert len(at_work.slack.files) == 1


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "restricted_action"])
async def test_a_closed_channel_sends_the_picture_to_the_person_once(code: str, at_work: Office) -> None:
    """With a word on why; and a hint that is lost (the response_url leads nowhere) does no harm."""
    at_work.slack.fail(POST, code)
    await at_work.courier.deliver(at_work.delivery())
    [message] = at_work.slack.messages
    assert message.channel_id == at_work.slack.im(at_work.slack.user).id
    assert any("could not be posted where you asked" in str(block) for block in message.blocks)


@pytest.mark.parametrize(
    "code", ["restricted_action", "internal_error", "ratelimited", "missing_scope", "msg_too_long"]
)
async def test_a_private_picture_never_reaches_the_channel(code: str, at_work: Office) -> None:
    """Whatever goes wrong on the way to the person, there is no other way."""
    at_work.slack.fail(POST, code)
    with pytest.raises((Unreachable, PlatformBusy, OperatorNeeded)):
        await at_work.courier.deliver(at_work.delivery(private=True))
    await at_work.courier.deliver(at_work.delivery(private=True))
    assert {message.channel_id for message in at_work.slack.messages} == {at_work.slack.im(at_work.slack.user).id}
    posted_to = {call.arguments["channel"] for call in at_work.slack.requests if call.method == POST}
    assert posted_to == {at_work.slack.user.id}


async def test_nobody_is_reached_where_channel_and_person_refuse(at_work: Office) -> None:
    """The core then refunds."""
    at_work.slack.fail(POST, "channel_not_found", times=2)
    with pytest.raises(Unreachable):
        await at_work.courier.deliver(at_work.delivery())
    assert at_work.slack.messages == []


async def test_a_scan_is_waited_for_with_growing_pauses() -> None:
    """And given up for this try when it takes half a minute."""
    async with office(file_ready_after_s=3600) as at_work:
        with pytest.raises(PlatformBusy, match="still scanning"):
            await at_work.courier.deliver(at_work.delivery())
        assert at_work.clock.sleeps == sorted(at_work.clock.sleeps)
        assert 20 < sum(at_work.clock.sleeps) < 60
        assert at_work.slack.messages == []


async def test_without_the_right_to_look_the_post_itself_tells() -> None:
    """`files:read` is a comfort: without it the post is refused until the file is ready."""
    async with office(scopes=set(DEFAULT_SCOPES) - {"files:read"}, file_ready_after_s=3600) as at_work:
        with pytest.raises(PlatformBusy):
            await at_work.courier.deliver(at_work.delivery())
        at_work.slack.clock.advance(3601)
        await at_work.courier.deliver(at_work.delivery())
        assert len(at_work.slack.messages) == 1


async def test_an_ending_is_told_by_direct_message_where_the_commands_own_way_is_gone(at_work: Office) -> None:
    """A response_url lives half an hour and takes five answers."""
    await at_work.courier.tell(at_work.delivery().generation, Reason.SERVICE_BROKEN)
    [message] = at_work.slack.messages
    assert message.channel_id == at_work.slack.im(at_work.slack.user).id
    assert "Your 2 credits are back" in message.text


def logging(of: Delivery, channel_id: str) -> Delivery:
    return replace(of, log_channel=channel_id)


async def test_the_log_gets_the_picture_with_its_person_and_prompt(at_work: Office) -> None:
    """Nobody is pinged by it: the name leads to their profile. What Slack holds is not sent again."""
    at_work.directory.site = "https://t.example/"
    log, delivery = at_work.slack.add_channel("log"), at_work.delivery(count=2)
    await at_work.courier.deliver(delivery)
    await at_work.courier.log(logging(delivery, log.id))
    posted, logged = at_work.slack.messages
    user = at_work.slack.user
    assert logged.channel_id == log.id
    assert logged.text == f"Drawn for <https://t.example/team/{user.id}|{user.name}>"
    assert "'text': 'a red fox'" in str(logged.blocks)
    assert logged.files == posted.files
    assert [block["type"] for block in logged.blocks if block["type"] == "actions"] == []
    assert (posted.pings, logged.pings, len(at_work.slack.files)) == ([user.id], [], 2)


async def test_the_log_says_of_a_private_picture_only_that_there_was_one(at_work: Office) -> None:
    """Before the first connection, when no profile can be linked, by name and id."""
    log, delivery = at_work.slack.add_channel("log"), at_work.delivery(private=True)
    await at_work.courier.log(logging(delivery, log.id))
    [logged] = at_work.slack.messages
    user = at_work.slack.user
    assert logged.text == f"{user.name} ({user.id}) had a private picture drawn."
    assert (logged.files, logged.pings, "fox" in str(logged.blocks)) == ([], [], False)


async def test_the_log_goes_on_without_the_right_to_names() -> None:
    """An id is enough to know somebody by."""
    async with office(scopes=set(DEFAULT_SCOPES) - {"users:read"}) as at_work:
        log = at_work.slack.add_channel("log")
        await at_work.courier.log(logging(at_work.delivery(private=True), log.id))
        assert at_work.slack.messages[0].text.startswith(f"{at_work.slack.user.id} (")


async def test_a_picture_is_logged_once_in_its_own_channel(at_work: Office) -> None:
    """After a restart the line of the last life is found, though the picture was asked for in a thread."""
    asked = at_work.slack.say("look")
    delivery = at_work.delivery(thread_ts=asked.ts)
    await at_work.courier.deliver(delivery)
    for attempt in (1, 2):
        later = replace(delivery, generation=replace(delivery.generation, attempt=attempt))
        await at_work.courier.log(logging(later, at_work.slack.channel.id))
    _, posted, logged = at_work.slack.messages
    assert (posted.thread_ts, logged.thread_ts) == (asked.ts, None)


async def test_a_log_that_is_closed_is_a_fault(at_work: Office) -> None:
    """Which the core writes down; without a log channel nothing is asked of Slack."""
    closed = at_work.slack.add_channel("log", bot_is_member=False)
    closed.is_archived = True
    with pytest.raises(Unreachable):
        await at_work.courier.log(logging(at_work.delivery(private=True), closed.id))
    at_work.calls()
    await at_work.courier.log(at_work.delivery())
    assert (at_work.calls(), at_work.slack.messages) == ([], [])


async def test_a_thread_is_answered_and_looked_into(at_work: Office) -> None:
    """A lost answer is found where it stands, and the message is linked with its thread."""
    at_work.directory.site = "https://t.example/"
    asked = at_work.slack.say("look")
    at_work.slack.faults.inject(f"POST /api/{POST}", drop="answer")
    with pytest.raises(PlatformBusy):
        await at_work.courier.deliver(at_work.delivery(thread_ts=asked.ts))
    at_work.calls()
    receipt = await at_work.courier.deliver(at_work.delivery(thread_ts=asked.ts))
    assert at_work.calls() == ["conversations.replies"]
    _, message = at_work.slack.messages
    assert message.thread_ts == asked.ts
    channel = at_work.slack.channel.id
    p = message.ts.replace(".", "")
    assert receipt.link == f"https://t.example/archives/{channel}/p{p}?thread_ts={asked.ts}&cid={channel}"


async def test_without_the_workspaces_address_nothing_is_linked(at_work: Office) -> None:
    """A picture of before the first connection is delivered all the same."""
    receipt = await at_work.courier.deliver(at_work.delivery())
    assert (receipt.link, receipt.message) == (None, at_work.slack.messages[0].ts)


async def test_who_has_no_response_url_is_told_by_a_whisper(at_work: Office) -> None:
    """In the thread; where the bot is no member, and in the App Home, by direct message."""
    made = at_work.delivery().generation
    slack = at_work.slack
    asked = slack.say("look")
    slack.say("where?", thread_ts=asked.ts)
    address = {**made.address, "response_url": None, "thread_ts": asked.ts}
    await at_work.courier.tell(replace(made, address=address), Reason.SERVICE_BUSY)
    closed = slack.add_channel("closed", bot_is_member=False)
    for channel_id in (closed.id, slack.user.id):
        away = {**address, "channel_id": channel_id}
        await at_work.courier.tell(replace(made, address=away), Reason.SERVICE_BUSY)
    _, _, whisper, first, second = slack.messages
    assert (whisper.ephemeral_for, whisper.thread_ts) == (slack.user.id, asked.ts)
    inbox = slack.im(slack.user).id
    assert [(one.channel_id, one.ephemeral_for) for one in (first, second)] == [(inbox, None), (inbox, None)]
