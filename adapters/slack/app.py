"""Connecting to Slack, and staying connected."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Self, assert_never

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.background import Background
from adapters.platform import Services
from adapters.slack.admin import SlackAdmin
from adapters.slack.connection import RENEWALS, Connection, Line
from adapters.slack.courier import SlackCourier
from adapters.slack.data import SlackData
from adapters.slack.deletions import Deletions
from adapters.slack.directory import Directory
from adapters.slack.faults import OPERATOR, code_of, retry_after_s
from adapters.slack.files import FileNotes, Files
from adapters.slack.handlers import Typed, register
from adapters.slack.home import Home
from adapters.slack.http import HttpMode, serve_http
from adapters.slack.interactions import Interactions
from adapters.slack.modals import Modals
from adapters.slack.presses import Presses
from adapters.slack.replies import Replies
from adapters.slack.settings import SlackSettings
from adapters.slack.sharing import Shares
from adapters.slack.whispers import Whispers
from bot.backoff import Backoff
from bot.errors import ConfigurationError
from bot.ports import Clock, Courier

log = structlog.get_logger()

_BACKOFF: Final = Backoff(base_s=1, cap_s=60)
_LASTING_MS: Final = 60_000
"""A connection that held this long is no failure of the ones before."""

UNINSTALLED: Final = "uninstalled"
"""Why a connection was ended, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketMode:
    """The token by which a connection to Slack is opened."""

    app_token: SecretStr


