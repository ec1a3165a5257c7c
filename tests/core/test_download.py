"""A picture is fetched from allowed hosts alone, bounded, and only if it is what was asked for."""

import httpx
import pytest
from service import REQUEST, model_on

from bot.download import MAX_BYTES, fetch_png
from bot.errors import DownloadFailed, Fault, PictureTooLarge, PictureUnusable
from bot.model import Size
from sandbox.dashscope import DashScopeSandbox
from sandbox.dashscope.drawing import draw
from sandbox.dashscope.results import LIFE_S, Broken

SIZE = Size(512, 512)
PNG = draw("a red fox", seed=7, width=512, height=512)
HOSTS = ("*.aliyuncs.com", "files.example:8443", "127.0.0.1", "::1", "[::2]:8080", "localhost:9000")


@pytest.fixture
async def url(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> str:
    """The link of a picture drawn just now."""
    return (await model_on(http, dashscope.base_url).draw(REQUEST, n=0)).url


async def fetch(http: httpx.AsyncClient, url: str) -> bytes:
    return await fetch_png(http, url, size=REQUEST.size, hosts=("127.0.0.1",))


async def fault_of(http: httpx.AsyncClient, url: str) -> Fault:
    with pytest.raises(Fault) as caught:
        await fetch(http, url)
    return caught.value


async def asked_for(url: str, *hosts: str) -> str | None:
    """The address that `url` is fetched from, None if it is refused without a request."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        assert "authorization" not in request.headers
        return httpx.Response(200, content=PNG)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        try:
            assert await fetch_png(http, url, size=SIZE, hosts=hosts or HOSTS) == PNG
        except PictureUnusable:
            assert not asked
            return None
    [address] = asked
    return address


async def answered(status: int, content: bytes = b"") -> Fault | None:
    """What becomes of a picture whose host answers like this."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    async with httpx.AsyncClient(transport=transport) as http:
        try:
            await fetch_png(http, "https://x.aliyuncs.com/p.png", size=SIZE, hosts=HOSTS)
        except Fault as fault:
            return fault
    return None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.oss-ap-southeast-1.aliyuncs.com/p.png?Signature=a%2Fb%3D", "same"),
        ("https://A.ALIYUNCS.COM/p.png", "https://a.aliyuncs.com/p.png"),
        ("HTTPS://a.aliyuncs.com/p.png", "https://a.aliyuncs.com/p.png"),
        ("https://files.example:8443/p.png", "same"),
        ("https://127.0.0.1/p.png", "same"),
        ("https://[::1]/p.png", "same"),
        # upgraded
        ("http://a.aliyuncs.com/p.png?Expires=1", "https://a.aliyuncs.com/p.png?Expires=1"),
        ("http://a.aliyuncs.com:80/p.png", "https://a.aliyuncs.com/p.png"),
        ("http://files.example:8443/p.png", "https://files.example:8443/p.png"),
        # plain on a loopback host that is listed
        ("http://127.0.0.1:8080/p.png", "same"),
        ("http://[::1]:8080/p.png", "same"),
        ("http://[::2]:8080/p.png", "https://[::2]:8080/p.png"),
        ("http://localhost:9000/p.png", "same"),
    ],
)
async def test_follows_a_link_to_an_allowed_host(url: str, address: str) -> None:
    """Over https, with the signature untouched; over http only on a loopback host that is listed."""
    assert await asked_for(url) == (url if address == "same" else address)


@pytest.mark.parametrize(
    "url",
    [
        "https://aliyuncs.com/p.png",
        "https://evil.example/p.png",
        "https://aliyuncs.com.evil.example/p.png",
        "https://a.aliyuncs.com.evil.example/p.png",
        "https://aaliyuncs.com/p.png",
        "https://evilaliyuncs.com/p.png",
        "https://evil.example/.aliyuncs.com",
        "https://evil.example?.aliyuncs.com",
        "https://evil.example#.aliyuncs.com",
        "https://evil.example\\.a.aliyuncs.com@evil.example/",
        "https://a.aliyuncs.com./p.png",
        # userinfo
        "https://a.aliyuncs.com@evil.example/p.png",
        "https://a.aliyuncs.com:443@evil.example/p.png",
        "https://a.aliyuncs.com\\@evil.example/p.png",
        "https://user@a.aliyuncs.com/p.png",
        "https://user:word@a.aliyuncs.com/p.png",
        # ports
        "https://files.example/p.png",
        "https://files.example:443/p.png",
        "http://localhost/p.png",
        "http://localhost:9001/p.png",
        # other names of the same machine
        "http://127.0.0.2/p.png",
        "http://127.1/p.png",
        "http://2130706433/p.png",
        "http://0.0.0.0/p.png",
        "http://[::ffff:127.0.0.1]/p.png",
        "http://[::]/p.png",
        "http://[::2]:8081/p.png",
        "https://[::2:8080]/p.png",
        "http://169.254.169.254/latest/meta-data",
        # no web address
        "",
        "p.png",
        "//a.aliyuncs.com/p.png",
        "https://",
        "https:///p.png",
        "ftp://a.aliyuncs.com/p.png",
        "file:///etc/hostname",
        "file://a.aliyuncs.com/etc/hostname",
        "data:image/png;base64,iVBORw0KGgo=",
        "https://[::1/p.png",
        "https://a.aliyuncs.com:port/p.png",
        "https://a.aliyuncs.com:99999/p.png",
        "https://xn--.aliyuncs.com/p.png",
        "https://a.aliyuncs.com/\ud800",
        "https://a.aliyuncs.com/\n",
        "https://a.aliyuncs.com/" + "x" * 70_000,
    ],
)
async def test_refuses_any_other_link_without_a_request(url: str) -> None:
    """Nothing is asked of a host that the operator has not allowed, and nothing else is raised."""
    assert await asked_for(url) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/p.png", "http://192.168.0.1/p.png", "http://a.example/p.png"])
