"""Looking at what the bot needs before it runs: the core's part of `zimage-bot doctor`."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.errors import ConfigurationError, Fault, OperatorNeeded
from bot.ports import Clock
from bot.store import open_store
from bot.zimage import DashScopeModel

_SKEW_S: Final = 30


class Verdict(IntEnum):
    """How a finding is; the worst one is the exit code."""

    FINE = 0
    DOUBTFUL = 1
    WRONG = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was looked at, how it is, and what to do about it; `link` is one to open in a browser."""

    subject: str
    verdict: Verdict
    detail: str
    remedy: str = ""
    link: str = ""


async def check_database(url: str) -> list[Finding]:
    """Whether the database opens, with tables that this version knows. Needs no lock: the bot may be running."""
    try:
        async with open_store(url, images_per_minute=60) as store:
            waiting = len(await store.generations.open_ids())
    except ConfigurationError as error:
        return [Finding("database", Verdict.WRONG, str(error), "Check DATABASE_URL and the folder's permissions.")]
    return [Finding("database", Verdict.FINE, f"{url} opens; {waiting} generations are under way")]


async def check_dashscope(model: DashScopeModel, base_url: str, clock: Clock) -> list[Finding]:
    """Whether the key is taken in this region, and whether the clocks agree. Draws nothing and costs nothing."""
    try:
        service_time = await model.probe()
    except OperatorNeeded as fault:
        remedy = "A key belongs to one region and plan: compare it with DASHSCOPE_BASE_URL, and look at the account."
        if fault.code == "ModelNotFound":
            remedy = "Check DASHSCOPE_MODEL, and whether the account's region has it."
        return [Finding("dashscope", Verdict.WRONG, f"refused at {base_url}: {fault.code or fault}", remedy)]
    except Fault as fault:
        remedy = "Check DASHSCOPE_BASE_URL and this machine's way to the internet, or try again later."
        return [Finding("dashscope", Verdict.DOUBTFUL, f"no verdict from {base_url}: {fault}", remedy)]
    findings = [Finding("dashscope", Verdict.FINE, f"the key is taken at {base_url}")]
    if service_time is not None:
        skew_s = abs(clock.now_ms() / 1000 - service_time.timestamp())
        if skew_s > _SKEW_S:
            remedy = "Let this machine synchronise its clock (NTP): quotas and deadlines go by it."
            findings.append(Finding("clock", Verdict.DOUBTFUL, f"{skew_s:.0f} s away from the service's", remedy))
        else:
            findings.append(Finding("clock", Verdict.FINE, "agrees with the service's"))
    return findings
