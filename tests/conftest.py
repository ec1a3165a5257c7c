"""For every test: nothing of the machine that it runs on reaches the bot."""

import ssl

import httpx
import pytest

from bot.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """For every client of the tests: making one takes as long as a whole test."""
    return httpx.create_ssl_context()
