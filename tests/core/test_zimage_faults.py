"""Whatever goes wrong with the service becomes a fault of the right class, with the service's own facts."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from service import KEY, PATH, REQUEST, fault_from, fault_of, model_on, says

from bot.errors import (
    AllocationSpent,
    Fault,
    OperatorNeeded,
    PromptRefused,
    RequestRejected,
    ServiceBroken,
    ServiceBusy,
    TemporaryFault,
)
from bot.zimage import DashScopeModel, retry_after_s
from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.errors import ERRORS

FAULTS: dict[type[Fault], tuple[str, ...]] = {
    ServiceBusy: (
        "Throttling",
        "Throttling.RateQuota",
        "Throttling.BurstRate",
        "limit_requests",
        "limit_burst_rate",
    ),
    AllocationSpent: ("Throttling.AllocationQuota", "insufficient_quota"),
    ServiceBroken: (
        "RequestTimeOut",
        "InternalError",
        "InternalError.Algo",
        "InternalError.Timeout",
        "InternalError.Upload",
        "SystemError",
        "RewriteFailed",
        "ModelServingError",
        "ModelUnavailable",
    ),
    PromptRefused: ("DataInspectionFailed", "data_inspection_failed", "IPInfringementSuspect"),
    RequestRejected: (
        "InvalidParameter",
        "BadRequest.EmptyInput",
        "BadRequest.EmptyParameters",
        "BadRequest.EmptyModel",
    ),
    OperatorNeeded: (
        "InvalidApiKey",
        "AccessDenied",
        "AccessDenied.Unpurchased",
        "AllocationQuota.FreeTierOnly",
        "Arrearage",
        "ModelNotFound",
        "PrepaidBillOverdue",
        "PostpaidBillOverdue",
        "CommodityNotPurchased",
    ),
}
CODES = [(code, fault) for fault, codes in FAULTS.items() for code in codes]


def test_the_table_of_codes_leaves_none_out() -> None:
    """Every error that the stand-in knows stands in the table that the next test goes through."""
    assert {code for code, _ in CODES} == set(ERRORS)


@pytest.mark.parametrize(("code", "kind"), CODES)
async def test_tells_every_code_apart(
    dashscope: DashScopeSandbox, model: DashScopeModel, code: str, kind: type[Fault]
) -> None:
    """A code decides the class of the fault, which carries the service's own facts."""
    dashscope.fail(code, retry_after_s=3)
    fault = await fault_of(model.draw(REQUEST, n=0))
    assert type(fault) is kind
    assert (fault.code, fault.status, fault.retry_after_s, fault.final) == (code, ERRORS[code][0], 3.0, False)
    assert fault.request_id


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ServiceBroken),
        (400, RequestRejected),
        (401, OperatorNeeded),
        (402, OperatorNeeded),
        (403, OperatorNeeded),
        (404, OperatorNeeded),
        (408, ServiceBroken),
        (413, RequestRejected),
        (429, ServiceBusy),
        (500, ServiceBroken),
        (502, ServiceBroken),
        (503, ServiceBroken),
        (504, ServiceBroken),
    ],
)
@pytest.mark.parametrize("text", ["<html>nginx</html>", "[]", '{"code": "NewOfItsKind"}', "{}", '{"code": 7}', "\xff"])
async def test_judges_by_the_status_where_the_code_is_unknown(status: int, kind: type[Fault], text: str) -> None:
    """Pages of proxies, arrays and codes nobody knows are told apart by their status."""
    fault = await fault_from(says(status, text=text))
    assert type(fault) is kind
    assert fault.status == status


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "{}",
        '{"output": null}',
        '{"output": {"choices": []}}',
        '{"output": {"choices": [null]}}',
        '{"output": {"choices": [{"message": {"content": "words"}}]}}',
        '{"output": {"choices": [{"message": {"content": [{"text": "a fox"}]}}]}}',
        '{"output": {"choices": [{"message": {"content": [{"image": 7}]}}]}}',
        '{"output": {"choices": [{"message": {"content": [{"image": ""}]}}]}}',
    ],
)
async def test_an_answer_without_a_picture_is_a_broken_service(text: str) -> None:
    """Status 200 alone is no picture: each of these is worth another try."""
    fault = await fault_from(says(200, text=text))
    assert type(fault) is ServiceBroken
    assert fault.status == 200