class SlackPlatform:
    """The bot in one Slack workspace or organisation, over Socket Mode or HTTP."""

    name = "slack"

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        mode: SocketMode | HttpMode,
        courier: SlackCourier,
        session: aiohttp.ClientSession,
        files: Files,
        whispers: Whispers,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self.courier: Courier = courier
        self._whispers = whispers
        self._client = client
        self._mode = mode
        self._session = session
        self._files = files
        self._directory = directory
        self._clock = clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, bot_token: SecretStr, mode: SocketMode | HttpMode, api_url: str, notes: FileNotes, clock: Clock
    ) -> AsyncIterator[Self]:
        """Hold the connections that the courier needs, from before commands come to after it."""
        # Without a shared session the SDK opens a connection per call; its default handlers would post twice.
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(
                token=bot_token.get_secret_value(), base_url=api_url, session=session, retry_handlers=[]
            )
            files = Files(client=client, notes=notes, clock=clock)
            whispers = Whispers(client=client, session=session)
            directory = Directory(client=client, clock=clock)
            yield cls(
                client=client,
                mode=mode,
                courier=SlackCourier(client=client, files=files, whispers=whispers, directory=directory),
                session=session,
                files=files,
                whispers=whispers,
                directory=directory,
                clock=clock,
            )

    async def serve(self, services: Services) -> None:
        """Take commands until cancelled; connection failures are waited out."""
        background = Background()
        replies = Replies(commands=services.commands, whispers=self._whispers)
        admin = SlackAdmin(
            commands=services.admin,
            client=self._client,
            files=self._files,
            directory=self._directory,
            replies=replies,
        )
        data = SlackData(services=services, client=self._client, replies=replies)
        interactions = self._interactions(services, admin, data, replies, background)
        typed = Typed(
            services=services,
            admin=admin,
            directory=self._directory,
            interactions=interactions,
            settings=SlackSettings(services=services, admin=admin, replies=replies),
            data=data,
        )
        # Once before the first command, which would not know its person's groups.
        watching = asyncio.create_task(self._directory.watch(await self._directory.renew()))
        try:
            await self._stay_connected(lambda app: register(app, typed, interactions))
        finally:
            watching.cancel()
            await background.finish()

    def _interactions(
        self, services: Services, admin: SlackAdmin, data: SlackData, replies: Replies, background: Background
    ) -> Interactions:
        actions, client = services.actions, self._client
        modals = Modals(services=services, client=client, replies=replies, background=background)
        home = Home(services=services, client=client)
        presses = Presses(
            services=services,
            replies=replies,
            modals=modals,
            home=home,
            shares=Shares(
                services=services, client=client, replies=replies, files=self._files, directory=self._directory
            ),
            deletions=Deletions(actions=actions, client=client, replies=replies, admin=admin),
            data=data,
        )
        return Interactions(
            services=services,
            directory=self._directory,
            replies=replies,
            presses=presses,
            modals=modals,
            home=home,
            background=background,
        )

    async def _stay_connected(self, listen: Callable[[AsyncApp], None]) -> None:
        failures = 0
        async with Line() as line:
            while True:
                asked_s = None
                try:
                    identity = await self._identify()
                    self._directory.site = identity.get("url")
                    app = self._app(identity)
                    listen(app)
                    began_ms = self._clock.now_ms()
                    match self._mode:
                        case HttpMode() as mode:
                            uninstalled = asyncio.Event()
                            _notice_uninstalls(app, uninstalled.set)
                            await serve_http(app, mode, until=uninstalled)
                            detail = UNINSTALLED
                        case SocketMode(app_token=app_token):
                            connection = await self._connect(app, app_token, line)
                            if await connection.ready():
                                log.info("slack ready", team=identity.get("team"), user=identity.get("user"))
                            detail = await connection.over()
                        case _:
                            assert_never(self._mode)
                    if self._clock.now_ms() - began_ms > _LASTING_MS:
                        failures = 0
                except SlackApiError as error:
                    if code_of(error) in OPERATOR:
                        raise ConfigurationError(
                            f"Slack refuses SLACK_BOT_TOKEN or SLACK_APP_TOKEN ({code_of(error)}). "
                            "Copy both again from the app's pages; `zimage-bot doctor` says which."
                        ) from error
                    detail, asked_s = code_of(error), retry_after_s(error)
                except (SlackClientError, aiohttp.ClientError, OSError) as error:
                    detail = type(error).__name__
                failures += 1
                if failures == 1 and detail in RENEWALS:
                    log.info("slack renews", detail=detail)
                    continue
                wait_s = _BACKOFF.wait_s(failures, asked_s=asked_s)
                log.warning("slack lost", detail=detail, retry_s=round(wait_s, 1))
                await self._clock.sleep(wait_s)

    async def _identify(self) -> Mapping[str, Any]:
        """Who the bot is: asked once here, so that no command pays for it."""
        answer = await self._client.auth_test()
        return answer.data if isinstance(answer.data, dict) else {}

    async def _connect(self, app: AsyncApp, app_token: SecretStr, line: Line) -> Connection:
        answer = await self._client.apps_connections_open(app_token=app_token.get_secret_value())
        connection = await Connection.open(str(answer["url"]), app=app, session=self._session)
        line.switch(connection)
        _notice_uninstalls(app, lambda: connection.end(UNINSTALLED))
        return connection

    def _app(self, identity: Mapping[str, Any]) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=enterprise_id,
                team_id=team_id,
                bot_id=identity.get("bot_id"),
                bot_user_id=identity.get("user_id"),
                bot_token=self._client.token,
            )

        # The ack leaves when a handler returns: bolt's other way polls for it every 10 ms.
        return AsyncApp(
            client=self._client,
            authorize=authorize,
            # What comes over a socket is not signed. Left out, bolt would look into the environment itself.
            signing_secret=self._mode.signing_secret.get_secret_value() if isinstance(self._mode, HttpMode) else "",
            process_before_response=True,
            name="zimage-bot",  # else bolt reads the whole stack's sources for one
            logger=logging.getLogger("slack_bolt"),  # its own ones forget the level they were given
        )


def _notice_uninstalls(app: AsyncApp, end: Callable[[], None]) -> None:
    """Call `end` once Slack says so: what follows begins with asking who the bot is, where a dead token shows."""

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    async def look_again() -> None:
        end()
