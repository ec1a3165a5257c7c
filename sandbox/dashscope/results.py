"""The bucket of results: pictures behind signed links that live 24 hours, and broken ones on order.

Source of the errors: https://www.alibabacloud.com/help/en/oss/developer-reference/error-codes
"""

import asyncio
import base64
import hashlib
import hmac
import io
from collections.abc import Callable
from typing import Final, Literal, get_args
from uuid import uuid4
from xml.sax.saxutils import escape

from aiohttp import web
from PIL import Image

from sandbox.clock import VirtualClock
from sandbox.dashscope.drawing import draw

Broken = Literal[
    "truncated", "cut-off", "not-a-picture", "another-type", "wrong-size", "too-large", "redirect", "expired"
]
BROKEN: Final[tuple[Broken, ...]] = get_args(Broken)
LIFE_S: Final = 24 * 3600
TOO_LARGE_MIB: Final = 30
# Where clouds hand their machines' credentials to whoever asks from inside.
METADATA: Final = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
_ACCESS_KEY: Final = "SANDBOX"


class Results:
    """Keeps the pictures, signs their links, and serves them to whoever has a link and nothing else."""

    def __init__(self, *, clock: VirtualClock, origin: Callable[[], str]) -> None:
        self._clock = clock
        self._origin = origin
        self._pictures: dict[str, bytes] = {}
        self._broken: list[Broken] = []
        self._secret = uuid4().bytes
        self.links: list[str] = []
        """Every link that was given out, as it was signed."""
        self.downloads: list[str] = []
        self.refused = 0
        self.leaked_keys = 0

    def order(self, kind: Broken, *, times: int) -> None:
        """Let the next `times` downloads that would have succeeded show `kind` of fault."""
        if kind not in BROKEN:
            raise ValueError(f"no way to break a picture: {kind!r}; known are {', '.join(BROKEN)}")
        self._broken.extend([kind] * times)

    def keep(self, png: bytes) -> str:
        """Store `png`; its link is signed and lives 24 hours by the clock."""
        path = f"/results/{uuid4().hex}.png"
        self._pictures[path] = png
        expires = int(self._clock.now_s()) + LIFE_S
        signature = self._sign(path, str(expires))
        link = f"http://{self._origin()}{path}?Expires={expires}&OSSAccessKeyId={_ACCESS_KEY}&Signature={signature}"
        self.links.append(link)
        return link

    def forget(self) -> None:
        """Drop every picture and the record of downloads: their links lead nowhere from now on."""
        self._pictures.clear()
        self.downloads.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a download: the picture, an error of the bucket, or the fault that was ordered."""
        self.downloads.append(request.path)
        refusal = self._refusal(request)
        if refusal is not None:
            self.refused += 1
            return refusal
        png = self._pictures[request.path]
        kind = self._broken.pop(0) if self._broken else None
        match kind:
            case "cut-off":
                return await _cut_off(request, png)
            case "too-large":
                return await _too_large(request, png)
            case "redirect":
                return web.Response(status=302, headers={"Location": METADATA})
            case "another-type":
                png = await asyncio.to_thread(_as_jpeg, png)
            case "truncated":
                png = png[: len(png) // 2]
            case "not-a-picture":
                png = b"<html><body>Not the picture you are looking for.</body></html>"
            case "wrong-size":
                png = await asyncio.to_thread(draw, "a picture of another size", seed=0, width=320, height=240)
            case "expired" | None:
                pass
        return web.Response(body=png, content_type="image/png", headers={"Server": "AliyunOSS"})

    def _refusal(self, request: web.Request) -> web.Response | None:
        expires = request.query.get("Expires", "")
        signature = request.query.get("Signature", "")
        if "Authorization" in request.headers:
            self.leaked_keys += 1
            return self._error(400, "InvalidArgument", "Only one auth mechanism allowed")
        if not expires or not signature:
            return self._error(403, "AccessDenied", "You have no right to access this object.")
        if not hmac.compare_digest(signature.encode(), self._sign(request.path, expires).encode()):
            return self._error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            )
        is_expired_on_order = self._broken[:1] == ["expired"]
        if is_expired_on_order:
            self._broken.pop(0)
        if is_expired_on_order or self._clock.now_s() >= int(expires):
            return self._error(403, "AccessDenied", "Request has expired.")
        if request.path not in self._pictures:
            return self._error(404, "NoSuchKey", "The specified key does not exist.")
        return None

    def _sign(self, path: str, expires: str) -> str:
        digest = hmac.digest(self._secret, f"GET\n{expires}\n{path}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _error(self, status: int, code: str, message: str) -> web.Response:
        request_id = uuid4().hex[:24].upper()
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n'
            f"  <Code>{code}</Code>\n  <Message>{escape(message)}</Message>\n"
            f"  <RequestId>{request_id}</RequestId>\n  <HostId>{self._origin()}</HostId>\n</Error>\n"
        )
        headers = {"x-oss-request-id": request_id, "Server": "AliyunOSS"}
        return web.Response(status=status, text=body, content_type="application/xml", headers=headers)


def _as_jpeg(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG")
    return out.getvalue()


async def _cut_off(request: web.Request, png: bytes) -> web.StreamResponse:
    """Promise the whole picture, send half of it, and hang up."""
    response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(png))})
    await response.prepare(request)
    await response.write(png[: len(png) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _too_large(request: web.Request, png: bytes) -> web.StreamResponse:
    """Send a picture that does not end for 30 MiB, and whose length no header tells."""
    response = web.StreamResponse(headers={"Content-Type": "image/png"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(png)
    for _ in range(TOO_LARGE_MIB):
        await response.write(bytes(2**20))
    await response.write_eof()
    return response
