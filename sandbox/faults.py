"""Faults on order: a status, a delay or a dropped answer for the next N matching calls."""

import asyncio
import fnmatch
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` calls that match; `hits` counts those it happened to."""

    match: str
    times: int = 1
    status: int | None = None
    json: Any = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    late: bool = False
    drop: Literal["request", "answer", "half"] | None = None
    hits: int = 0


class Faults:
    """The faults a server has been told to show; used up first come, first served."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def inject(self, match: str, **kwargs: Any) -> Fault:
        """Order a fault for calls whose `"METHOD /path"` matches the shell-style pattern `match`.

        `status` (with `json` or `text`, and `headers`) answers in the server's place, and if `late` only after the
        call took effect; `delay_s` waits first;
        `drop="request"` cuts the connection before the call is handled, `drop="answer"` after it took effect, and
        `drop="half"` in the middle of the answer's body.
        """
        fault = Fault(match=match, **kwargs)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every fault that has not shown yet."""
        self._faults.clear()

    def take(self, call: str) -> Fault | None:
        """The fault that `call` meets, counted as shown; None if it meets none."""
        for fault in self._faults:
            if fault.hits < fault.times and fnmatch.fnmatchcase(call, fault.match):
                fault.hits += 1
                return fault
        return None

    @property
    def middleware(self) -> Middleware:
        """The aiohttp middleware that makes the faults happen."""

        @web.middleware
        async def show_fault(request: web.Request, handler: Handler) -> web.StreamResponse:
            fault = self.take(f"{request.method} {request.path}")
            if fault is None:
                return await handler(request)
            if fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            if fault.status is not None:
                if fault.late:
                    await handler(request)
                await request.read()
                if fault.text is not None:
                    return web.Response(status=fault.status, text=fault.text, headers=fault.headers)
                # No charset behind the type: a client may take anything but `application/json` for text.
                headers = {"Content-Type": "application/json", **fault.headers}
                return web.Response(status=fault.status, body=json.dumps(fault.json).encode(), headers=headers)
            if fault.drop == "request":
                cut(request)
            response = await handler(request)
            if fault.drop == "answer":
                cut(request)
            if fault.drop == "half":
                return await _half(request, response)
            return response

        return show_fault


def cut(request: web.Request) -> None:
    """Close the caller's connection without a word, as a broken network does."""
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError("dropped on order")


async def _half(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Promise the whole of `answer`, send half of it, and hang up."""
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(body))}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
