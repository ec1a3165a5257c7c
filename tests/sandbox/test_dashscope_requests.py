"""The stand-in of DashScope takes the documented request, and refuses any other as the service does."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from callers import GENERATION_PATH, SIZE, ask, content_of, wish

from sandbox.clock import VirtualClock
from sandbox.dashscope import Call, DashScopeSandbox


async def test_answers_with_the_documented_shape(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The body is the vendor's, key for key, and the link is signed and expires in a day."""
    answer = await ask(http, dashscope, wish(size="576*1344"))
    body = answer.json()
    content = content_of(answer)
    assert body == {
        "output": {
            "choices": [
                {
                    "finish_reason": "stop",
                    "message": {
                        "role": "assistant",
                        "content": [{"image": content["image"]}, {"text": "a red fox"}],
                        "reasoning_content": "",
                    },
                }
            ]
        },
        "usage": {
            "width": 576,
            "height": 1344,
            "image_count": 1,
            "input_tokens": 0,
            "output_tokens": 0,
            "total_tokens": 0,
        },
        "request_id": str(UUID(body["request_id"])),
    }
    url = urlsplit(content["image"])
    assert f"{url.scheme}://{url.netloc}" == f"http://{dashscope.origin}"
    assert int(parse_qs(url.query)["Expires"][0]) == pytest.approx(dashscope.clock.now_s() + 86400, abs=5)
    assert dashscope.drawn == 1


