"""What Slack answers, as our faults: told apart by whether another try may help."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import code_of, faults, may_stand, not_ready_yet
from bot.errors import Fault, OperatorNeeded, PictureTooLarge, PlatformBusy, Unreachable
from sandbox.slack import SlackSandbox

METHOD = "chat.postMessage"
PATH = f"POST /api/{METHOD}"


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox(file_ready_after_s=0) as slack:
        yield slack


@pytest.fixture
async def client(slack: SlackSandbox) -> AsyncIterator[AsyncWebClient]:
    """As the bot makes it."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


async def fault_of(client: AsyncWebClient, slack: SlackSandbox) -> Fault:
    """The fault that the next post ends in."""
    with pytest.raises(Fault) as caught, faults():
        await client.chat_postMessage(channel=slack.channel.id, text="hello")
    return caught.value


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, PlatformBusy) for code in ("ratelimited", "rate_limited", "internal_error", "fatal_error")),
        *((code, PlatformBusy) for code in ("service_unavailable", "request_timeout")),
        *((code, OperatorNeeded) for code in ("invalid_auth", "not_authed", "account_inactive", "token_revoked")),
        *((code, OperatorNeeded) for code in ("token_expired", "missing_scope", "no_permission")),
        *((code, OperatorNeeded) for code in ("not_allowed_token_type", "org_login_required", "ekm_access_denied")),
        *((code, PictureTooLarge) for code in ("file_upload_size_restricted", "file_too_large")),
        ("storage_limit_reached", OperatorNeeded),
        *((code, Unreachable) for code in ("channel_not_found", "not_in_channel", "is_archived", "restricted_action")),
        *((code, Unreachable) for code in ("invalid_blocks", "msg_too_long", "a_code_of_tomorrow")),
    ],
)
async def test_every_refusal_is_the_fault_that_helps(
    code: str, expected: type[Fault], client: AsyncWebClient, slack: SlackSandbox
) -> None:
    """Busy is tried again, unreachable goes to the person, the rest is refunded; an unknown code is unreachable."""
    slack.fail(METHOD, code)
    fault = await fault_of(client, slack)
    assert type(fault) is expected
    assert fault.code == code
    assert str(fault) == f"Slack answered {code}"


@pytest.mark.parametrize(
    ("fault", "pause_s"),
    [
        ({"status": 429, "json": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "7"}}, 7.0),
        ({"status": 429, "text": "slow down", "headers": {"retry-after": "30"}}, 30.0),
        ({"status": 429, "text": "slow down", "headers": {"Retry-After": "soon"}}, None),
        ({"status": 429, "json": {"ok": False, "error": "a_code_of_tomorrow"}}, None),
        ({"status": 503, "json": {"ok": False, "error": "a_code_of_tomorrow"}}, None),
        ({"status": 502, "text": "<html>Bad Gateway</html>", "headers": {"Content-Type": "text/html"}}, None),
        ({"status": 500, "text": "oops"}, None),
        ({"status": 500, "text": "{half", "headers": {"Content-Type": "application/json"}}, None),
        ({"status": 200, "text": "{half", "headers": {"Content-Type": "application/json"}}, None),
        ({"status": 403, "text": "<html>a proxy</html>", "headers": {"Content-Type": "text/html"}}, None),
        ({"drop": "request"}, None),
        ({"drop": "answer"}, None),
    ],
    ids=str,
)
async def test_what_is_not_slacks_own_refusal_is_tried_again(
    fault: dict[str, Any], pause_s: float | None, client: AsyncWebClient, slack: SlackSandbox
) -> None:
    """After the pause that is asked for, through slack_sdk itself."""
    slack.faults.inject(PATH, **fault)
    busy = await fault_of(client, slack)
    assert type(busy) is PlatformBusy
    assert busy.retry_after_s == pause_s


@pytest.mark.parametrize(
    "error", [aiohttp.ClientPayloadError(), ConnectionResetError(), TimeoutError(), SlackRequestError("no upload")]
)
def test_no_answer_is_tried_again(error: Exception) -> None:
    """Also where it is the upload that failed, which has no answer of Slack's form."""
    with pytest.raises(PlatformBusy), faults():
        raise error


async def test_a_file_that_is_still_scanned_is_waited_for(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """`invalid_blocks` is a defect of ours but for this one sentence."""
    slack.fail(METHOD, "invalid_blocks", errors=["invalid slack file [json-pointer:/blocks/0/slack_file]"])
    fault = await fault_of(client, slack)
    assert type(fault) is PlatformBusy
    assert isinstance(fault.__cause__, SlackApiError)
    assert not_ready_yet(fault.__cause__)
    assert not may_stand(fault.__cause__)


@pytest.mark.parametrize(
    ("code", "in_doubt"),
    [("fatal_error", "yes"), ("internal_error", "yes"), ("ratelimited", "no"), ("channel_not_found", "no")],
)
async def test_a_refusal_leaves_no_doubt_but_a_failure_half_way_does(
    code: str, in_doubt: str, client: AsyncWebClient, slack: SlackSandbox
) -> None:
    """Slack says of these that some of the call may have succeeded."""
    slack.fail(METHOD, code)
    fault = await fault_of(client, slack)
    assert isinstance(fault.__cause__, SlackApiError)
    assert code_of(fault.__cause__) == code
    assert may_stand(fault.__cause__) is (in_doubt == "yes")


def test_a_defect_of_ours_is_no_fault_of_slacks() -> None:
    """It must show as what it is."""
    with pytest.raises(KeyError), faults():
        raise KeyError
