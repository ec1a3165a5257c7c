"""The pictures of the stand-in of DashScope: how they are drawn, and served behind signed links."""

import io
from urllib.parse import urlsplit

import httpx
import pytest
from callers import ask, content_of, wish
from PIL import Image

from sandbox.clock import VirtualClock
from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.drawing import draw


async def link(http: httpx.AsyncClient, dashscope: DashScopeSandbox) -> str:
    """The link of a picture drawn just now."""
    return content_of(await ask(http, dashscope))["image"]


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
    assert len(large.content) > 30 * 2**20
    dashscope.serve("another-type")
    assert Image.open(io.BytesIO((await http.get(url)).content)).format == "JPEG"
    dashscope.serve("expired")
    assert "Request has expired" in (await http.get(url)).text
    dashscope.serve("redirect")
    moved = await http.get(url)
    assert (moved.status_code, urlsplit(moved.headers["location"]).hostname) == (302, "169.254.169.254")
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
