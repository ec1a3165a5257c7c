"""The stand-in of DashScope holds to the service's rules, and breaks on order."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from PIL import Image

from sandbox.clock import VirtualClock
from sandbox.dashscope import Call, DashScopeSandbox
from sandbox.dashscope.drawing import draw
from sandbox.dashscope.errors import ERRORS

PATH = "/services/aigc/multimodal-generation/generation"
SIZE = "512*512"


@pytest.fixture
async def dashscope() -> AsyncIterator[DashScopeSandbox]:
    async with DashScopeSandbox() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        yield client


def wish(text: str = "a red fox", **parameters: Any) -> dict[str, Any]:
    """A request that the service accepts, with `parameters` laid over."""
    return {
        "model": "z-image-turbo",
        "input": {"messages": [{"role": "user", "content": [{"text": text}]}]},
        "parameters": {"size": SIZE, "seed": 7} | parameters,
    }


async def ask(http: httpx.AsyncClient, dashscope: DashScopeSandbox, body: Any = None, **headers: str) -> httpx.Response:
    """One generation call with the right key, unless `headers` say otherwise."""
    return await http.post(
        dashscope.base_url + PATH,
        # Escaped JSON: httpx's own refuses half a surrogate pair before the service could.
        content=json.dumps(wish() if body is None else body),
        headers={"Authorization": f"Bearer {dashscope.api_key}", "Content-Type": "application/json"} | headers,
    )


def content_of(answer: httpx.Response) -> dict[str, str]:
    """The parts of the answer's only message, by key."""
    assert answer.status_code == 200, answer.text
    parts = answer.json()["output"]["choices"][0]["message"]["content"]
    return {key: value for part in parts for key, value in part.items()}


async def link(http: httpx.AsyncClient, dashscope: DashScopeSandbox) -> str:
    """The link of a picture drawn just now."""
    return content_of(await ask(http, dashscope))["image"]


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


async def test_serves_a_png_of_exactly_the_asked_size(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The default of the interface is 1024*1536, and a PNG of that size is behind the link."""
    body = wish()
    del body["parameters"]
    url = content_of(await ask(http, dashscope, body))["image"]
    download = await http.get(url)
    assert download.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(download.content))
    picture.load()
    assert (picture.format, picture.size) == ("PNG", (1024, 1536))
    assert len(download.content) < 2_500_000
    assert dashscope.downloads == [urlsplit(url).path]


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
    """A call that was drawn and one that was refused are both there, with what they asked for."""
    await ask(http, dashscope, wish("one", prompt_extend=True))
    await ask(http, dashscope, wish("two", size="1x1", seed=None))
    at_s = [call.at_s for call in dashscope.calls]
    assert dashscope.calls == [
        Call(prompt="one", size=SIZE, seed=7, extend=True, status=200, code=None, at_s=at_s[0]),
        Call(prompt="two", size="1x1", seed=None, extend=False, status=400, code="InvalidParameter", at_s=at_s[1]),
    ]


@pytest.mark.parametrize("given", [None, "Bearer sk-other", "sk-sandbox"])
async def test_refuses_a_wrong_key(dashscope: DashScopeSandbox, http: httpx.AsyncClient, given: str | None) -> None:
    """No key, another key, or a key without its scheme is a 401 with the service's code."""
    answer = await http.post(
        dashscope.base_url + PATH, json=wish(), headers={} if given is None else {"Authorization": given}
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
    broken = await http.post(dashscope.base_url + PATH, content=b"{\xff", headers=headers)
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


async def test_links_expire_after_a_day(http: httpx.AsyncClient) -> None:
    """A link works for 24 hours by the clock, and then answers as the bucket does."""
    clock = VirtualClock()
    async with DashScopeSandbox(clock=clock) as dashscope:
        url = await link(http, dashscope)
        clock.advance(24 * 3600 - 60)
        assert (await http.get(url)).status_code == 200
        clock.advance(60)
        expired = await http.get(url)
        assert expired.status_code == 403
        assert "<Message>Request has expired.</Message>" in expired.text
        assert dashscope.downloads_refused == 1


async def test_a_link_is_worth_nothing_without_its_signature(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient
) -> None:
    """A changed expiry, another picture's signature, or no signature at all is a 403."""
    url = await link(http, dashscope)
    other = await link(http, dashscope)
    path, _, query = url.partition("?")
    stranger = other.partition("?")[0] + "?" + query
    for wrong in (path, stranger, url.replace("Expires=1", "Expires=2")):
        answer = await http.get(wrong)
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("application/xml")


async def test_a_leaked_key_shows(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """The bucket refuses two ways of authorization at once, and the leak is counted."""
    url = await link(http, dashscope)
    answer = await http.get(url, headers={"Authorization": f"Bearer {dashscope.api_key}"})
    assert answer.status_code == 400
    assert "<Code>InvalidArgument</Code>" in answer.text
    assert dashscope.leaked_keys == 1


async def test_serves_broken_pictures_on_order(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """Each fault of a download can be had, once, and the picture is whole again after it."""
    url = await link(http, dashscope)
    whole = (await http.get(url)).content
    dashscope.serve("truncated")
    assert (await http.get(url)).content == whole[: len(whole) // 2]
    dashscope.serve("cut-off")
    with pytest.raises(httpx.RemoteProtocolError):
        await http.get(url)
    dashscope.serve("not-a-picture")
    assert (await http.get(url)).content.startswith(b"<html>")
    dashscope.serve("wrong-size")
    assert Image.open(io.BytesIO((await http.get(url)).content)).size == (320, 240)
    dashscope.serve("too-large")
    large = await http.get(url)
    assert "content-length" not in large.headers
    assert len(large.content) > 25 * 2**20
    dashscope.serve("redirect")
    moved = await http.get(url)
    assert (moved.status_code, urlsplit(moved.headers["location"]).hostname) == (302, "elsewhere.example")
    assert (await http.get(url)).content == whole


async def test_a_download_may_be_given_up_half_way(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> None:
    """A client that stops reading a picture that is too large leaves the server well."""
    url = await link(http, dashscope)
    dashscope.serve("too-large")
    async with http.stream("GET", url) as download:
        async for _ in download.aiter_bytes():
            break
    assert (await http.get(url)).status_code == 200


def test_the_same_wish_is_the_same_picture() -> None:
    """Prompt and seed decide every byte; another seed composes another picture."""
    first = draw("a red fox in the snow", seed=7, width=512, height=512)
    assert first == draw("a red fox in the snow", seed=7, width=512, height=512)
    assert first != draw("a red fox in the snow", seed=8, width=512, height=512)


def test_words_choose_the_colours() -> None:
    """A red prompt is redder than a blue one, and night is darker than day."""

    def mean(prompt: str) -> tuple[int, ...]:
        image = Image.open(io.BytesIO(draw(prompt, seed=7, width=512, height=512)))
        pixel = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert isinstance(pixel, tuple)
        return tuple(round(channel) for channel in pixel)

    red, blue = mean("a red car"), mean("a blue car")
    assert red[0] > red[2]
    assert blue[2] > blue[0]
    assert sum(mean("a blue car at night")) < sum(blue)


@pytest.mark.parametrize(
    ("prompt", "width", "height"),
    [("雪夜森林", 256, 1024), ("café — naïve × “ünï” 🦊", 1024, 256), ("mountain lake at night " * 9, 513, 517)],
)
def test_draws_any_prompt_at_any_size(prompt: str, width: int, height: int) -> None:
    """Words that the font cannot show and sizes that nothing divides are drawn all the same."""
    assert Image.open(io.BytesIO(draw(prompt, seed=0, width=width, height=height))).size == (width, height)
