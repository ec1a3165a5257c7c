"""`make chaos`, in short: the bot killed at chosen and random moments loses nothing and charges nobody wrongly."""

from pathlib import Path

import pytest
from e2e.ledger import rows

from sandbox.chaos.evidence import Wrong
from sandbox.chaos.grounds import GROUNDS, Ground
from sandbox.chaos.lane import Lane
from sandbox.chaos.moments import Moment
from sandbox.chaos.plan import Kill, plan
from sandbox.chaos.report import Report
from sandbox.chaos.run import run

DISCORD, SLACK, READABLE_SLACK = GROUNDS
MOMENTS = sum(len(ground.moments) for ground in GROUNDS)
LOADS = 8


@pytest.mark.timeout(180)
async def test_a_kill_at_each_moment_loses_nothing_and_charges_nobody_wrongly(tmp_path: Path) -> None:
    """Every accepted command ends as delivered or refunded and told, once, at its price, on both platforms."""
    report = Report(planned=MOMENTS + LOADS)
    await run(plan(kills=MOMENTS, loads=LOADS, seed=1), lanes=4, folder=tmp_path, report=report)
    assert report.kills == MOMENTS + LOADS >= 40
    assert report.failures == 0


def moment(ground: Ground, name: str) -> Moment:
    return next(moment for moment in ground.moments if moment.name == name)


async def test_a_lost_edit_is_found_again_after_the_token_died(tmp_path: Path) -> None:
    """The edit cannot be repeated then; the channel shows that it took effect."""
    lost = moment(DISCORD, "edit of @original: lost, token dead")
    async with Lane.open(DISCORD, tmp_path) as lane:
        assert await lane.kill_at(Kill(moment=lost, pictures=1, skip=0)) == []


@pytest.mark.parametrize(("ground", "wrong"), [(SLACK, [Wrong.REPEATED]), (READABLE_SLACK, [])], ids=["blind", "able"])
async def test_a_lost_post_is_found_again_where_the_channel_may_be_read(
    ground: Ground, wrong: list[Wrong], tmp_path: Path
) -> None:
    """Else it is posted once more, and charged once."""
    lost = moment(ground, "chat.postMessage: answer lost")
    async with Lane.open(ground, tmp_path) as lane:
        found = await lane.kill_at(Kill(moment=lost, pictures=1, skip=0))
    assert [finding.wrong for finding in found] == wrong


@pytest.mark.parametrize(
    ("doctor", "wrong"),
    [
        ("UPDATE generation SET charged = 0", Wrong.WRONGLY_CHARGED),
        ("UPDATE generation SET asked = 99, charged = 9", Wrong.WRONGLY_CHARGED),
        ("UPDATE generation SET state = 'refunded', charged = 0", Wrong.LOST),
        ("UPDATE generation SET id = id || 'x'", Wrong.LOST),
    ],
)
async def test_a_doctored_database_is_found_out(doctor: str, wrong: Wrong, tmp_path: Path) -> None:
    """The facts that are compared are independent: what people see does not follow what the database says."""
    async with Lane.open(DISCORD, tmp_path) as lane:
        await lane.kill_under_load(0.3)
        await lane.settled()
        assert lane.judge() == []
        rows(tmp_path / "bot.db", doctor)
        assert wrong in {finding.wrong for finding in lane.judge()}


async def test_a_moment_that_never_comes_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill that did not happen must not pass for one that did no harm."""
    monkeypatch.setattr("sandbox.chaos.lane._MOMENT_S", 1.0)
    never = Moment(name="never", call="POST /nowhere", drop="request")
    async with Lane.open(DISCORD, tmp_path) as lane:
        found = await lane.kill_at(Kill(moment=never, pictures=1, skip=0))
    assert [finding.about for finding in found] == ["the moment never came"]
