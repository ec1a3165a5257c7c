"""The DashScope client for Z-Image: the only place that knows its JSON and its error codes.

Source: https://docs.qwencloud.com/api-reference/image-generation/z-image and
https://www.alibabacloud.com/help/en/model-studio/error-code
"""

import asyncio
import contextlib
import fnmatch
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
from pydantic import SecretStr

from bot.download import fetch_png
from bot.errors import (
    AllocationSpent,
    Fault,
    OperatorNeeded,
    PromptRefused,
    RequestRejected,
    ServiceBroken,
    ServiceBusy,
)
from bot.model import Drawing, ImageRequest, Size

_PATH: Final = "/services/aigc/multimodal-generation/generation"

_LONGEST_WAIT_S: Final = 3600.0

# The first pattern that fits a code decides, so the exceptions stand before their rule.
_BY_CODE: Final[tuple[tuple[str, type[Fault]], ...]] = (
    ("Throttling.AllocationQuota", AllocationSpent),
    ("insufficient_quota", AllocationSpent),
    ("Throttling*", ServiceBusy),
    ("limit_requests", ServiceBusy),
    ("limit_burst_rate", ServiceBusy),
    ("DataInspectionFailed", PromptRefused),
    ("data_inspection_failed", PromptRefused),
    ("IPInfringementSuspect", PromptRefused),
    ("InvalidApiKey", OperatorNeeded),
    ("invalid_api_key", OperatorNeeded),
    ("AccessDenied*", OperatorNeeded),
    ("AllocationQuota.FreeTierOnly", OperatorNeeded),
    ("Arrearage", OperatorNeeded),
    ("ModelNotFound", OperatorNeeded),
    ("model_not_found", OperatorNeeded),
    ("*BillOverdue", OperatorNeeded),
    ("CommodityNotPurchased", OperatorNeeded),
    ("InvalidParameter*", RequestRejected),
    ("BadRequest*", RequestRejected),
    ("RequestTimeOut", ServiceBroken),
    ("InternalError*", ServiceBroken),
    ("SystemError", ServiceBroken),
    ("RewriteFailed", ServiceBroken),
    ("ModelServingError", ServiceBroken),
    ("ModelUnavailable", ServiceBroken),
)

