"""What goes over HTTP: JSON answers with Discord's exact content type, errors, and the log of calls."""

import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.discord.errors import ApiError
from sandbox.faults import Faults, Handler


def answer(payload: dict[str, Any] | list[dict[str, Any]], *, status: int = 200) -> web.Response:
    """A JSON answer. No charset: discord.py takes anything but `application/json` for text."""
    body = json.dumps(payload).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})


def no_content() -> web.Response:
    """The answer of a call that returns nothing."""
    return web.Response(status=204)


def guarded(handler: Handler) -> Handler:
    """The same handler, with an ApiError turned into its answer."""

    async def guard(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return answer(error.to_payload(), status=error.status)

    return guard


async def read_json(request: web.Request) -> Any:
    """The body of a call that takes JSON; 400 code 50109 if it is none."""
    try:
        return json.loads(await request.read())
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


class CallLog(Faults):
    """Faults, with every call noted as (method, path, status); status 0 is a connection that was cut."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, int]] = []

    @property
    def middleware(self) -> Middleware:
        """The aiohttp middleware that makes the faults happen and notes how each call ended."""
        show_fault = super().middleware

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            status = 0
            try:
                response = await show_fault(request, handler)
                status = response.status
            finally:
                self.calls.append((request.method, request.path, status))
            return response

        return note
