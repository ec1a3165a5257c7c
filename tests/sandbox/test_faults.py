"""Faults on order, whichever stand-in shows them."""

import httpx
import pytest
from callers import ask, content_of, running

from sandbox.dashscope import DashScopeSandbox
from sandbox.slack import SlackSandbox


async def test_a_hook_runs_before_a_call_takes_effect(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """With `drop="request"` nothing has happened yet, and nothing will."""
    seen: list[int] = []

    async def look() -> None:
        seen.append(dashscope.drawn)

    dashscope.faults.inject("POST */generation", drop="request", hook=look)
    with pytest.raises(httpx.TransportError):
        await ask(http, dashscope)
    assert (seen, dashscope.drawn) == ([0], 0)


@pytest.mark.parametrize("drop", ["answer", None])
async def test_a_hook_runs_after_a_call_took_effect(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient, drop: str | None
) -> None:
    """Before the answer leaves with `drop="answer"`; without a drop the answer arrives, too."""
    seen: list[int] = []

    async def look() -> None:
        seen.append(dashscope.drawn)

    dashscope.faults.inject("POST */generation", drop=drop, hook=look)
    if drop is None:
        assert (await ask(http, dashscope)).status_code == 200
    else:
        with pytest.raises(httpx.TransportError):
            await ask(http, dashscope)
    assert seen == [1]


async def test_half_of_an_answer_arrives(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The headers promise all of it."""
    url = content_of(await ask(http, dashscope))["image"]
    whole = len((await http.get(url)).content)
    dashscope.faults.inject("GET /results/*", drop="half")
    got = bytearray()

    async def download() -> None:
        async with http.stream("GET", url) as answer:
            assert answer.headers["content-length"] == str(whole)
            async for chunk in answer.aiter_bytes():
                got.extend(chunk)

    with pytest.raises(httpx.RemoteProtocolError):
        await download()
    assert len(got) == whole // 2


async def test_an_answer_in_the_servers_place_may_come_late(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient
) -> None:
    """With `late` the call has taken effect, whatever the answer says."""
    dashscope.faults.inject("POST */generation", late=True, status=500, json={})
    assert (await ask(http, dashscope)).status_code == 500
    assert dashscope.drawn == 1


async def test_some_calls_may_pass_first(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """`skip` counts the calls that match."""
    dashscope.faults.inject("POST */generation", skip=1, status=503, json={})
    assert [(await ask(http, dashscope)).status_code for _ in range(3)] == [200, 503, 200]


@pytest.mark.parametrize(("drop", "shown"), [("request", False), ("answer", True)])
async def test_an_ack_is_lost_before_or_after_it_took_effect(slack: SlackSandbox, drop: str, *, shown: bool) -> None:
    """A Socket Mode ack is a call like any other; the connection is cut with it."""
    async with running(slack):
        slack.faults.inject("ACK slash_commands", drop=drop)
        delivery = await slack.slash("/imagine", "x")
        await slack.wait_until_disconnected()
        assert (delivery.ack is not None) is shown
        await slack.wait_until_ready()
        assert (await (await slack.slash("/imagine", "x")).wait_for_ack()).error is None
