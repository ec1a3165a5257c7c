"""Asking the DashScope client, and answering it in the service's place."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.errors import Fault
from bot.model import MAX_SEED, ImageRequest, Size
from bot.zimage import DashScopeModel

KEY = "sk-the-key-of-the-account"
PATH = "/api/v1/services/aigc/multimodal-generation/generation"
REQUEST = ImageRequest(prompt="a red fox · 红狐狸", size=Size(1280, 720), seed=MAX_SEED, extend=True, count=2)

Answering = Callable[[httpx.Request], httpx.Response]


def model_on(http: httpx.AsyncClient, base_url: str, *, key: str = KEY) -> DashScopeModel:
    return DashScopeModel(
        http=http,
        pictures=http,
        base_url=base_url,
        api_key=SecretStr(key),
        model="z-image-turbo",
        image_hosts=("127.0.0.1",),
    )


async def fault_of(call: Awaitable[object]) -> Fault:
    """The fault that `call` ends in."""
    with pytest.raises(Fault) as caught:
        await call
    return caught.value


async def fault_from(answer: Answering) -> Fault:
    """The fault that a drawing ends in where the service answers like this."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        return await fault_of(model_on(http, "https://service.example/api/v1").draw(REQUEST, n=0))


def says(status: int, body: Any = None, *, text: str | None = None, **headers: str) -> Answering:
    """Always answer `status` with JSON `body`, or with `text`."""
    content = json.dumps(body) if text is None else text
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, content=content.encode(), headers=named)
