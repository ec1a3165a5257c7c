"""The HTTP clients: one to the image service, one for links that come from outside."""

import ipaddress
import ssl
from collections.abc import Collection
from functools import cache
from typing import Final
from urllib.request import getproxies

import httpx

from bot.guard import GuardedTransport

# How many calls there are at a time is for the throttle and MAX_CONCURRENT_IMAGES to say: httpx's hundred would let
# the others wait unseen, and fail after a minute.
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=20)


def service_client() -> httpx.AsyncClient:
    """To the image service: as many calls at a time as are made."""
    return httpx.AsyncClient(limits=_LIMITS, verify=_tls())


def picture_client(*, listed: Collection[str]) -> httpx.AsyncClient:
    """For links that come from outside: whatever is not left to a proxy of the environment is guarded.

    A proxy (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) resolves names itself; hosts in NO_PROXY are connected to from here.
    """
    return httpx.AsyncClient(transport=GuardedTransport(listed=listed, tls=_tls()), mounts=_proxies())


@cache
def _tls() -> ssl.SSLContext:
    """One for all of them: to read the certificate authorities is the dearest step of a start."""
    return httpx.create_ssl_context()


def _proxies() -> dict[str, httpx.AsyncBaseTransport | None]:
    """The environment's proxies as httpx mounts them; None is for the client's own transport.

    httpx reads them only where it makes the transport itself, and then NO_PROXY leads to that one.
    """
    found = getproxies()
    direct = [host for host in map(str.strip, found.get("no", "").split(",")) if host]
    if "*" in direct:
        return {}
    mounts: dict[str, httpx.AsyncBaseTransport | None] = {}
    for scheme in ("http", "https", "all"):
        if url := found.get(scheme):
            mounts[f"{scheme}://"] = httpx.AsyncHTTPTransport(
                proxy=url if "://" in url else f"http://{url}", verify=_tls()
            )
    return mounts | {_pattern(host): None for host in direct}


def _pattern(host: str) -> str:
    """One entry of NO_PROXY: a name is meant with all below it."""
    if "://" in host:
        return host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"all://*{host}"
    return f"all://[{host}]" if address.version == 6 else f"all://{host}"  # noqa: PLR2004 - IPv6
