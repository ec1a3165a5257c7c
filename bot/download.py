"""Fetching a drawn picture: from allowed hosts only, without the key, bounded, and checked to be what was asked."""

import asyncio
import fnmatch
import ipaddress
import struct
from collections.abc import Sequence
from typing import Final

import httpx

from bot.errors import DownloadFailed, PictureTooLarge, PictureUnusable
from bot.guard import origin
from bot.model import Size

MAX_BYTES: Final = 25 * 2**20

_MAX_PORT: Final = 2**16 - 1
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_IHDR: Final = struct.Struct(">8xI4sII")
_IEND: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0, pool=60.0)
_TOTAL_S: Final = 120.0
"""For the whole download: a host that trickles must not outlive a command's deadline."""


async def fetch_png(http: httpx.AsyncClient, url: str, *, size: Size, hosts: Sequence[str]) -> bytes:
    """The PNG of `size` behind `url`.

    `hosts` are patterns like `*.aliyuncs.com`, with a port where one is meant. Raises `DownloadFailed` where
    another try may help, `PictureTooLarge` beyond 25 MB, `PictureUnusable` for a link that may not be
    followed or has expired, and for anything but a whole PNG of that size. Where a name leads is for the client's
    transport to check: see `bot.guard`.
    """
    target = _permitted(url, hosts)
    try:
        # A redirect could leave the allowed hosts, so none is followed.
        async with (
            asyncio.timeout(_TOTAL_S),
            http.stream("GET", target, timeout=_TIMEOUT, follow_redirects=False) as response,
        ):
            _check_status(response)
            data = await _read(response)
    except (httpx.HTTPError, TimeoutError) as error:
        raise DownloadFailed(f"the picture could not be fetched ({type(error).__name__})") from error
    _check_png(data, size)
    return data


def _permitted(url: str, hosts: Sequence[str]) -> httpx.URL:
    try:
        target = httpx.URL(url)
        host = target.host.lower()
    except (httpx.InvalidURL, ValueError) as error:
        # ValueError: half a surrogate pair, or a host that is no international name.
        raise PictureUnusable("the picture's link is no URL") from error
    port = target.port or (80 if target.scheme == "http" else 443)
    if port > _MAX_PORT:
        raise PictureUnusable("the picture's link has no port that exists")
    names = (host, origin(host, port))
    # Compared as they stand, too: to fnmatch the brackets of an IPv6 address are a set of characters.
    if target.userinfo or not any(name == p or fnmatch.fnmatchcase(name, p) for p in hosts for name in names):
        raise PictureUnusable(f"the picture's host {host!r} is not one of IMAGE_HOSTS")
    if target.scheme == "https":
        return target
    if target.scheme != "http":
        raise PictureUnusable(f"the picture's link is neither https nor http but {target.scheme!r}")
    if _is_loopback(host) and any(name in hosts for name in names):
        return target
    return target.copy_with(scheme="https")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status in (408, 425, 429) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise DownloadFailed(f"the picture's host answered {status}", status=status)
    raise PictureUnusable(f"the picture's host answered {status}", status=status)


async def _read(response: httpx.Response) -> bytes:
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise PictureTooLarge(f"the picture has more than {MAX_BYTES} bytes")
    return bytes(data)


def _check_png(data: bytes, size: Size) -> None:
    if data[: len(_PNG_SIGNATURE)] != _PNG_SIGNATURE[: len(data)]:
        raise PictureUnusable("the picture is no PNG")
    if len(data) < _IHDR.size:
        raise DownloadFailed("the picture ends before its header")
    _, kind, width, height = _IHDR.unpack_from(data)
    if kind != b"IHDR" or Size(width, height) != size:
        raise PictureUnusable(f"the picture is {width}x{height}, not {size.width}x{size.height}")
    if not data.endswith(_IEND):
        # A connection that broke off quietly: the link is still good.
        raise DownloadFailed("the picture ends before its last chunk")
