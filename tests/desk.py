"""People who press buttons, over a real store and a runner that runs when told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from fakes import ACCOUNT, SPACE, Workshop, open_workshop, order

from adapters.actions import Actions
from adapters.commands import Commands
from adapters.gestures import Asked, Person, Pressed
from adapters.locales import catalogue
from adapters.responses import Confirm, Drawing, Say
from adapters.sentences import Sentence
from bot.forecast import Forecast
from bot.house import HouseRules
from bot.intake import Intake
from bot.model import Account, Generation, GenerationId, Order, Space
from bot.runners.local import LocalRunner
from bot.store import Drafts, History, HouseBook
from bot.store.database import Row

WORDS = catalogue("en")
ME = Person(account=ACCOUNT, space=SPACE, locale="en")
IN_DM = Person(account=Account("discord:user:2"), space=None, locale="en")
ELSEWHERE = Person(account=Account("discord:9:2"), space=Space("discord:9"), locale="en")
OTHER = Person(account=Account("discord:1:3"), space=SPACE, locale="en")
OTHER_IN_DM = Person(account=Account("discord:user:3"), space=None, locale="en")
ON_SLACK = Person(account=Account("slack:1:2"), space=None, locale="en")
ONE = order(1).id


@dataclass(kw_only=True)
class Desk:
    """The actions over a real store, a runner that runs when told, and people who press."""

    shop: Workshop
    actions: Actions
    commands: Commands
    runner: LocalRunner
    drafts: Drafts
    presses: Any = field(default_factory=lambda: count(100))

    def pressed(self, target: GenerationId = ONE, person: Person = ME, *, moderates: bool = False) -> Pressed:
        """A press of a button of `target`, under an id of its own."""
        return Pressed(
            id=GenerationId(f"discord:{next(self.presses)}"),
            person=person,
            private_by_dm=False,
            address={"channel": "5", "token": "of the press"},
            target=target,
            moderates=moderates,
        )

    def asked(self, line: str, person: Person = ME) -> Asked:
        """A line, or a form that was sent."""
        return Asked(
            id=GenerationId(f"discord:{next(self.presses)}"),
            person=person,
            private_by_dm=False,
            address={"channel": "5", "token": "of the form"},
            line=line,
            command="/imagine",
        )

    async def drawn(self, command: Order | None = None, **request: Any) -> Generation:
        """A command that was delivered."""
        command = command or order(1)
        command = replace(command, request=replace(command.request, **request))
        await self.shop.accept(command)
        await self.shop.studio.run(command.id)
        return await self.found(command.id)

    async def found(self, id: GenerationId) -> Generation:
        found = await self.shop.generations.find(id)
        assert found is not None
        return found

    async def made(self, reply: object) -> Generation:
        """What a press has accepted."""
        assert isinstance(reply, Drawing), reply
        return await self.found(reply.id)

    async def rows(self) -> list[Row]:
        """Everything that a press could change."""
        return [
            *await self.shop.database.fetch("SELECT * FROM generation ORDER BY id"),
            *await self.shop.database.fetch("SELECT * FROM draft ORDER BY id"),
        ]

    async def draft(self, line: str = "{red,blue} fox", person: Person = ME) -> GenerationId:
        reply = await self.commands.imagine(self.asked(line, person))
        assert isinstance(reply, Confirm), reply
        return reply.id


@asynccontextmanager
async def open_desk(folder: Path, *, own: int | None = 20, queued: int | None = None) -> AsyncIterator[Desk]:
    async with open_workshop(folder, own=own, queued=queued) as shop:
        runner = LocalRunner(
            studio=shop.studio, generations=shop.generations, clock=shop.clock, lock=folder / "bot.db.lock"
        )
        drafts = Drafts(shop.database)
        commands = Commands(
            intake=Intake(
                generations=shop.generations, quotas=shop.quotas, studio=shop.studio, clock=shop.clock, deadline_s=1800
            ),
            quotas=shop.quotas,
            drafts=drafts,
            forecast=Forecast(throttle=shop.throttle, clock=shop.clock),
            house=HouseRules(book=HouseBook(shop.database), clock=shop.clock),
            runner=runner,
            clock=shop.clock,
            extend=False,
        )
        actions = Actions(
            commands=commands,
            generations=shop.generations,
            history=History(shop.database),
            drafts=drafts,
            studio=shop.studio,
            runner=runner,
            clock=shop.clock,
        )
        async with runner:
            yield Desk(shop=shop, actions=actions, commands=commands, runner=runner, drafts=drafts)


def says(reply: object) -> Sentence:
    assert isinstance(reply, Say), reply
    return reply.sentence
