"""What slack_sdk and aiohttp raise, as our faults."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import OperatorNeeded, PictureTooLarge, PlatformBusy, Unreachable

_UNCERTAIN: Final = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_PASSING: Final = frozenset({"ratelimited", "rate_limited", *_UNCERTAIN})
OPERATOR: Final = frozenset({
    "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope",
    "no_permission", "not_allowed_token_type", "storage_limit_reached", "org_login_required", "ekm_access_denied",
})  # fmt: skip
"""Refusals of a token, a scope or the workspace, which only the operator can mend."""

_TOO_LARGE: Final = frozenset({"file_upload_size_restricted", "file_too_large"})


@contextmanager
def faults() -> Iterator[None]:
    """Turn a failed call into a fault, told apart by whether another try may help."""
    try:
        yield
    except SlackApiError as error:
        raise _fault(error) from error
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise PlatformBusy(f"no answer from Slack ({type(error).__name__})") from error


def code_of(error: SlackApiError) -> str:
    """Slack's name for what went wrong, or an empty string."""
    try:
        return str(error.response.get("error") or "")
    except (AttributeError, ValueError):
        return ""


def not_ready_yet(error: SlackApiError) -> bool:
    """Whether a message was refused only because its file is still being scanned."""
    return code_of(error) == "invalid_blocks" and "invalid slack file" in str(error.response.get("errors", ""))


def may_stand(error: SlackApiError) -> bool:
    """Whether the call may have taken effect all the same: Slack failed half-way, or somebody before it answered."""
    code = code_of(error)
    return not code or code in _UNCERTAIN


def _fault(error: SlackApiError) -> PlatformBusy | OperatorNeeded | PictureTooLarge | Unreachable:
    code = code_of(error)
    # JSON that cannot be read comes as aiohttp's response, with another name for it; without a code it is not Slack's.
    status: int = getattr(error.response, "status_code", None) or getattr(error.response, "status", None) or 0
    detail = f"Slack answered {code or status}"
    passing = not code or code in _PASSING or not_ready_yet(error)
    if passing or status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PlatformBusy(detail, code=code, status=status, retry_after_s=retry_after_s(error))
    if code in OPERATOR:
        return OperatorNeeded(detail, code=code, status=status)
    if code in _TOO_LARGE:
        return PictureTooLarge(detail, code=code, status=status)
    return Unreachable(detail, code=code, status=status)


def retry_after_s(error: SlackApiError) -> float | None:
    """The pause that Slack asks for."""
    headers: Mapping[str, str] = getattr(error.response, "headers", None) or {}
    value = next((headers[name] for name in headers if name.lower() == "retry-after"), None)
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
