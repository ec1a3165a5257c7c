"""One table of admin commands, run on both platforms through the real client libraries, and on the command line."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.admin_scenarios import ADMIN_SCENARIOS, Act, Admin, AdminScenario, Imagine, Quota, Surface
from e2e.conftest import Running, run_bot, settings_for
from e2e.ledger import open_rows, rows, until
from PIL import Image

from bot import app
from bot.model import Space
from bot.settings import Settings
from sandbox.dashscope import DashScopeSandbox
from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, Ending, InputRefused, SlackStage, Stage

NO_ANSWER = Ending(lines=[], pictures=[], alt_texts=[], place="", private=True, pings=[])


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`zimage-bot quota …` beside the running bot, as its operator types it; its process is test_command_line's."""

    stage: DiscordStage
    settings: Settings

    async def say(self, word: str, **arguments: str) -> Ending:
        """Type the words, with people and roles by their ids."""
        looked_up = {"person": self.stage.person_id, "role": self.stage.role_id}
        words = [word]
        for name, value in arguments.items():
            try:
                words.append(looked_up[name](value) if name in looked_up else f"{name}={value}")
            except InputRefused:
                words.append(value)
        printed = await app.administer(self.settings, words, space=Space(f"discord:{self.stage.discord.guild.id}"))
        assert printed.done == ("Nothing was changed" not in printed.text)
        pictures = [file.data for file in printed.files if file.filename.endswith(".png")]
        files = {file.filename: file.data for file in printed.files if file.filename.endswith(".csv")}
        lines = printed.text.splitlines()
        return Ending(lines=lines, pictures=pictures, alt_texts=[], place="", private=True, pings=[], files=files)


@pytest.fixture(params=["discord", "slack", "command line"])
def surface(request: pytest.FixtureRequest) -> Surface:
    name: Surface = request.param
    return name


@pytest.fixture
async def stage(surface: Surface) -> AsyncIterator[Stage]:
    """The platform on which people draw; the command line stands beside Discord."""
    if surface == "slack":
        async with SlackSandbox(file_ready_after_s=0) as slack:
            yield SlackStage(slack)
    else:
        async with DiscordSandbox() as discord:
            yield DiscordStage(discord)


@pytest.fixture
def cast(stage: Stage) -> dict[str, object]:
    """People with their parts, and the settings that name some of them."""
    stage.add_person("admin", admin=True)
    stage.add_person("deputy", groups=("deputies",))
    stage.add_person("owner")
    stage.add_person("member")
    stage.add_person("other")
    stage.add_person("artist", groups=("artists", "guests"))
    stage.add_person("guest", groups=("guests",))
    if isinstance(stage, SlackStage):
        owner = f"slack:{stage.slack.team_id}:{stage.person_id('owner')}"
        return {"owners": owner, "slack_admins": stage.person_id("deputy")}
    assert isinstance(stage, DiscordStage)
    return {"owners": f"discord:{stage.person_id('owner')}", "discord_admin_roles": stage.role_id("deputies")}


@pytest.mark.parametrize("scenario", ADMIN_SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
async def test_an_admin_command_does_what_the_table_says(
    scenario: AdminScenario,
    surface: Surface,
    stage: Stage,
    cast: dict[str, object],
    dashscope: DashScopeSandbox,
    database: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is read, what changes for people, and what the audit holds agree, wherever it was said."""
    if surface not in scenario.only:
        pytest.skip(f"{surface} has this not")
    monkeypatch.chdir(tmp_path)
    overrides = {**cast, **scenario.settings}
    settings = settings_for(stage, dashscope, database, **overrides)
    terminal = None
    if surface == "command line":
        assert isinstance(stage, DiscordStage)
        own = {"database_url": f"sqlite:///{database}", **overrides}
        terminal = CommandLine(stage, Settings.model_validate(own))
    async with run_bot(settings, stage):
        for act in scenario.acts:
            ending = await _ending(act, stage, terminal)
            # A picture is seen before its row says so, and the next act may count it.
            await until(lambda: not open_rows(database))
            _check(act, ending)
    assert len(rows(database, "SELECT id FROM rule")) == scenario.rules


async def _ending(act: Act, stage: Stage, terminal: CommandLine | None) -> Ending:
    match act:
        case Imagine():
            return await (await stage.imagine(act.line, who=act.who)).ending()
        case Quota():
            return await (await stage.quota(who=act.who)).ending()
        case Admin() if terminal is not None:
            return await terminal.say(act.word, **act.with_)
        case Admin() if act.refused and isinstance(stage, DiscordStage):
            with pytest.raises(InputRefused):
                await stage.quota_admin(act.word, who=act.who, **act.with_)
            return NO_ANSWER
        case Admin():
            return await (await stage.quota_admin(act.word, who=act.who, **act.with_)).ending()
        case _:
            raise TypeError(act)


def _check(act: Act, ending: Ending) -> None:
    if ending is NO_ANSWER:
        return
    for words in act.reads:
        assert words in ending.text, act
    if isinstance(act, Imagine):
        assert len(ending.pictures) == act.pictures
    if isinstance(act, Admin):
        assert ending.private
        assert ending.pings == []
        assert (len(ending.pictures), len(ending.files)) == (act.pictures, act.files)
        for picture in ending.pictures:
            assert Image.open(io.BytesIO(picture)).width > 800
        for name, data in ending.files.items():
            table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
            assert name.endswith(".csv")
            assert {row["outcome"] for row in table} == {"delivered"}


async def test_an_admin_command_that_is_delivered_twice_is_done_once(
    stage: Stage, surface: Surface, cast: dict[str, object], running: Running, database: Path
) -> None:
    """A duplicate from the platform grants nothing a second time."""
    if surface == "command line":
        pytest.skip("nobody delivers there")
    async with running(**cast):
        typed = await stage.quota_admin("grant", who="admin", person="member", credits="5")
        await typed.ending()
        await stage.repeat(typed)
        ending = await (await stage.quota(who="member")).ending()
    assert "Bonus: 5 credits" in ending.text
    assert len(rows(database, "SELECT id FROM rule")) == 1
