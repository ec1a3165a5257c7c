"""The clients as the bot has them: how many calls they make at a time, and which ways they take out."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from service import KEY, REQUEST, model_on

from bot.clients import picture_client, service_client
from bot.errors import PictureUnusable
from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.drawing import draw

AT_ONCE = 120


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@dataclass(kw_only=True)
class FakeProxy:
    """Answers whatever it is asked by itself, and remembers the first line of each request."""

    asked: list[str] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        async with server:
            yield

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readline()).decode().strip())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nby the proxy")
        await writer.drain()
        writer.close()


@pytest.fixture
async def proxy() -> AsyncIterator[FakeProxy]:
    proxy = FakeProxy()
    async with proxy.serve():
        yield proxy


async def test_the_client_makes_as_many_calls_at_a_time_as_it_is_given() -> None:
    """All of them are in the service together: none waits unseen for a connection until it fails."""
    png = draw("a red fox", seed=7, width=512, height=512)
    async with DashScopeSandbox(api_key=KEY, painter=lambda *_, **__: png) as dashscope, service_client() as http:
        model = model_on(http, dashscope.base_url)
        async with asyncio.TaskGroup() as group:
            with dashscope.hold():
                drawings = [group.create_task(model.draw(REQUEST, n=0)) for _ in range(AT_ONCE)]
                await dashscope.wait_for_calls(AT_ONCE)
        assert len({drawing.result().url for drawing in drawings}) == AT_ONCE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
async def test_a_host_that_is_not_for_the_proxy_is_guarded(
    variable: str, host: str, proxy: FakeProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What NO_PROXY names is connected to from here, so it has to be public, or be listed."""
    monkeypatch.setenv(variable, proxy.url)
    monkeypatch.setenv("NO_PROXY", f"elsewhere.example, {host.strip('[]')}")
    async with picture_client(listed=["*.aliyuncs.com"]) as http:
        with pytest.raises(PictureUnusable, match="no public address"):
            await http.get(f"http://{host}:9/p.png")
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("variable", "direct"), [("HTTP_PROXY", ""), ("ALL_PROXY", ""), ("ALL_PROXY", "elsewhere.example,::1,10.0.0.1")]
)
@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_a_proxy_is_asked_whichever_variable_names_it(
    variable: str, direct: str, scheme: str, proxy: FakeProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It resolves the name, so none is looked at here."""
    monkeypatch.setenv(variable, scheme + proxy.url.removeprefix("http://"))
    monkeypatch.setenv("NO_PROXY", direct)
    async with picture_client(listed=[]) as http:
        assert (await http.get("http://bucket.example/p.png")).text == "by the proxy"
    assert proxy.asked == ["GET http://bucket.example/p.png HTTP/1.1"]


@pytest.mark.parametrize("direct", [None, "*"])
async def test_without_a_proxy_everything_is_guarded(
    direct: str | None, proxy: FakeProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is set, or NO_PROXY says that none is for anybody."""
    if direct is not None:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", direct)
    async with picture_client(listed=[]) as http:
        with pytest.raises(PictureUnusable, match="no public address"):
            await http.get("http://127.0.0.1:9/p.png")
    assert proxy.asked == []


async def test_a_proxy_for_https_is_asked_for_a_tunnel(proxy: FakeProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links are https: this is the way that they take."""
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    async with picture_client(listed=[]) as http:
        with pytest.raises(httpx.HTTPError):
            await http.get("https://bucket.example/p.png")
    assert proxy.asked == ["CONNECT bucket.example:443 HTTP/1.1"]
