"""One gateway connection: what is sent leaves in order, in the compression that was asked for."""

import asyncio
import importlib
import json
import zlib
from collections.abc import Callable
from typing import Any

from aiohttp import web

Encode = Callable[[str], str | bytes]


def codec(compression: str | None) -> Encode | None:
    """How payloads are written for `compress=…`; None for a compression that cannot be had here.

    `zlib-stream` and `zstd-stream` share one stream over all payloads of a connection. zstd needs the package
    `zstandard`; discord.py asks for it only where that (or Python 3.14) is present.
    """
    if compression is None:
        return _plain
    if compression == "zlib-stream":
        stream = zlib.compressobj()

        def deflate(text: str) -> bytes:
            return stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)

        return deflate
    if compression == "zstd-stream":
        return _zstd()
    return None


def _plain(text: str) -> str:
    return text


def _zstd() -> Encode | None:
    try:
        zstandard: Any = importlib.import_module("zstandard")
    except ImportError:
        return None
    stream = zstandard.ZstdCompressor().compressobj()

    def compress(text: str) -> bytes:
        block: bytes = stream.compress(text.encode())
        return block + bytes(stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))

    return compress


class Connection:
    """A websocket with a queue before it, so that sending needs no waiting."""

    def __init__(self, *, socket: web.WebSocketResponse, encode: Encode) -> None:
        self._socket = socket
        self._encode = encode
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._closed_by_us = False
        self._writer = asyncio.create_task(self._write())

    @property
    def closed_by_client_for_good(self) -> bool:
        """The client closed it with a code that ends the session."""
        return not self._closed_by_us and self._socket.close_code in (1000, 1001)

    def send(self, payload: dict[str, Any]) -> None:
        """Put a payload in line."""
        self._queue.put_nowait(payload)

    async def close(self, code: int) -> None:
        """Close with `code`, after what is still in line."""
        self._closed_by_us = True
        if not self._writer.done():
            await self._queue.join()
        await self._socket.close(code=code)

    async def stop(self) -> None:
        """End the writer once the connection is gone."""
        self._writer.cancel()
        await asyncio.wait([self._writer])

    async def _write(self) -> None:
        while True:
            payload = await self._queue.get()
            block = self._encode(json.dumps(payload))
            try:
                if isinstance(block, str):
                    await self._socket.send_str(block)
                else:
                    await self._socket.send_bytes(block)
            except ConnectionError:
                pass  # the client is gone; what it missed waits in its session
            finally:
                self._queue.task_done()
