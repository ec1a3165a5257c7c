"""docs/faults.md, row by row: what goes wrong, and what the page says comes of it."""

from pathlib import Path

import pytest
from e2e.faults import discord, service, slack
from e2e.faults.scene import Scene, scene
from e2e.faults.table import CREDITS, Row, read
from e2e.ledger import charged, open_rows, rows

from sandbox.dashscope.errors import ERRORS
from sandbox.stage import Ending

ROWS = read()
SCENARIOS = service.SCENARIOS | discord.SCENARIOS | slack.SCENARIOS


def test_every_row_has_its_scenario_and_every_scenario_its_row() -> None:
    """A promise that nothing tests, and a test of what nobody promised, both fail."""
    assert sorted(row.name for row in ROWS) == sorted(SCENARIOS)


def test_the_page_leaves_no_error_of_the_service_out() -> None:
    """Every code that the service is known to answer stands in a row that plays it."""
    assert {code for row in ROWS if row.platforms == ("discord", "slack") for code in row.codes} >= set(ERRORS)


@pytest.mark.parametrize(
    ("row", "platform"),
    [pytest.param(row, platform, id=f"{platform}-{row.name}") for row in ROWS for platform in row.platforms],
)
async def test_a_fault_ends_as_the_page_says(
    row: Row, platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the right sentence, with the right credits, in the log, and in time."""
    async with scene(platform, codes=row.codes, folder=tmp_path, monkeypatch=monkeypatch) as played:
        seen = await SCENARIOS[row.name](played)
        endings = seen if isinstance(seen, list) else [] if seen is None else [seen]
        assert bool(endings) is bool(row.sees)
        for ending in endings:
            for item in row.sees:
                check_sight(item, ending)
            # The services' names for things are the operator's, not the person's.
            assert not [code for code in row.codes if code in ending.text]
            if not any("picture" in item for item in row.sees):
                assert ending.pictures == []
        check_credits(row.credits, played.database)
        check_log(row, played)
        assert played.took_s <= row.within_s


def check_sight(item: str, ending: Ending) -> None:
    """One thing that the page says is seen."""
    match item.split(" "):
        case ["the", "picture"]:
            assert len(ending.pictures) == 1
        case [count, "pictures"]:
            assert len(ending.pictures) == int(count)
        case ["in", "the", "channel"]:
            assert ending.place == "#general"
        case ["by", "direct", "message"]:
            assert ending.place == "a direct message"
        case ["with", "a", "mention"]:
            assert len(ending.pings) == 1
        case _:
            assert (item[0], item[-1]) == ("“", "”"), f"the page says what no test knows: {item}"
            assert item[1:-1] in ending.text


def check_credits(credits_: str, database: Path) -> None:
    """What the ledger says, against the page's word for it."""
    assert credits_ in CREDITS
    asked = sum(int(str(row[0])) for row in rows(database, "SELECT asked FROM generation"))
    paid = charged(database)
    states = {row[0] for row in rows(database, "SELECT state FROM generation")}
    found = {
        "charged": 0 < paid == asked and states == {"delivered"},
        "partly back": 0 < paid < asked and states == {"delivered"},
        "back": paid == 0 < asked and states == {"refunded"},
        "untouched": asked == 0,
    }
    assert [name for name, holds in found.items() if holds] == [credits_]
    assert open_rows(database) == 0


def check_log(row: Row, played: Scene) -> None:
    """Each event with its fields; where the page names none, nothing to worry about was logged."""
    for event in row.events:
        lines = [log for log in played.logs if log["event"] == event.name]
        assert lines, f"no {event.name!r} in {[log['event'] for log in played.logs]}"
        fields = [{name: str(line.get(name)) for name in event.fields} for line in lines]
        assert event.fields in fields, lines
    if not row.events:
        assert [log for log in played.logs if log["log_level"] in ("warning", "error", "critical")] == []
