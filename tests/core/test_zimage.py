"""The DashScope client says what the service expects to hear, and reads what it answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from service import KEY, PATH, REQUEST, fault_from, fault_of, model_on, says

from bot.errors import OperatorNeeded
from bot.model import MAX_SEED
from bot.zimage import DashScopeModel
from sandbox.dashscope import DashScopeSandbox


async def test_sends_exactly_what_the_service_documents() -> None:
    """One user message with one text, size with an asterisk, the picture's own seed, and nothing that is refused."""
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(500)

    assert (await fault_from(answer)).status == 500
    [request] = heard
    assert (request.method, str(request.url)) == ("POST", f"https://service.example{PATH}")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert not [name for name in request.headers if name.startswith("x-dashscope")]
    assert json.loads(request.content) == {
        "model": "z-image-turbo",
        "input": {"messages": [{"role": "user", "content": [{"text": "a red fox · 红狐狸"}]}]},
        "parameters": {"size": "1280*720", "seed": MAX_SEED, "prompt_extend": True},
    }


async def test_follows_no_redirect_with_the_key() -> None:
    """Whoever answers for the service cannot send the request, prompt and all, elsewhere."""
    heard: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=True) as http:
        assert (await fault_of(model_on(http, "https://service.example").draw(REQUEST, n=0))).status == 307
    assert heard == ["service.example"]


async def test_draws_a_picture_that_can_be_fetched(dashscope: DashScopeSandbox, model: DashScopeModel) -> None:
    """The answer's link, rewritten prompt and request id come back, and the link's picture has the asked size."""
    drawing = await model.draw(REQUEST, n=1)
    assert drawing.revised is not None
    assert REQUEST.prompt in drawing.revised
    assert drawing.revised != REQUEST.prompt
    assert drawing.request_id
    png = await model.fetch(drawing.url, size=REQUEST.size)
    assert png.startswith(b"\x89PNG")
    [call] = dashscope.calls
    assert (call.size, call.seed, call.extend) == ("1280*720", 0, True)


@pytest.mark.parametrize("extend", [False, True])
async def test_pays_for_a_rewritten_prompt_only_where_it_is_wanted(
    dashscope: DashScopeSandbox, model: DashScopeModel, *, extend: bool
) -> None:
    """`prompt_extend` doubles the price: it is on where the request says so, and else the text comes back as it was."""
    drawing = await model.draw(replace(REQUEST, extend=extend), n=0)
    assert [call.extend for call in dashscope.calls] == [extend]
    assert (drawing.revised == REQUEST.prompt) is not extend


async def test_keeps_the_key_from_the_host_of_the_picture(dashscope: DashScopeSandbox, model: DashScopeModel) -> None:
    """The Authorization header goes to the service and nowhere else."""
    await model.fetch((await model.draw(REQUEST, n=0)).url, size=REQUEST.size)
    assert (len(dashscope.downloads), dashscope.leaked_keys) == (1, 0)


async def test_finds_picture_and_text_by_key_not_by_place() -> None:
    """The order of the parts, and parts of kinds unknown, change nothing."""
    content = [{"text": "a fox"}, {"audio": "https://x.example/a"}, {"image": "https://x.example/p.png"}]
    body = {"output": {"choices": [{"message": {"content": content}}]}, "request_id": "r"}
    async with httpx.AsyncClient(transport=httpx.MockTransport(says(200, body))) as http:
        drawing = await model_on(http, "https://service.example").draw(REQUEST, n=0)
    assert (drawing.url, drawing.revised, drawing.request_id) == ("https://x.example/p.png", "a fox", "r")


async def test_half_a_surrogate_pair_from_the_service_costs_no_picture() -> None:
    """JSON can hold one and no database takes it: it is replaced where it comes in, and the picture is delivered."""
    body = r'{"output":{"choices":[{"message":{"content":[{"image":"https://x.example/p"},{"text":"a \ud83e fox"}]}}]}}'
    async with httpx.AsyncClient(transport=httpx.MockTransport(says(200, text=body))) as http:
        drawing = await model_on(http, "https://service.example").draw(REQUEST, n=0)
    assert drawing.revised == "a \N{REPLACEMENT CHARACTER} fox"


async def test_a_probe_finds_a_good_key_good_without_a_drawing(
    dashscope: DashScopeSandbox, model: DashScopeModel
) -> None:
    """It costs nothing and brings the service's time."""
    at = await model.probe()
    assert at is not None
    assert abs((datetime.now(tz=UTC) - at).total_seconds()) < 60
    assert dashscope.drawn == 0


async def test_a_probe_with_a_bad_key_says_so(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The operator learns it before the first person does."""
    assert type(await fault_of(model_on(http, dashscope.base_url, key="sk-bad").probe())) is OperatorNeeded