async def test_an_error_under_status_200_is_an_error() -> None:
    """The code decides there, too, and the request id is kept."""
    body = {"code": "DataInspectionFailed", "message": "no", "request_id": "r-1"}
    fault = await fault_from(says(200, body))
    assert type(fault) is PromptRefused
    assert (fault.code, fault.status, fault.request_id) == ("DataInspectionFailed", 200, "r-1")


async def test_an_empty_code_beside_a_picture_is_no_error() -> None:
    """Some of the service's answers carry `code: ""` with their success."""
    content = [{"image": "https://x.example/p.png"}]
    body = {"code": "", "output": {"choices": [{"message": {"content": content}}]}}
    async with httpx.AsyncClient(transport=httpx.MockTransport(says(200, body))) as http:
        assert (await model_on(http, "https://service.example").draw(REQUEST, n=0)).url == "https://x.example/p.png"


@pytest.mark.parametrize("status", [200, 400])
async def test_reads_the_nested_errors_of_compatible_endpoints(status: int) -> None:
    """The same facts below `error` count as well, whatever the status."""
    body = {"error": {"code": "data_inspection_failed", "message": "no"}, "request_id": "r-2"}
    fault = await fault_from(says(status, body))
    assert type(fault) is PromptRefused
    assert (fault.code, fault.request_id, str(fault)) == ("data_inspection_failed", "r-2", "no")


@pytest.mark.parametrize("drop", ["request", "answer"])
async def test_a_dropped_connection_is_a_broken_service(
    dashscope: DashScopeSandbox, model: DashScopeModel, drop: str
) -> None:
    """Whether the call arrived or not: no answer is worth another try."""
    dashscope.faults.inject(f"POST {PATH}", drop=drop)
    fault = await fault_of(model.draw(REQUEST, n=0))
    assert type(fault) is ServiceBroken
    assert fault.status is None


async def test_a_service_that_cannot_be_reached_is_broken(http: httpx.AsyncClient) -> None:
    """Nobody listening is a fault like any other, and names no key."""
    async with DashScopeSandbox() as gone:
        base_url = gone.base_url
    fault = await fault_of(model_on(http, base_url).draw(REQUEST, n=0))
    assert type(fault) is ServiceBroken
    assert KEY not in str(fault)


@pytest.mark.parametrize("error", [httpx.ReadTimeout("late"), httpx.PoolTimeout("full"), httpx.DecodingError("gzip")])
async def test_a_call_that_times_out_is_a_broken_service(error: httpx.HTTPError) -> None:
    """Whatever the client library raises becomes a fault."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    assert type(await fault_from(answer)) is ServiceBroken


async def test_a_cancelled_call_stays_cancelled(dashscope: DashScopeSandbox, model: DashScopeModel) -> None:
    """Being stopped is no fault of the service."""
    with dashscope.hold():
        call = asyncio.create_task(model.draw(REQUEST, n=0))
        await dashscope.wait_for_calls(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.mark.parametrize("text", ["<html></html>", '{"code": "InternalError"}'])
async def test_hears_when_the_service_wants_no_further_try(text: str) -> None:
    """`x-should-retry: false` makes a temporary fault final, whatever the body."""
    fault = await fault_from(says(503, text=text, x_should_retry="False"))
    assert isinstance(fault, TemporaryFault)
    assert fault.final


async def test_a_wrong_key_is_for_the_operator(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """Nothing that the person can do, and nothing that another try mends."""
    fault = await fault_of(model_on(http, dashscope.base_url, key="sk-wrong").draw(REQUEST, n=0))
    assert type(fault) is OperatorNeeded


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e300"}, 3600.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 9999 07:28:00 GMT"}, 3600.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 +999999999999999"}, None),
    ],
)
def test_reads_the_wish_for_a_pause(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; an hour at most, and nonsense is no wish."""
    assert retry_after_s(httpx.Headers(headers)) == seconds


def test_reads_a_pause_until_a_date() -> None:
    """An HTTP date is counted from now."""
    date = format_datetime(datetime.now(tz=UTC) + timedelta(seconds=90), usegmt=True)
    seconds = retry_after_s(httpx.Headers({"retry-after": date}))
    assert seconds is not None
    assert 80 < seconds <= 90


async def test_takes_a_pause_of_less_than_a_second(dashscope: DashScopeSandbox, model: DashScopeModel) -> None:
    """As the service sends it, in milliseconds."""
    dashscope.fail("Throttling", retry_after_s=0.25)
    assert (await fault_of(model.draw(REQUEST, n=0))).retry_after_s == 0.25
