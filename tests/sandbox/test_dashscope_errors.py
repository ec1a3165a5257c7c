"""The stand-in of DashScope breaks on order, and holds and bills calls as the service does."""

import asyncio
import json

import httpx
import pytest
from callers import ask, content_of

from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.errors import ERRORS


@pytest.mark.parametrize("code", sorted(ERRORS))
async def test_fails_on_order_with_the_real_status(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient, code: str
) -> None:
    """Every error of the table can be had, once, and the next call is drawn."""
    dashscope.fail(code)
    answer = await ask(http, dashscope)
    assert (answer.status_code, answer.json()["code"]) == (ERRORS[code][0], code)
    assert answer.json()["message"]
    assert dashscope.calls[0].code == code
    assert (await ask(http, dashscope)).status_code == 200


async def test_sends_retry_after_when_told(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """Whole seconds go into retry-after, fractions into retry-after-ms, and by default there is neither."""
    dashscope.fail("Throttling", retry_after_s=2)
    dashscope.fail("Throttling", retry_after_s=0.05)
    dashscope.fail("Throttling")
    answers = [(await ask(http, dashscope)).headers for _ in range(3)]
    assert [headers.get("retry-after") for headers in answers] == ["2", None, None]
    assert [headers.get("retry-after-ms") for headers in answers] == [None, "50", None]


def test_knows_no_errors_but_the_services_own() -> None:
    """A misspelt order is a mistake of the test, and says so."""
    dashscope = DashScopeSandbox()
    with pytest.raises(ValueError, match=r"Throttling\.RateQuota"):
        dashscope.fail("Throtling")
    with pytest.raises(ValueError, match="no-picture"):
        dashscope.answer("nothing")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="truncated"):
        dashscope.serve("nothing")  # type: ignore[arg-type]


async def test_answers_oddly_on_order(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """An error under 200, a page instead of JSON, and JSON without a picture; none is billed."""
    dashscope.answer("error-in-200")
    error = await ask(http, dashscope)
    assert error.status_code == 200
    assert error.json().keys() == {"code", "message", "request_id"}
    for kind, status in (("html-in-200", 200), ("html-in-502", 502), ("html-in-504", 504)):
        dashscope.answer(kind)  # type: ignore[arg-type]
        page = await ask(http, dashscope)
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
        with pytest.raises(json.JSONDecodeError):
            page.json()
    dashscope.answer("no-picture")
    assert content_of(await ask(http, dashscope)) == {"text": "a red fox"}
    assert dashscope.drawn == 0


async def test_holds_calls_until_released(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """A held call has arrived and is not billed; released, it is drawn."""
    async with asyncio.TaskGroup() as group:
        with dashscope.hold():
            call = group.create_task(ask(http, dashscope))
            await dashscope.wait_for_calls(1)
            assert (dashscope.calls, dashscope.drawn) == ([], 0)
        assert (await call).status_code == 200
    assert dashscope.drawn == 1


async def test_waits_for_calls_no_longer_than_told(dashscope: DashScopeSandbox) -> None:
    """A call that never comes is a TimeoutError, not a test that hangs."""
    with pytest.raises(TimeoutError):
        await dashscope.wait_for_calls(1, timeout_s=0.01)


async def test_goes_away_while_a_call_is_held(http: httpx.AsyncClient) -> None:
    """The end of the sandbox does not wait for the calls that it holds: they see a broken connection."""
    async with DashScopeSandbox() as dashscope:
        dashscope.hold()
        call = asyncio.create_task(ask(http, dashscope))
        await dashscope.wait_for_calls(1)
    with pytest.raises(httpx.TransportError):
        await call


async def test_bills_a_picture_whose_answer_is_lost(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """An answer dropped on the way took effect, as with a timeout at the worst moment."""
    dashscope.faults.inject("POST */generation", drop="answer")
    with pytest.raises(httpx.TransportError):
        await ask(http, dashscope)
    assert dashscope.drawn == 1


async def test_a_caller_that_hangs_up_is_billed_all_the_same(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient
) -> None:
    """As after a timeout or a kill in mid-call: the service draws on, and the next call is a second picture."""
    with dashscope.hold():
        call = asyncio.create_task(ask(http, dashscope))
        await dashscope.wait_for_calls(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    await ask(http, dashscope)
    assert dashscope.drawn == 2


async def test_faults_of_the_network_come_before_the_service(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient
) -> None:
    """A status injected for the route answers in the service's place, which never hears of the call."""
    dashscope.faults.inject("POST */generation", times=2, status=503, json={"code": "busy"})
    assert [(await ask(http, dashscope)).status_code for _ in range(3)] == [503, 503, 200]
    assert len(dashscope.calls) == 1


async def test_an_answer_may_break_off_half_way(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The head promises more than comes, and the picture was drawn and billed all the same."""
    dashscope.faults.inject("POST *", drop="half")
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(http, dashscope)
    assert dashscope.drawn == 1


async def test_odd_answers_without_a_page(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """Nothing at all under status 200, and a link to a host that is not the bucket's."""
    dashscope.answer("empty-body")
    empty = await ask(http, dashscope)
    assert (empty.status_code, empty.content) == (200, b"")
    dashscope.answer("link-elsewhere")
    assert content_of(await ask(http, dashscope))["image"].startswith("https://elsewhere.example/")
