"""Slack's part of `zimage-bot doctor`."""

import asyncio
from http import HTTPStatus
from typing import Final, assert_never

import aiohttp
import yarl
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import SocketMode
from adapters.slack.faults import code_of
from adapters.slack.http import EVENTS_PATH, HEALTH_PATH, HEALTHY, HttpMode
from bot.doctor import Finding, Verdict

_NEEDED: Final = ("commands", "chat:write", "files:write")
_BETTER: Final = {
    "users:read": "to see who is an admin of the workspace",
    "usergroups:read": "for limits of user groups",
    "app_mentions:read": "to be asked by mention, also in threads",
    "files:read": "to see when an upload may be shown",
    "chat:write.public": "to post in public channels without being invited",
}
_HTTP_S: Final = 5.0
_REINSTALL: Final = "Add it under OAuth & Permissions and reinstall the app; slack-manifest.yaml has every scope."


async def check_slack(*, bot_token: SecretStr, mode: SocketMode | HttpMode, api_url: str) -> list[Finding]:
    """Whether the tokens are taken, which scopes are missing, and whether commands can come in."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])
        findings = await _bot_token(client, bot_token)
        match mode:
            case SocketMode(app_token=app_token):
                return [*findings, *await _app_token(client, app_token)]
            case HttpMode():
                return [*findings, await _http(session, mode)]
            case _:
                assert_never(mode)


async def _bot_token(client: AsyncWebClient, token: SecretStr) -> list[Finding]:
    try:
        answer = await client.auth_test(token=token.get_secret_value())
    except SlackApiError as error:
        remedy = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions into SLACK_BOT_TOKEN."
        return [Finding("slack bot token", Verdict.WRONG, f"refused: {code_of(error)}", remedy)]
    except (SlackClientError, aiohttp.ClientError, OSError) as error:
        return [_no_verdict(error)]
    granted = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes", "")
    scopes = {scope.strip() for scope in granted.split(",")}
    findings = [Finding("slack bot token", Verdict.FINE, f"{answer.get('user')} in {answer.get('team')}")]
    findings += [
        Finding("slack scopes", Verdict.WRONG, f"{scope} is missing", _REINSTALL)
        for scope in _NEEDED
        if scope not in scopes
    ]
    findings += [
        Finding("slack scopes", Verdict.DOUBTFUL, f"{scope} is missing, {why}", _REINSTALL)
        for scope, why in _BETTER.items()
        if scope not in scopes
    ]
    if len(findings) == 1:
        findings.append(Finding("slack scopes", Verdict.FINE, "all granted"))
    return findings


async def _app_token(client: AsyncWebClient, token: SecretStr) -> list[Finding]:
    try:
        await client.apps_connections_open(app_token=token.get_secret_value())
    except SlackApiError as error:
        remedy = "Make an app-level token with connections:write (Basic Information), and set SLACK_APP_TOKEN."
        return [Finding("slack app token", Verdict.WRONG, f"refused: {code_of(error)}", remedy)]
    except (SlackClientError, aiohttp.ClientError, OSError) as error:
        return [_no_verdict(error)]
    return [Finding("slack app token", Verdict.FINE, "Socket Mode opens")]


async def _http(session: aiohttp.ClientSession, mode: HttpMode) -> Finding:
    """Whether the bot answers on its port, or could; the secret itself only shows once Slack sends something."""
    where = f"{mode.host}:{mode.port}"
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(mode.host, mode.host)  # noqa: S104 - listened on, not asked
    address = yarl.URL.build(scheme="http", host=here, port=mode.port, path=HEALTH_PATH)
    try:
        async with session.get(address, timeout=aiohttp.ClientTimeout(total=_HTTP_S)) as answer:
            if answer.status == HTTPStatus.OK and await answer.text() == HEALTHY:
                return Finding("slack http", Verdict.FINE, f"the bot answers on {where}")
        detail = f"another program answers on {where}"
    except (aiohttp.ClientError, OSError):
        try:
            server = await asyncio.start_server(lambda *_: None, mode.host, mode.port)
        except OSError as error:
            detail = f"nothing can listen on {where}: {error.strerror or error}"
        else:
            server.close()
            await server.wait_closed()
            detail = f"{where} is free; Slack's request URLs have to lead to {EVENTS_PATH} there"
            return Finding("slack http", Verdict.FINE, detail)
    return Finding("slack http", Verdict.WRONG, detail, "Set HTTP_HOST and HTTP_PORT to an address that is free.")


def _no_verdict(error: Exception) -> Finding:
    remedy = "Check this machine's way to the internet, or try again later."
    return Finding("slack", Verdict.DOUBTFUL, f"no verdict: {type(error).__name__}", remedy)
