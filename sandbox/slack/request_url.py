"""HTTP mode: signed requests to the app's request URL, and its answers.

https://docs.slack.dev/authentication/verifying-requests-from-slack/
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.deliveries import ACK_WITHIN_S, Ack, Delivery

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signed(body: str, *, secret: str, at_s: float | None = None) -> dict[str, str]:
    """The headers that vouch for `body`; `at_s` is when it was sent, now if None."""
    # By the machine's clock, not the workspace's: the app compares it with its own.
    time_stamp = str(int(time.time() if at_s is None else at_s))
    digest = hmac.digest(secret.encode(), f"v0:{time_stamp}:{body}".encode(), hashlib.sha256).hex()
    return {"X-Slack-Request-Timestamp": time_stamp, "X-Slack-Signature": f"v0={digest}"}


class RequestUrl:
    """Posts to the address that the app's pages name; `address` is empty while the app uses Socket Mode."""

    def __init__(self, *, signing_secret: str) -> None:
        self._signing_secret = signing_secret
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = ""

    async def deliver(self, delivery: Delivery) -> None:
        """Post it, as a form or, for an event, as JSON; what comes back is the ack."""
        task = asyncio.create_task(self._post(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def is_verified(self) -> bool:
        """Whether the app answers the challenge by which Slack tries an address."""
        challenge = secrets.token_urlsafe(16)
        try:
            status, text = await self._send(json.dumps({"type": "url_verification", "challenge": challenge}), JSON)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
        return status == 200 and challenge in text

    async def close(self) -> None:
        """Wait for no answer any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _post(self, delivery: Delivery) -> None:
        try:
            status, text = await self._send(*_encoded(delivery))
        except TimeoutError:
            delivery.close(Ack(after_s=delivery.age_s, payload=None, error="operation_timeout"))
        except (aiohttp.ClientError, OSError):
            delivery.close(Ack(after_s=delivery.age_s, payload=None, error="dispatch_failed"))
        else:
            if status != 200:
                error = "http_client_error" if status < 500 else "http_service_error"
                delivery.close(Ack(after_s=delivery.age_s, payload=None, error=error))
            else:
                delivery.acknowledge(_answer(text))

    async def _send(self, body: str, content_type: str) -> tuple[int, str]:
        headers = {"Content-Type": content_type, **signed(body, secret=self._signing_secret)}
        timeout = aiohttp.ClientTimeout(total=ACK_WITHIN_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self.address, data=body.encode(), headers=headers) as answer,
        ):
            return answer.status, await answer.text()


def _encoded(delivery: Delivery) -> tuple[str, str]:
    match delivery.type:
        case "slash_commands":
            return urlencode(delivery.payload), FORM
        case "interactive":
            return urlencode({"payload": json.dumps(delivery.payload)}), FORM
        case _:
            return json.dumps(delivery.payload), JSON


def _answer(text: str) -> dict[str, object] | None:
    """JSON, or plain text, which Slack shows as it is."""
    try:
        payload = json.loads(text)
    except ValueError:
        return {"text": text} if text else None
    return payload if isinstance(payload, dict) else {"text": text}
