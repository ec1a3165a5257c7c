"""Slack's part of `zimage-bot doctor`."""

from typing import Final

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import code_of
from bot.doctor import Finding, Verdict

_NEEDED: Final = ("commands", "chat:write", "files:write")
_BETTER: Final = {
    "users:read": "to see who is an admin of the workspace",
    "usergroups:read": "for limits of user groups",
    "files:read": "to see when an upload may be shown",
    "chat:write.public": "to post in public channels without being invited",
}
_REINSTALL: Final = "Add it under OAuth & Permissions and reinstall the app; slack-manifest.yaml has every scope."


async def check_slack(*, bot_token: SecretStr, app_token: SecretStr, api_url: str) -> list[Finding]:
    """Whether both tokens are taken, and which scopes are missing."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])
        return [*await _bot_token(client, bot_token), *await _app_token(client, app_token)]


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


def _no_verdict(error: Exception) -> Finding:
    remedy = "Check this machine's way to the internet, or try again later."
    return Finding("slack", Verdict.DOUBTFUL, f"no verdict: {type(error).__name__}", remedy)