async def test_rewrites_only_when_asked(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """`text` echoes the prompt, and is the same fake rewrite for the same prompt and seed with prompt_extend."""
    plain = content_of(await ask(http, dashscope))["text"]
    first = content_of(await ask(http, dashscope, wish(prompt_extend=True)))["text"]
    again = content_of(await ask(http, dashscope, wish(prompt_extend=True)))["text"]
    assert plain == "a red fox"
    assert first == again
    assert first.startswith("[sandbox rewrite] a red fox. ")


async def test_cuts_a_long_prompt_in_silence(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The answer echoes 800 characters; the record keeps what was received."""
    content = content_of(await ask(http, dashscope, wish("狐" * 900)))
    assert content["text"] == "狐" * 800
    assert dashscope.calls[0].prompt == "狐" * 900


async def test_keeps_a_record_of_every_call(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """A call that was drawn and one that was refused are both there, with what they asked for and what came of it."""
    drawn = await ask(http, dashscope, wish("one", prompt_extend=True))
    await ask(http, dashscope, wish("two", size="1x1", seed=None))
    at_s = [call.at_s for call in dashscope.calls]
    path = urlsplit(content_of(drawn)["image"]).path
    assert dashscope.calls == [
        Call(prompt="one", size=SIZE, seed=7, extend=True, status=200, code=None, at_s=at_s[0], picture=path),
        Call(prompt="two", size="1x1", seed=None, extend=False, status=400, code="InvalidParameter", at_s=at_s[1]),
    ]


@pytest.mark.parametrize("given", [None, "Bearer sk-other", "sk-sandbox"])
async def test_refuses_a_wrong_key(dashscope: DashScopeSandbox, http: httpx.AsyncClient, given: str | None) -> None:
    """No key, another key, or a key without its scheme is a 401 with the service's code."""
    answer = await http.post(
        dashscope.base_url + GENERATION_PATH, json=wish(), headers={} if given is None else {"Authorization": given}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "InvalidApiKey")
    assert answer.json().keys() == {"code", "message", "request_id"}


@pytest.mark.parametrize("name", ["X-DashScope-Async", "X-DashScope-SSE", "X-DashScope-DataInspection"])
async def test_refuses_headers_that_the_model_does_not_take(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient, name: str
) -> None:
    """Asking for a task, a stream or another inspection is a 403."""
    answer = await ask(http, dashscope, **{name: "enable"})
    assert (answer.status_code, answer.json()["code"]) == (403, "AccessDenied")


def _but(**top: Any) -> dict[str, Any]:
    return wish() | top


@pytest.mark.parametrize(
    "body",
    [
        wish(size="1024x1024"),
        wish(size="512*511"),
        wish(size="2049*2048"),
        wish(size="128*4096"),
        wish(size=1024),
        wish(seed=-1),
        wish(seed=2**31),
        wish(seed="7"),
        wish(seed=True),
        wish(prompt_extend="true"),
        wish(n=1),
        wish(negative_prompt="blur"),
        wish(watermark=False),
        wish(""),
        wish("\ud800"),
        _but(parameters=[]),
        _but(input={"prompt": "a red fox"}),
        _but(input={"messages": wish()["input"]["messages"] * 2}),
        _but(input={"messages": [{"role": "system", "content": [{"text": "a"}]}]}),
        _but(input={"messages": [{"role": "user", "content": "a"}]}),
        _but(input={"messages": [{"role": "user", "content": [{"text": "a"}, {"text": "b"}]}]}),
        _but(input={"messages": [{"role": "user", "content": [{"text": "a", "image": "b"}]}]}),
        _but(stream=True),
        [],
    ],
    ids=lambda body: json.dumps(body)[-60:],
)
async def test_refuses_a_malformed_request(dashscope: DashScopeSandbox, http: httpx.AsyncClient, body: object) -> None:
    """Whatever is not exactly the documented request is InvalidParameter, and nothing is drawn."""
    answer = await ask(http, dashscope, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidParameter")
    assert dashscope.drawn == 0


async def test_refuses_what_is_not_json(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """A body that does not parse, or that is not declared as JSON, is a 400 with a body of the service."""
    headers = {"Authorization": f"Bearer {dashscope.api_key}", "Content-Type": "application/json"}
    broken = await http.post(dashscope.base_url + GENERATION_PATH, content=b"{\xff", headers=headers)
    assert (broken.status_code, broken.json()["code"]) == (400, "InvalidParameter")
    assert (await ask(http, dashscope, **{"Content-Type": "text/plain"})).status_code == 400


@pytest.mark.parametrize("size", ["512*512", "2048*2048", "256*1024"])
async def test_accepts_sizes_at_the_limits(dashscope: DashScopeSandbox, http: httpx.AsyncClient, size: str) -> None:
    """512² and 2048² pixels are inside."""
    width, height = (int(side) for side in size.split("*"))
    usage = (await ask(http, dashscope, wish(size=size))).json()["usage"]
    assert (usage["width"], usage["height"]) == (width, height)


async def test_knows_one_model(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """Any other model is a 404 ModelNotFound."""
    answer = await ask(http, dashscope, _but(model="z-image"))
    assert (answer.status_code, answer.json()["code"]) == (404, "ModelNotFound")


async def test_moderation_refuses_by_a_word(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """A word of the blocklist is DataInspectionFailed; the same letters inside another word are not."""
    answer = await ask(http, dashscope, wish("a room full of Gore!"))
    assert (answer.status_code, answer.json()["code"]) == (400, "DataInspectionFailed")
    assert (await ask(http, dashscope, wish("a gorgeous room"))).status_code == 200


async def test_protects_itself_against_bursts_when_asked_to(http: httpx.AsyncClient) -> None:
    """The call over the limit of a second is a 429 of its own code; a second later one is admitted again."""
    clock = VirtualClock()
    async with DashScopeSandbox(calls_per_second=2, clock=clock) as dashscope:
        for _ in range(2):
            assert (await ask(http, dashscope)).status_code == 200
        refused = await ask(http, dashscope)
        assert (refused.status_code, refused.json()["code"]) == (429, "Throttling.BurstRate")
        clock.advance(1.1)
        assert (await ask(http, dashscope)).status_code == 200


async def test_forgets_when_told(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """A long run keeps neither calls nor pictures; the links of before lead nowhere."""
    link = content_of(await ask(http, dashscope))["image"]
    assert (await http.get(link)).status_code == 200
    dashscope.forget()
    assert (dashscope.calls, dashscope.downloads) == ([], [])
    assert (await http.get(link)).status_code == 404


async def test_limits_calls_in_a_sliding_minute(http: httpx.AsyncClient) -> None:
    """The call over the limit is a 429, and one is admitted again a minute after the first."""
    clock = VirtualClock()
    async with DashScopeSandbox(calls_per_minute=2, clock=clock) as dashscope:
        assert (await ask(http, dashscope)).status_code == 200
        clock.advance(40)
        assert (await ask(http, dashscope)).status_code == 200
        refused = await ask(http, dashscope)
        assert (refused.status_code, refused.json()["code"]) == (429, "Throttling.RateQuota")
        assert refused.json()["message"] == "Requests rate limit exceeded, please try again later."
        clock.advance(21)
        assert (await ask(http, dashscope)).status_code == 200
        assert (await ask(http, dashscope)).status_code == 429
