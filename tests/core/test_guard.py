"""No link reaches into the operator's network: what is checked is what is connected to."""

import asyncio
import ipaddress
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import httpcore
import httpx
import pytest

from bot.download import fetch_png
from bot.errors import DownloadFailed, PictureUnusable
from bot.guard import GuardedBackend, GuardedTransport, is_public, resolve
from bot.model import Size
from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.drawing import draw

SIZE = Size(512, 512)
PNG = draw("a red fox", seed=7, width=512, height=512)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PNG), PNG)
HOST = "bucket.aliyuncs.com"
TLS = httpx.create_ssl_context()
URL = f"https://{HOST}/p.png"


@dataclass(kw_only=True)
class FakeNames:
    """A resolver: each look-up of a name gets its next answer, the last one for ever."""

    answers: dict[str, deque[list[str]]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        if host not in self.answers:
            raise OSError("no such name")
        answers = self.answers[host]
        return answers.popleft() if len(answers) > 1 else answers[0]


def names(*answers: list[str], host: str = HOST) -> FakeNames:
    return FakeNames(answers={host: deque(answers)})


class FakeStream(httpcore.AsyncMockStream):
    """A connection that answers with the picture, and remembers the name that TLS was spoken by."""

    def __init__(self, network: "FakeNetwork") -> None:
        super().__init__([ANSWER])
        self._network = network

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002 - httpcore's
        self._network.sent += buffer

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        assert ssl_context.verify_mode is ssl.CERT_REQUIRED
        assert ssl_context.check_hostname
        self._network.tls_names.append(server_hostname)
        return self


class FakeNetwork(httpcore.AsyncNetworkBackend):
    """Takes connections to any address; `down` are those that nobody listens on."""

    def __init__(self, *, down: Iterable[str] = ()) -> None:
        self.down = set(down)
        self.connected: list[tuple[str, int]] = []
        self.tls_names: list[str | None] = []
        self.sent = b""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        if host in self.down:
            raise httpcore.ConnectError("nobody is there")
        return FakeStream(self)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def fetch(
    network: FakeNetwork, resolver: FakeNames, *, url: str = URL, hosts: tuple[str, ...] = ("*.aliyuncs.com",)
) -> bytes:
    """The picture behind `url`, over guarded connections of a network of ours."""
    transport = GuardedTransport(listed=hosts, tls=TLS)
    backend = GuardedBackend(listed=hosts, resolve=resolver, inner=network)
    transport._pool = httpcore.AsyncConnectionPool(network_backend=backend)  # noqa: SLF001 - a network of ours
    async with httpx.AsyncClient(transport=transport) as http:
        return await fetch_png(http, url, size=SIZE, hosts=hosts)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "47.88.1.1", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """IPv4, IPv6, and IPv4 inside IPv6: mapped, NAT64, 6to4."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        # loopback
        "127.0.0.1",
        "127.8.9.10",
        "::1",
        # private
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "100.64.0.1",  # carrier-grade NAT; Alibaba's own metadata service is 100.100.100.200
        "100.100.100.200",
        # link-local, and the metadata service of most clouds
        "169.254.169.254",
        "fe80::1",
        "fe80::1%1",
        "fd00:ec2::254",
        # multicast
        "224.0.0.1",
        "239.255.255.255",
        "ff02::1",
        "ff0e::1",
        # unspecified, broadcast, reserved, for documents and benchmarks
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "0.1.2.3",
        "::",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
        "100::1",
        "4000::1",
        # IPv4 inside IPv6
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    ],
)
async def test_a_name_that_leads_anywhere_else_is_not_connected_to(address: str) -> None:
    """Not one packet: the picture is refused, and the log will name the address."""
    network = FakeNetwork()
    with pytest.raises(PictureUnusable, match="no public address") as caught:
        await fetch(network, names([address]))
    assert address in str(caught.value)
    assert network.connected == []


async def test_a_picture_is_fetched_from_the_address_that_was_checked() -> None:
    """Connected to by address, while TLS and Host speak of the name; asked once."""
    network, resolver = FakeNetwork(), names(["47.88.1.1"])
    assert await fetch(network, resolver) == PNG
    assert network.connected == [("47.88.1.1", 443)]
    assert network.tls_names == [HOST]
    assert f"Host: {HOST}\r\n".encode() in network.sent
    assert resolver.asked == [(HOST, 443)]


async def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    """DNS rebinding: public when it is checked, private a moment later. Nobody asks that later."""
    network, resolver = FakeNetwork(), names(["47.88.1.1"], ["127.0.0.1"])
    assert await fetch(network, resolver) == PNG
    assert network.connected == [("47.88.1.1", 443)]
    assert await resolver(HOST, 443) == ["127.0.0.1"]


async def test_each_new_connection_is_checked_anew() -> None:
    """What was public yesterday is not trusted today."""
    network, resolver = FakeNetwork(), names(["47.88.1.1"], ["10.0.0.1"])
    assert await fetch(network, resolver) == PNG
    with pytest.raises(PictureUnusable):
        await fetch(network, resolver)
    assert network.connected == [("47.88.1.1", 443)]


@pytest.mark.parametrize("addresses", [["47.88.1.1", "10.0.0.1"], ["10.0.0.1", "47.88.1.1"]])
async def test_one_private_address_spoils_the_name(addresses: list[str]) -> None:
    """Wherever it stands among the others."""
    network = FakeNetwork()
    with pytest.raises(PictureUnusable):
        await fetch(network, names(addresses))
    assert network.connected == []


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    """In the resolver's order, each once."""
    network = FakeNetwork(down=["2400:3200::1"])
    assert await fetch(network, names(["2400:3200::1", "47.88.1.1", "47.88.1.1"])) == PNG
    assert network.connected == [("2400:3200::1", 443), ("47.88.1.1", 443)]


async def test_no_address_that_answers_may_be_tried_again() -> None:
    """The picture is paid for, and its host may come back."""
    network = FakeNetwork(down=["47.88.1.1", "47.88.1.2"])
    with pytest.raises(DownloadFailed):
        await fetch(network, names(["47.88.1.1", "47.88.1.2"]))
    assert len(network.connected) == 2


@pytest.mark.parametrize("resolver", [FakeNames(), names([])], ids=["unknown", "empty"])
async def test_a_name_that_cannot_be_resolved_may_be_tried_again(resolver: FakeNames) -> None:
    """Name servers fail, too."""
    network = FakeNetwork()
    with pytest.raises(DownloadFailed):
        await fetch(network, resolver)
    assert network.connected == []


async def test_a_resolver_that_hangs_is_waited_for_no_longer_than_a_connection() -> None:
    """Its silence counts as the network's."""

    async def hang(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    backend = GuardedBackend(listed=(), resolve=hang, inner=FakeNetwork())
    with pytest.raises(httpcore.ConnectTimeout):
        await backend.connect_tcp(HOST, 443, timeout=0.01)


@pytest.mark.parametrize("listed", ["pictures.internal", "pictures.internal:443"])
async def test_a_host_that_is_listed_itself_may_be_anywhere(listed: str) -> None:
    """The operator has said so: a store of their own, in their own network."""
    network, resolver = FakeNetwork(), names(["10.0.0.1"], host="pictures.internal")
    assert await fetch(network, resolver, url="https://pictures.internal/p.png", hosts=(listed,)) == PNG
    assert network.connected == [("10.0.0.1", 443)]


@pytest.mark.parametrize("pattern", ["*", "*.internal", "pictures.internal:8*", "pictures.interna?"])
async def test_a_pattern_lists_no_host_itself(pattern: str) -> None:
    """A wildcard says which names may be followed, not that they may lead inside."""
    network, resolver = FakeNetwork(), names(["10.0.0.1"], host="pictures.internal")
    with pytest.raises(PictureUnusable):
        await fetch(network, resolver, url="https://pictures.internal:8443/p.png", hosts=(pattern,))
    assert network.connected == []


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/p", "https://[::1]/p", "https://[::ffff:10.0.0.1]/p", "https://10.0.0.1/p"]
)
async def test_an_address_in_the_link_is_checked_like_a_name(url: str) -> None:
    """Even where every host is allowed."""
    network = FakeNetwork()
    resolver = FakeNames(
        answers={host: deque([[host]]) for host in ("127.0.0.1", "::1", "::ffff:10.0.0.1", "::ffff:a00:1", "10.0.0.1")}
    )
    with pytest.raises(PictureUnusable):
        await fetch(network, resolver, url=url, hosts=("*",))
    assert network.connected == []
    assert resolver.asked


async def test_the_machines_own_resolver_answers_with_addresses() -> None:
    """What the fake stands for."""
    assert await resolve("127.0.0.1", 80) == ["127.0.0.1"]
    assert await resolve("::1", 80) == ["::1"]


@pytest.fixture
async def url(dashscope: DashScopeSandbox) -> AsyncIterator[str]:
    """A picture that really is served, on loopback."""
    async with httpx.AsyncClient(trust_env=False, verify=TLS) as http:
        body = {
            "model": "z-image-turbo",
            "input": {"messages": [{"role": "user", "content": [{"text": "a fox"}]}]},
            "parameters": {"size": "512*512"},
        }
        answer = await http.post(
            f"{dashscope.base_url}/services/aigc/multimodal-generation/generation",
            json=body,
            headers={"Authorization": f"Bearer {dashscope.api_key}"},
        )
        parts = answer.json()["output"]["choices"][0]["message"]["content"]
        yield next(part["image"] for part in parts if "image" in part)


async def test_the_transport_guards_the_sockets_that_it_really_opens(dashscope: DashScopeSandbox, url: str) -> None:
    """With httpx as it is: the loopback host is reached where it is listed, and else not, redirects or no."""
    async with httpx.AsyncClient(transport=GuardedTransport(listed=[dashscope.origin], tls=TLS)) as http:
        assert (await fetch_png(http, url, size=SIZE, hosts=[dashscope.origin])).startswith(b"\x89PNG")
    async with httpx.AsyncClient(transport=GuardedTransport(listed=["127.0.0.*"], tls=TLS)) as http:
        with pytest.raises(PictureUnusable, match="no public address"):
            await http.get(url)
    assert len(dashscope.downloads) == 1


async def test_a_redirect_is_checked_where_a_client_follows_it(dashscope: DashScopeSandbox) -> None:
    """`fetch_png` follows none; were it to, each hop would be a connection of its own, and so be checked."""
    dashscope.faults.inject("GET /away", status=302, headers={"Location": "http://metadata.internal/latest"}, text="")

    async def here_and_there(host: str, _port: int) -> list[str]:
        return ["169.254.169.254"] if host == "metadata.internal" else [host]

    transport = GuardedTransport(listed=[dashscope.origin], tls=TLS, resolve=here_and_there)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as http:
        with pytest.raises(PictureUnusable, match=r"169\.254\.169\.254"):
            await http.get(f"http://{dashscope.origin}/away")