# For bodies without a code we know: proxies answer too.
_BY_STATUS: Final[dict[int, type[Fault]]] = {
    400: RequestRejected,
    401: OperatorNeeded,
    402: OperatorNeeded,
    403: OperatorNeeded,
    404: OperatorNeeded,
    408: ServiceBroken,
    413: RequestRejected,
    422: RequestRejected,
    429: ServiceBusy,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call may take. Z-Image needs 6 to 10 s, more with a rewrite; integrators give up after 120 s."""

    silence_s: float = 120.0
    total_s: float = 240.0

    def timeout(self) -> httpx.Timeout:
        """The same in httpx's words."""
        return httpx.Timeout(self.silence_s, connect=10.0, pool=60.0)


class DashScopeModel:
    """Draws with `model` at `base_url`, and fetches with `pictures`; neither client carries credentials of its own.

    Links come from outside: `pictures` is to connect through `bot.guard`.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        pictures: httpx.AsyncClient,
        base_url: str,
        api_key: SecretStr,
        model: str,
        image_hosts: Sequence[str],
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._http = http
        self._pictures = pictures
        self._url = base_url + _PATH
        self._api_key = api_key
        self._model = model
        self._image_hosts = tuple(image_hosts)

    async def draw(self, request: ImageRequest, *, n: int) -> Drawing:
        """One paid call. Raises a `Fault` with the service's `code`, `request_id` and wish for a pause."""
        return _read(await self._post(self._payload(request, n)))

    async def probe(self) -> datetime | None:
        """Have the key judged for free, by a request without a message; the service's own time, if it says so.

        Raises the `Fault` that a drawing would meet, `OperatorNeeded` for a key that is not taken.
        """
        response = await self._post({"model": self._model, "input": {"messages": []}, "parameters": {}})
        with contextlib.suppress(RequestRejected):
            # The key was taken: only the missing message was not.
            _read(response)
        try:
            return parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            return None

    async def _post(self, payload: dict[str, Any]) -> httpx.Response:
        try:
            async with asyncio.timeout(self._patience.total_s):
                return await self._http.post(
                    self._url,
                    json=payload,
                    headers={"Authorization": f"Bearer {self._api_key.get_secret_value()}"},
                    timeout=self._patience.timeout(),
                    follow_redirects=False,
                )
        except (httpx.HTTPError, TimeoutError) as error:
            # No idempotency key exists, so this may be paid twice if asked again; the person pays once.
            raise ServiceBroken(f"no answer from the image service ({type(error).__name__})") from error

    async def fetch(self, url: str, *, size: Size) -> bytes:
        """The PNG behind a drawing, without the key; see `bot.download`."""
        return await fetch_png(self._pictures, url, size=size, hosts=self._image_hosts)

    def _payload(self, request: ImageRequest, n: int) -> dict[str, Any]:
        return {
            "model": self._model,
            "input": {"messages": [{"role": "user", "content": [{"text": request.prompt_of(n)}]}]},
            "parameters": {
                "size": f"{request.size.width}*{request.size.height}",
                "seed": request.seed_of(n),
                "prompt_extend": request.extend,
            },
        }


def _read(response: httpx.Response) -> Drawing:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _by_status(response)(
            f"the image service answered {response.status_code} without JSON",
            status=response.status_code,
            retry_after_s=retry_after_s(response.headers),
            final=_is_final(response),
        )
    if response.is_success and not (body.get("code") or body.get("error")):
        return _drawing(body)
    raise _fault(response, body)


def _drawing(body: dict[str, Any]) -> Drawing:
    request_id = _text(body.get("request_id"))
    try:
        parts = [part for choice in body["output"]["choices"] for part in choice["message"]["content"]]
        found = {key: part[key] for part in parts for key in ("image", "text") if part.get(key)}
    except (KeyError, TypeError, AttributeError):
        found = {}
    url = _text(found.get("image"))
    if url is None:
        raise ServiceBroken("the image service answered without a picture", status=200, request_id=request_id)
    return Drawing(url=url, revised=_text(found.get("text")), request_id=request_id)


def _fault(response: httpx.Response, body: dict[str, Any]) -> Fault:
    # The compatible endpoints nest the same facts below "error".
    error = body["error"] if isinstance(body.get("error"), dict) else body
    code = _text(error.get("code"))
    kind = next((fault for pattern, fault in _BY_CODE if code and fnmatch.fnmatchcase(code, pattern)), None)
    return (kind or _by_status(response))(
        _text(error.get("message")) or f"the image service answered {response.status_code}",
        code=code,
        status=response.status_code,
        request_id=_text(body.get("request_id")),
        retry_after_s=retry_after_s(response.headers),
        final=_is_final(response),
    )


def _is_final(response: httpx.Response) -> bool:
    return bool(response.headers.get("x-should-retry", "").lower() == "false")


def _by_status(response: httpx.Response) -> type[Fault]:
    return _BY_STATUS.get(response.status_code, ServiceBroken)


def _text(value: object) -> str | None:
    """A string of the service's. Half a surrogate pair, which JSON can hold and nothing else takes, is replaced."""
    if not isinstance(value, str) or not value:
        return None
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def retry_after_s(headers: httpx.Headers) -> float | None:
    """What the service asks us to wait, in seconds: `retry-after-ms`, or `retry-after` as a number or a date.

    At most an hour: one mistaken header must not hold every process for longer.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait = float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
        if math.isfinite(wait):
            return min(max(wait, 0.0), _LONGEST_WAIT_S)
    try:
        wait = (parsedate_to_datetime(headers["retry-after"]) - datetime.now(tz=UTC)).total_seconds()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return min(max(wait, 0.0), _LONGEST_WAIT_S)
