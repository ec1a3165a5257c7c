"""Slack over HTTP: signed requests come in, where an outgoing connection (Socket Mode) is not wanted.

https://docs.slack.dev/apis/events-api/using-http-request-urls
"""

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.errors import ConfigurationError

log = structlog.get_logger()

EVENTS_PATH: Final = "/slack/events"
HEALTH_PATH: Final = "/healthz"
HEALTHY: Final = "ok"

_MAX_BYTES: Final = 256 * 2**10
"""Of a request. A command has some kilobytes, and whoever sends more is not Slack."""

_ANSWER_WITHIN_S: Final = 3.0
_SECONDS: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMode:
    """Where to listen, and the secret by which Slack signs what it sends."""

    host: str
    port: int
    signing_secret: SecretStr


async def serve_http(app: AsyncApp, mode: HttpMode, *, until: asyncio.Event) -> None:
    """Have `app` answer Slack's requests until `until` is set; those under way then still get their answer.

    `app` checks signature and time stamp. `ConfigurationError` where the port cannot be listened on.
    """
    server = web.Application(client_max_size=_MAX_BYTES)
    server.add_routes([web.post(EVENTS_PATH, _Events(app).answer), web.get(HEALTH_PATH, _healthy)])
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=_ANSWER_WITHIN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, mode.host, mode.port).start()
        except OSError as error:
            raise ConfigurationError(
                f"Nothing can listen on HTTP_HOST {mode.host}, HTTP_PORT {mode.port}: {error.strerror or error}. "
                "Another program may; `zimage-bot doctor` looks."
            ) from error
        log.info("listening", host=mode.host, port=mode.port, path=EVENTS_PATH)
        await until.wait()
    finally:
        await runner.cleanup()


class _Events:
    """The request URL."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def answer(self, request: web.Request) -> web.Response:
        if not _could_be_signed(request):
            return _refused(request)
        try:
            body = (await request.read()).decode()
        except UnicodeDecodeError:
            return _refused(request)
        answer = await self._app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(request.headers)))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return _refused(request)
        return await to_aiohttp_response(answer)


def _could_be_signed(request: web.Request) -> bool:
    """Both headers, of the kind that Slack sends: the library raises at a time that is no number, and at umlauts."""
    time_stamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    return _SECONDS.fullmatch(time_stamp) is not None and signature.isascii()


def _refused(request: web.Request) -> web.Response:
    # The operator has to see this: with a wrong SLACK_SIGNING_SECRET it is all that ever happens.
    log.warning("request refused", why="not signed with SLACK_SIGNING_SECRET, or too old", peer=request.remote)
    return web.json_response({"error": "invalid request"}, status=HTTPStatus.UNAUTHORIZED)


async def _healthy(_: web.Request) -> web.Response:
    """The server starts once Slack has taken the token, so that it answers is all there is to say."""
    return web.Response(text=HEALTHY)
