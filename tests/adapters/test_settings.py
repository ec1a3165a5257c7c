"""`/imagine-settings` over a real database: what is answered, and what it does to the next command."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest
from fakes import ACCOUNT, SPACE, Workshop, open_workshop, order

from adapters.commands import Commands
from adapters.console import plain
from adapters.gestures import AgeRestricted, Asked, Person
from adapters.responses import Answer, Confirm, Drawing, Reply, Say
from adapters.settings import SettingsAsked, SettingsCommands, SettingsView
from bot.admin import Actor, Admin
from bot.forecast import Forecast
from bot.house import HouseRules
from bot.intake import Intake
from bot.model import GenerationId, Space
from bot.policy import Policy
from bot.runners.local import LocalRunner
from bot.store import Drafts, HouseBook, Reports, RuleBook, Rules
from bot.windows import Window

ME = Person(account=ACCOUNT, space=SPACE, locale="en")
MEMBER = Actor(id="discord:2", account=ACCOUNT, space=SPACE, manages=False)
ADMIN = replace(MEMBER, manages=True)


@dataclass(kw_only=True)
class Place:
    """A server with one channel, in which somebody types."""

    shop: Workshop
    commands: Commands
    settings: SettingsCommands
    ids: Iterator[int] = field(default_factory=lambda: count(1000))

    async def set(self, line: str, *, actor: Actor = ADMIN, channel: str = "7") -> str:
        person = replace(ME, space=actor.space)
        asked = SettingsAsked(id=f"discord:{next(self.ids)}", actor=actor, person=person, channel=channel, line=line)
        answer = await self.settings.run(asked)
        assert isinstance(answer, SettingsView | Say | Answer), answer
        return plain(answer.sentence)

    async def ask(self, line: str, *, channel: str = "7", adults: AgeRestricted = False) -> Reply:
        return await self.commands.imagine(
            Asked(
                id=GenerationId(f"discord:{next(self.ids)}"),
                person=ME,
                private_by_dm=False,
                address={},
                channel=channel,
                age_restricted=adults,
                line=line,
                command="/imagine",
            )
        )

    async def refused(self, line: str, *, channel: str = "7") -> str:
        reply = await self.ask(line, channel=channel)
        assert isinstance(reply, Say), reply
        [row] = await self.shop.database.fetch("SELECT COALESCE(SUM(charged), 0) AS charged FROM generation")
        assert row["charged"] == 0
        return plain(reply.sentence)


@asynccontextmanager
async def open_place(folder: Path) -> AsyncIterator[Place]:
    async with open_workshop(folder) as shop:
        house = HouseRules(book=HouseBook(shop.database), clock=shop.clock)
        runner = LocalRunner(
            studio=shop.studio, generations=shop.generations, clock=shop.clock, lock=folder / "bot.db.lock"
        )
        commands = Commands(
            intake=Intake(
                generations=shop.generations, quotas=shop.quotas, studio=shop.studio, clock=shop.clock, deadline_s=1800
            ),
            quotas=shop.quotas,
            drafts=Drafts(shop.database),
            forecast=Forecast(throttle=shop.throttle, clock=shop.clock),
            house=house,
            runner=runner,
            clock=shop.clock,
            extend=False,
        )
        admin = Admin(
            rules=Rules(shop.database),
            rule_book=RuleBook(shop.database),
            reports=Reports(shop.database),
            quotas=shop.quotas,
            policy=Policy(window=Window.parse("day", "UTC"), own=20, space=None, total=None),
            clock=shop.clock,
            owners=frozenset(),
            deputies=frozenset(),
        )
        yield Place(shop=shop, commands=commands, settings=SettingsCommands(house=house, admin=admin))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path) as place:
        yield place


async def size_of(place: Place, reply: Reply) -> str:
    assert isinstance(reply, Drawing), reply
    generation = await place.shop.generations.find(reply.id)
    assert generation is not None
    return str(generation.request.size)


@pytest.mark.parametrize(
    ("rule", "line", "why"),
    [
        ("channel pictures=off", "a fox", "pictures off in this channel"),
        ("server pictures=off", "a fox", "switched pictures off"),
        ('server words="ass, red fox"', "an ASS in the grass", "does not allow “ass”"),
        ('server words="ass, red fox"', "a red  fox", "does not allow “red fox”"),
        ("server words=naked", "a na{ked,vy} fox", "does not allow “naked”"),
        ("server restricted=on", "a fox", "only in age-restricted channels"),
    ],
)
async def test_what_a_place_does_not_allow_is_refused_and_costs_nothing(
    place: Place, rule: str, line: str, why: str
) -> None:
    """By the admins' own words, also where braces put the word together; and drawn again once that is taken back."""
    await place.set(rule)
    said = await place.refused(line)
    assert why in said
    assert "Nothing was charged" in said
    scope, _, option = rule.partition(" ")
    await place.set(f"{scope} {option.partition('=')[0]}=default")
    assert isinstance(await place.ask(line), Drawing | Confirm)


