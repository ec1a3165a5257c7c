"""Connecting to public addresses alone, so that no link can reach into the operator's network.

A name is resolved once, every address that it has is checked, and what is connected to is one of those: between the
check and the connection there is nothing that could be answered anew (DNS rebinding). TLS and the Host header go on
by the name.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Final

import httpcore
import httpx

from bot.errors import PictureUnusable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Collection[str]]]

# Where a network speaks IPv6 alone, DNS64 gives every IPv4 host an address in the first (RFC 6052); what is in the
# second is the network's own affair (RFC 8215), which not every Python knows.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")


def origin(host: str, port: int) -> str:
    """`host:port` as it is written in IMAGE_HOSTS."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_public(address: Address) -> bool:
    """Whether `address` belongs to the internet at large; an IPv4 address inside an IPv6 one is looked at as well."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local or address in _LOCAL_NAT64:
            return False
    # Multicast and the reserved blocks are "global" by the registry, and no picture comes from there.
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def resolve(host: str, port: int) -> list[str]:
    """Every address of `host`, in the order in which they are to be tried."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens the connections of one pool. `listed` are hosts that may be anywhere, as the operator wrote them."""

    def __init__(
        self, *, listed: Collection[str], resolve: Resolve = resolve, inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._listed = frozenset(listed)
        self._resolve = resolve
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers; `PictureUnusable` if any of them is not public."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._permitted(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from error
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        refusal: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
        raise refusal or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await self._inner.sleep(seconds)

    async def _permitted(self, host: str, port: int) -> list[str]:
        addresses = list(dict.fromkeys(await self._resolve(host, port)))
        if host not in self._listed and origin(host, port) not in self._listed:
            # One bad address among good ones is no accident: the name is not trusted at all.
            for address in addresses:
                if not is_public(ipaddress.ip_address(address)):
                    raise PictureUnusable(
                        f"the picture's host {host!r} is at {address}, which is no public address;"
                        " if that is meant, list the host itself in IMAGE_HOSTS"
                    )
        return addresses


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over guarded connections: pool, TLS and errors are as they were."""

    def __init__(self, *, listed: Collection[str], tls: ssl.SSLContext, resolve: Resolve = resolve) -> None:
        super().__init__(verify=tls)
        # httpx has no parameter for this seam of httpcore's; a test notices should it move. Limits as httpx sets them.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(listed=listed, resolve=resolve),
        )
