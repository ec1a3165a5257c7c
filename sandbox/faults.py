"""Faults on order: a status, a delay, a cut connection or a hook, for the next N matching calls."""

import asyncio
import fnmatch
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


Hook = Callable[[], Awaitable[object]]


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` calls that match, after `skip` of them; `hits` counts those it happened to."""

    match: str
    times: int = 1
    skip: int = 0
    status: int | None = None
    json: Any = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    late: bool = False
    drop: Literal["request", "answer", "half"] | None = None
    hook: Hook | None = None
    hits: int = 0

    async def strike(self) -> None:
        """Run the hook, if there is one."""
        if self.hook is not None:
            await self.hook()


class Faults:
    """The faults a server has been told to show; used up first come, first served."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def inject(self, match: str, **kwargs: Any) -> Fault:
        """Order a fault for calls whose `"METHOD /path"` matches the shell-style pattern `match`.

        `status` (with `json` or `text`, and `headers`) answers in the server's place, if `late` once the call took
        effect; `delay_s` waits first;
        `drop="request"` cuts the connection before the call is handled, `drop="answer"` after it took effect, and
        `drop="half"` once half of the answer is out. `hook` is awaited at that very moment, before the cut; where
        nothing is cut, once the whole answer is out.
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
                if fault.skip:
                    fault.skip -= 1
                    continue
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
            if fault.drop == "request":
                await fault.strike()
                cut(request)
            if fault.late:
                await handler(request)
            response = await _ordered(request, fault) if fault.status is not None else await handler(request)
            if fault.drop == "half":
                await _send_half(request, response)
            if fault.drop is not None:
                await fault.strike()
                cut(request)
            if fault.hook is not None:
                await response.prepare(request)
                await response.write_eof()
                await fault.strike()
            return response

        return show_fault


async def _ordered(request: web.Request, fault: Fault) -> web.Response:
    """The answer in the server's place."""
    await request.read()
    status = fault.status or HTTPStatus.OK
    if fault.text is not None:
        return web.Response(status=status, text=fault.text, headers=fault.headers)
    # No charset behind the type: a client may take anything but `application/json` for text.
    headers = {"Content-Type": "application/json", **fault.headers}
    return web.Response(status=status, body=json.dumps(fault.json).encode(), headers=headers)


async def _send_half(request: web.Request, response: web.StreamResponse) -> None:
    """Promise the whole body, and send the first half of it."""
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes):
        raise TypeError("only half of a body in hand can be sent")
    part = web.StreamResponse(status=response.status, headers={**response.headers, "Content-Length": str(len(body))})
    await part.prepare(request)
    await part.write(body[: len(body) // 2])


def cut(request: web.Request) -> None:
    """Close the caller's connection without a word, as a broken network does."""
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError("dropped on order")
