"""The door of the Web API: tokens, scopes, arguments, ordered refusals, and the record of calls.

https://docs.slack.dev/apis/web-api/
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from aiohttp import web

from sandbox.slack.errors import ApiError
from sandbox.slack.methods import Arguments, Method


class Call(NamedTuple):
    """One call that reached the Web API; `error` is None for `"ok": true`, the arguments are without the token."""

    method: str
    status: int
    error: str | None
    arguments: dict[str, Any]


class WebApi:
    """Answers `/api/<method>` from a table of methods."""

    def __init__(self, *, bot_token: str, app_token: str, scopes: Iterable[str]) -> None:
        self._tokens = {bot_token: "bot", app_token: "app"}
        self.scopes = set(scopes)
        self.methods: dict[str, Method] = {}
        self.calls: list[Call] = []
        self._refusals: dict[str, list[ApiError]] = {}
        self._revoked: str | None = None

    def refuse(self, method: str, error: ApiError, *, times: int) -> None:
        """Answer the next `times` calls of `method` with `error`."""
        self._refusals.setdefault(method, []).extend([error] * times)

    def revoke(self, error: str) -> None:
        """Refuse the bot token with `error` from now on."""
        self._revoked = error

    def require_scope(self, scope: str) -> None:
        """ApiError `missing_scope` if the app was not installed with it."""
        if scope not in self.scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one HTTP call."""
        name = request.match_info["method"]
        method = self.methods.get(name)
        values: dict[str, Any] = {}
        headers = {"x-oauth-scopes": ",".join(sorted(self.scopes))}
        if method is not None and method.scope is not None:
            headers["x-accepted-oauth-scopes"] = method.scope
        error: ApiError | None = None
        try:
            values = await _read_arguments(request)
            body = {"ok": True, **self._answer(name, _token(request, values), values)}
        except ApiError as refusal:
            error, body = refusal, refusal.body
            headers |= refusal.headers
        status = 200 if error is None else error.status
        arguments = {key: value for key, value in values.items() if key != "token"}
        self.calls.append(Call(name, status, None if error is None else error.code, arguments))
        return web.json_response(body, status=status, headers=headers)

    def _answer(self, name: str, token: str | None, values: dict[str, Any]) -> dict[str, Any]:
        method = self.methods.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        self._authorize(method, token)
        if self._refusals.get(name):
            raise self._refusals[name].pop(0)
        return method.run(Arguments(values))

    def _authorize(self, method: Method, token: str | None) -> None:
        if token is None:
            raise ApiError("not_authed")
        kind = self._tokens.get(token)
        if kind is None:
            raise ApiError("invalid_auth")
        if kind == "bot" and self._revoked is not None:
            raise ApiError(self._revoked)
        if kind != method.caller:
            raise ApiError("not_allowed_token_type")
        if method.scope is not None and method.caller == "bot":
            self.require_scope(method.scope)


def _token(request: web.Request, values: Mapping[str, Any]) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    value = values.get("token")
    return value if isinstance(value, str) and value else None


async def _read_arguments(request: web.Request) -> dict[str, Any]:
    values: dict[str, Any] = dict(request.query)
    match request.content_type:
        case "application/json":
            text = await request.text()
            try:
                body = json.loads(text) if text else {}
            except ValueError:
                raise ApiError("invalid_json") from None
            if not isinstance(body, dict):
                raise ApiError("json_not_object")
            # The SDK leaves a token out of JSON bodies, and Slack does not read one there.
            values |= {key: value for key, value in body.items() if value is not None and key != "token"}
        case "application/x-www-form-urlencoded" | "multipart/form-data":
            values |= await request.post()
        case _:
            if await request.read():
                raise ApiError("invalid_post_type")
    return values