@pytest.mark.parametrize(
    ("rule", "line", "channel", "adults"),
    [
        ("server words=ass", "a class in the grass", "7", False),
        ("channel pictures=off", "a fox", "8", False),
        ("server restricted=on", "a fox", "7", True),
    ],
)
async def test_what_a_rule_does_not_speak_of_is_drawn(
    place: Place, *, rule: str, line: str, channel: str, adults: bool
) -> None:
    """Another word, another channel, a channel for adults."""
    await place.set(rule)
    assert isinstance(await place.ask(line, channel=channel, adults=adults), Drawing)


async def test_a_place_is_looked_up_only_where_its_rules_ask_for_it(place: Place) -> None:
    """Nobody else waits for a platform before they are answered."""
    looked: list[bool] = []

    async def look() -> bool:
        looked.append(len(looked) > 0)
        return looked[-1]

    assert isinstance(await place.ask("a fox", adults=look), Drawing)
    assert looked == []
    await place.set("server restricted=on")
    assert isinstance(await place.ask("a fox", adults=look), Say)
    assert isinstance(await place.ask("a fox", adults=look), Drawing)
    assert looked == [False, True]


async def test_a_channel_may_have_pictures_where_the_server_has_none(place: Place) -> None:
    """The nearer rule counts."""
    await place.set("server pictures=off")
    await place.set("channel pictures=on")
    assert "switched pictures off" in await place.refused("a fox", channel="8")
    assert isinstance(await place.ask("a fox"), Drawing)


async def test_ones_own_default_goes_before_the_channels_and_what_is_typed_before_both(place: Place) -> None:
    """Person before channel before deployment; a default that is cleared lets the next one through."""
    assert await size_of(place, await place.ask("a fox")) == "1024×1024"
    await place.set("channel aspect=16:9 size=medium")
    assert await size_of(place, await place.ask("a fox")) == "1536×864"
    await place.set("aspect=3:2", actor=MEMBER)
    assert await size_of(place, await place.ask("a fox")) == "1536×1024"
    assert await size_of(place, await place.ask("a fox --ar 1:1")) == "1280×1280"
    await place.set("aspect=default", actor=MEMBER)
    assert await size_of(place, await place.ask("a fox")) == "1536×864"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("channel pictures=maybe", "maybe"),
        ("channel hue=red", "hue"),
        ("server log=somewhere", "somewhere"),
        ("aspect=17:9", "17:9"),
        ("aspect", "aspect"),
        ("help", "/imagine-settings"),
    ],
)
async def test_what_cannot_be_set_is_said_and_changes_nothing(place: Place, line: str, said: str) -> None:
    """With the word as it was typed."""
    assert said in await place.set(line)
    assert await place.shop.database.fetch("SELECT * FROM rule") == []
    assert await place.shop.database.fetch("SELECT * FROM preference") == []


async def test_only_admins_rule_a_place_and_who_tries_is_noted(place: Place) -> None:
    """As with `/quota-admin`."""
    await place.set("channel pictures=off", actor=MEMBER)
    assert isinstance(await place.ask("a fox"), Drawing)
    [row] = await place.shop.database.fetch("SELECT kind FROM rule")
    assert row["kind"] == "refused"


async def test_spoilers_and_restrictions_are_for_discord_alone(place: Place) -> None:
    """Slack has neither."""
    there = replace(ADMIN, space=Space("slack:T1"))
    await place.set("server spoilers=on", actor=there)
    assert await place.shop.database.fetch("SELECT * FROM rule WHERE kind <> 'refused'") == []


async def test_a_value_of_an_older_version_is_not_there_any_more(place: Place) -> None:
    """Picked from a message that an older version sent."""
    for name, value in (("aspect", "17:9"), ("hue", "red")):
        answer = await place.settings.choose(ME, name, value, "7")
        assert isinstance(answer, Say)
        assert "not there any more" in plain(answer.sentence)
    assert await place.shop.database.fetch("SELECT * FROM preference") == []


async def test_a_delivery_is_hidden_and_logged_as_the_place_wants_it(place: Place) -> None:
    """Spoilers and the log channel are read when the picture is there; a log that fails costs nobody a picture."""
    await place.set("server spoilers=on log=<#99>")
    for number, fault in ((1, None), (2, RuntimeError("closed"))):
        place.shop.courier.logs.append(fault)
        placed = await place.shop.accept(order(number))
        await place.shop.studio.run(placed.id)
        assert (await place.shop.row(placed.id))["state"] == "delivered"
    delivered = place.shop.courier.delivered
    assert [(one.spoiler, one.log_channel) for one in delivered] == [(True, "99")] * 2
    assert [one.generation.id for one in place.shop.courier.logged] == [order(1).id]