async def test_a_wildcard_allows_no_plain_http(url: str) -> None:
    """Even where every host is allowed, plain http needs a loopback host that is listed by name."""
    address = await asked_for(url, "*")
    assert address is not None
    assert address.startswith("https://")


async def test_fetches_a_picture(dashscope: DashScopeSandbox, http: httpx.AsyncClient, url: str) -> None:
    """Whole, and without a header that is not the picture's business."""
    png = await fetch(http, url)
    assert png.startswith(b"\x89PNG")
    assert png.endswith(b"IEND\xaeB`\x82")
    assert (len(dashscope.downloads), dashscope.leaked_keys) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("truncated", DownloadFailed),
        ("cut-off", DownloadFailed),
        ("not-a-picture", PictureUnusable),
        ("wrong-size", PictureUnusable),
        ("too-large", PictureTooLarge),
        ("redirect", PictureUnusable),
    ],
)
async def test_a_broken_download_is_told_apart(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient, url: str, kind: Broken, fault: type[Fault]
) -> None:
    """What another try may mend is a failed download; what it cannot, is not. The link's signature is in neither."""
    dashscope.serve(kind)
    found = await fault_of(http, url)
    assert type(found) is fault
    assert "Signature" not in str(found)
    assert len(dashscope.downloads) == 1


async def test_an_expired_link_is_not_tried_again(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient, url: str
) -> None:
    """After its 24 hours no try mends it."""
    dashscope.clock.advance(LIFE_S)
    found = await fault_of(http, url)
    assert (type(found), found.status) == (PictureUnusable, 403)


async def test_a_dropped_connection_may_be_tried_again(
    dashscope: DashScopeSandbox, http: httpx.AsyncClient, url: str
) -> None:
    """The picture is paid for: the link is still good."""
    dashscope.faults.inject("GET /results/*", drop="request")
    assert type(await fault_of(http, url)) is DownloadFailed
    assert await fetch(http, url)


async def test_a_client_set_to_follow_redirects_does_not_here(dashscope: DashScopeSandbox, url: str) -> None:
    """The rule does not hang on how the shared client is set up."""
    dashscope.serve("redirect")
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as http:
        assert type(await fault_of(http, url)) is PictureUnusable


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (204, PictureUnusable),
        (206, PictureUnusable),
        (301, PictureUnusable),
        (400, PictureUnusable),
        (404, PictureUnusable),
        (408, DownloadFailed),
        (429, DownloadFailed),
        (500, DownloadFailed),
        (503, DownloadFailed),
    ],
)
async def test_the_status_decides_whether_to_try_again(status: int, fault: type[Fault]) -> None:
    """Trouble of the moment is told from a link that will never work."""
    found = await answered(status, PNG)
    assert found is not None
    assert (type(found), found.status) == (fault, status)


async def test_a_picture_at_the_bound_is_read_to_its_end() -> None:
    """25 MiB are allowed, one byte more is not, whatever a header promises."""
    filler = bytes(MAX_BYTES - len(PNG))
    assert await answered(200, PNG[:-12] + filler + PNG[-12:]) is None
    assert type(await answered(200, PNG[:-12] + filler + b"\0" + PNG[-12:])) is PictureTooLarge


@pytest.mark.parametrize("content", [b"", PNG[:5], PNG[:20], PNG[:33], PNG[:-1], PNG[:-12], PNG[:100], PNG + b"more"])
async def test_a_picture_without_its_end_may_be_tried_again(content: bytes) -> None:
    """A connection that broke off quietly leaves the last chunk out."""
    assert type(await answered(200, content)) is DownloadFailed


@pytest.mark.parametrize("content", [b"GIF89a", b"\x89PN?", b"\xff\xd8\xff" * 20, PNG[:8] + PNG[33:]])
async def test_anything_but_a_png_is_unusable(content: bytes) -> None:
    """Another format, or a PNG that does not begin with its header."""
    assert type(await answered(200, content)) is PictureUnusable


async def test_a_timeout_may_be_tried_again() -> None:
    """What the client library raises becomes a fault, without the link in its text."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(f"late: {request.url}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        found = await fault_of(http, "https://127.0.0.1/p.png?Signature=secret")
    assert type(found) is DownloadFailed
    assert "secret" not in str(found)
