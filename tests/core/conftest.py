"""What the core's tests share: a real database on a temporary path, and a client on the stand-in of the service."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from service import KEY, model_on

from bot.store import Generations
from bot.store.database import SqliteDatabase, open_sqlite
from bot.zimage import DashScopeModel
from sandbox.dashscope import DashScopeSandbox


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    async with open_sqlite(path) as database:
        yield database


@pytest.fixture
def generations(database: SqliteDatabase) -> Generations:
    return Generations(database)


@pytest.fixture
async def dashscope() -> AsyncIterator[DashScopeSandbox]:
    async with DashScopeSandbox(api_key=KEY) as dashscope:
        yield dashscope


@pytest.fixture
async def http(tls: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, verify=tls) as http:
        yield http


@pytest.fixture
def model(dashscope: DashScopeSandbox, http: httpx.AsyncClient) -> DashScopeModel:
    return model_on(http, dashscope.base_url)
