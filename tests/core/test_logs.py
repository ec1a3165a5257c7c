"""Logs are one line an event, readable by machines, and hold no secret whatever goes wrong."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import structlog
from fakes import Workshop, open_workshop, order, studio_of
from pydantic import SecretStr

from bot.backoff import Backoff
from bot.errors import PlatformBusy
from bot.logs import configure_logging
from bot.model import Reason
from bot.studio import Studio
from bot.zimage import DashScopeModel
from sandbox.dashscope import DashScopeSandbox

KEY = "sk-must-never-be-logged"
PROMPT = "a prompt that is nobody's business"

Order = Callable[[DashScopeSandbox], object]

TROUBLE: dict[str, Order] = {
    "none": lambda dashscope: dashscope,
    "a refused prompt": lambda dashscope: dashscope.fail("DataInspectionFailed"),
    "a busy service": lambda dashscope: dashscope.fail("Throttling.RateQuota", times=3, retry_after_s=2),
    "a wrong key": lambda dashscope: dashscope.fail("InvalidApiKey"),
    "a page of a proxy": lambda dashscope: dashscope.answer("html-in-502", times=9),
    "a dropped call": lambda dashscope: dashscope.faults.inject("POST *", drop="request", times=9),
    "a dropped download": lambda dashscope: dashscope.faults.inject("GET *", drop="answer", times=9),
    "a download cut off": lambda dashscope: dashscope.serve("cut-off", times=9),
    "a redirect": lambda dashscope: dashscope.serve("redirect"),
    "a picture of another size": lambda dashscope: dashscope.serve("wrong-size"),
}


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Logging is the process's own: what a test sets, the next one must not find."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "discord", "aiosqlite")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.reset_defaults()


def events(text: str) -> list[dict[str, Any]]:
    """Each line of a JSON log."""
    return [json.loads(line) for line in text.splitlines()]


def real_studio(
    workshop: Workshop, dashscope: DashScopeSandbox, http: httpx.AsyncClient, hosts: tuple[str, ...]
) -> Studio:
    """The workshop's studio, drawing with the real client."""
    model = DashScopeModel(
        http=http,
        pictures=http,
        base_url=dashscope.base_url,
        api_key=SecretStr(KEY),
        model="z-image-turbo",
        image_hosts=hosts,
    )
    return studio_of(
        generations=workshop.generations,
        throttle=workshop.throttle,
        quotas=workshop.quotas,
        house=workshop.house,
        model=model,
        couriers={"discord": workshop.courier},
        clock=workshop.clock,
        backoff=Backoff(),
    )


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize("trouble", TROUBLE)
async def test_no_secret_is_logged_in_a_whole_run(
    trouble: str, style: Literal["console", "json"], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither key, signed link, interaction token nor prompt, even where everything is logged that can be."""
    configure_logging(level="DEBUG", style=style)
    async with (
        open_workshop(tmp_path) as workshop,
        DashScopeSandbox(api_key=KEY) as dashscope,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        TROUBLE[trouble](dashscope)
        workshop.courier.delivers.append(PlatformBusy("not now"))
        placed = await workshop.accept(order(prompt=PROMPT))
        await real_studio(workshop, dashscope, http, (dashscope.origin,)).run(placed.id)
        assert (await workshop.row(placed.id))["settled"]
        given_out = dashscope.secrets
    written = capsys.readouterr().err
    assert placed.id in written
    for secret in ("Signature=", "Expires=", placed.address["token"], PROMPT, *given_out):
        assert secret not in written


async def test_a_defect_is_logged_without_the_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback names the lines that led there, not the values that were in them."""
    configure_logging(level="DEBUG", style="console")
    async with open_workshop(tmp_path) as workshop:
        placed = await workshop.accept(order(prompt=PROMPT))
        workshop.courier.delivers.append(ZeroDivisionError("a defect"))
        await workshop.studio.run(placed.id)
        assert workshop.courier.told == {placed.id: Reason.INTERNAL}
    written = capsys.readouterr().err
    assert "ZeroDivisionError: a defect" in written
    for secret in ("Signature=", placed.address["token"], PROMPT):
        assert secret not in written


async def test_a_link_to_a_strange_host_is_not_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log names the host that was refused, for the operator, and nothing of the link behind it."""
    configure_logging(level="DEBUG", style="json")
    async with (
        open_workshop(tmp_path) as workshop,
        DashScopeSandbox(api_key=KEY) as dashscope,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        placed = await workshop.accept(order())
        await real_studio(workshop, dashscope, http, ("*.aliyuncs.com",)).run(placed.id)
        assert workshop.courier.told == {placed.id: Reason.PICTURE_UNUSABLE}
    written = capsys.readouterr().err
    assert "127.0.0.1" in written
    assert "Signature=" not in written


async def test_every_line_of_a_run_is_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Machines read a line an event: what happened, to which generation, when, and how grave it is."""
    configure_logging(level="INFO", style="json")
    async with open_workshop(tmp_path) as workshop:
        placed = await workshop.accept(order())
        await workshop.studio.run(placed.id)
    lines = events(capsys.readouterr().err)
    assert [line["event"] for line in lines] == ["drawn", "delivered"]
    assert all(line["generation"] == placed.id and line["level"] == "info" for line in lines)
    assert all(line["timestamp"].endswith("Z") for line in lines)


@pytest.mark.parametrize("logger", ["structlog", "library"])
def test_a_traceback_stays_inside_its_line(logger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and a library's alike: line breaks are escaped, so nothing can forge an event of its own."""
    configure_logging(level="INFO", style="json")
    try:
        raise ValueError('first\n{"event": "forged"}')  # noqa: TRY301 - a traceback needs a raise
    except ValueError:
        if logger == "structlog":
            structlog.get_logger().exception("broke")
        else:
            logging.getLogger("some.library").exception("broke")
    [line] = events(capsys.readouterr().err)
    assert line["event"] == "broke"
    assert line["level"] == "error"
    assert "ValueError: first\n" in line["exception"]


def test_a_librarys_line_has_our_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments are filled in and `extra` fields kept, in the same format as ours."""
    configure_logging(level="INFO", style="json")
    logging.getLogger("some.library").warning("lost %s", "contact", extra={"shard": 3})
    [line] = events(capsys.readouterr().err)
    assert (line["event"], line["shard"], line["level"]) == ("lost contact", 3, "warning")


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("DEBUG", ["ours debug", "ours info", "ours warning", "httpx warning"]),
        ("INFO", ["ours info", "ours warning", "httpx warning"]),
        ("WARNING", ["ours warning", "httpx warning"]),
        ("ERROR", []),
    ],
)
def test_the_level_holds_for_all_and_libraries_stay_quiet(
    level: str, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No level makes a library print its requests, and a higher one silences the libraries as well."""
    configure_logging(level=level, style="json")
    for severity in ("debug", "info", "warning"):
        getattr(structlog.get_logger(), severity)(f"ours {severity}")
    for severity in ("debug", "info", "warning"):
        getattr(logging.getLogger("httpx"), severity)(f"httpx {severity}")
    assert [line["event"] for line in events(capsys.readouterr().err)] == expected


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "GET https://a.aliyuncs.com/p?Expires=1&OSSAccessKeyId=HUSH&Signature=hu/sh%3D HTTP",
            "GET https://a.aliyuncs",
        ),
        ("PATCH /api/v10/webhooks/123/hush-hush/messages/@original", "/webhooks/123/…"),
        ("POST /interactions/123/hush/callback", "/interactions/123/…"),
        ("wss://wss.slack.com/link/?ticket=hush&app_id=A1", "ticket=…&app_id=A1"),
        ("https://hooks.slack.com/commands/T1/2/hush", "hooks.slack.com/commands/…"),
        ("https://hooks.slack.com/actions/T1/2/hush", "hooks.slack.com/actions/…"),
        ("https://files.slack.com/upload/v1/hush", "/upload/v1/…"),
        ("Authorization: Bearer hush-hush-hush", "Authorization: Bearer …"),
        ("{'Authorization': 'Bot hush.hush.hush'}", "{'Authorization': 'Bot …'}"),
        ("{'op': 2, 'd': {'token': 'hush', 'properties': {}}}", "'token': '…', 'properties'"),
        ('{"token": "hush", "team": "T1"}', '\\"token\\": \\"…\\", \\"team\\": \\"T1\\"'),
        ("xoxb-hush xapp-hush xoxe.xoxp-hush", "xoxb-… xapp-… xoxe.xoxp-…"),
        ("SLACK_SIGNING_SECRET=hush", "SLACK_SIGNING_SECRET=…"),
        ("DASHSCOPE_API_KEY: hush", "DASHSCOPE_API_KEY: …"),
    ],
)
def test_what_looks_like_a_secret_is_cut_out_of_any_line(
    text: str, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours, a library's, or an exception's; what it was can still be read."""
    configure_logging(level="INFO", style="json")
    logging.getLogger("some.library").warning(text)
    try:
        raise ValueError(text)  # noqa: TRY301 - a traceback needs a raise
    except ValueError:
        structlog.get_logger().exception("broke", detail=text)
    written = capsys.readouterr().err
    assert "hush" not in written.lower()
    assert written.count(left) == 3


def test_a_line_without_secrets_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Words that merely sound like some are no reason to lose what follows."""
    configure_logging(level="INFO", style="json")
    text = "Slack refuses SLACK_BOT_TOKEN or SLACK_APP_TOKEN; the bot is fine, tickets are sold, no signature was given"
    structlog.get_logger().info(text)
    assert events(capsys.readouterr().err)[0]["event"] == text


def test_a_long_line_is_looked_through_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A megabyte of a library's payload must not hold the event loop."""
    configure_logging(level="INFO", style="json")
    started = time.perf_counter()
    for payload in ("a-" * 500_000, "token" * 200_000, "x" * 1_000_000, "Bot " * 250_000):
        logging.getLogger("some.library").warning(payload)
    assert time.perf_counter() - started < 5
    assert len(events(capsys.readouterr().err)) == 4


def test_configuring_twice_prints_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The second call replaces the first."""
    configure_logging(level="INFO", style="json")
    configure_logging(level="INFO", style="json")
    structlog.get_logger().info("once")
    assert len(events(capsys.readouterr().err)) == 1


def test_values_that_json_does_not_know_do_not_lose_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A path or an object is written in its own words."""
    configure_logging(level="INFO", style="json")
    structlog.get_logger().info("opened", path=Path("data/bot.db"), prompt="红狐狸")
    text = capsys.readouterr().err
    [line] = events(text)
    assert "data/bot.db" in line["path"]
    assert "红狐狸" in text
