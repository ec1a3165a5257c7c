"""Everything that was typed, and what the database, the platform and DashScope say of it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.chaos.evidence import Evidence, Payment, Row
from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import Typed


@dataclass(slots=True, kw_only=True)
class Command:
    """Something that was typed: `prompt` is nobody else's."""

    typed: Typed
    prompt: str
    pictures: int
    doubts: int = 0


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The commands that are still to be judged, and the starts of the bot since the first of them."""

    database: Path
    dashscope: DashScopeSandbox
    commands: list[Command] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)

    def note_start(self) -> None:
        """A bot was started just now: which messages stand that the one before did not know of?

        What that one had asked for has taken effect by now, and this one has not come to its first line.
        """
        self.starts_s.append(self.dashscope.clock.now_s())
        rows = self._rows()
        for command in self.commands:
            row = rows.get(command.typed.key)
            if row is not None and not row.settled and command.typed.endings():
                command.doubts += 1

    @property
    def open(self) -> int:
        """How many accepted commands have not come to their end."""
        return sum(not row.settled for row in self._rows().values())

    def overdrawn(self, limit: int) -> list[str]:
        """The accounts that were charged more than `limit` in all."""
        sql = "SELECT account FROM generation GROUP BY account HAVING SUM(charged) > :limit"
        return [row[0] for row in self._read(sql, limit=limit)]

    def evidence(self) -> list[Evidence]:
        """What is known of every command."""
        rows, fetched = self._rows(), set(self.dashscope.downloads)
        return [self._evidence(command, rows.get(command.typed.key), fetched) for command in self.commands]

    def forget(self) -> None:
        """Everything so far has been judged."""
        self.commands.clear()
        self.starts_s.clear()

    def _evidence(self, command: Command, row: Row | None, fetched: set[str]) -> Evidence:
        endings, answer = command.typed.endings(), command.typed.answered
        return Evidence(
            command=command.prompt,
            wanted=command.pictures,
            promised=answer is not None and answer.promises,
            row=row,
            shown=[len(ending.pictures) for ending in endings if ending.pictures],
            told=sum(not ending.pictures for ending in endings),
            doubts=command.doubts,
            payments=[
                Payment(seed=call.seed, at_s=call.at_s, fetched=call.picture in fetched)
                for call in self.dashscope.calls
                if call.picture is not None and call.prompt == command.prompt
            ],
            starts_s=tuple(self.starts_s),
        )

    def _rows(self) -> dict[str, Row]:
        """Every command in the database, by the platform's own id of it."""
        found = self._read("SELECT id, state, charged, settled IS NOT NULL FROM generation")
        return {
            str(key).rpartition(":")[2]: Row(state=str(state), charged=int(charged), settled=bool(settled))
            for key, state, charged, settled in found
        }

    def _read(self, sql: str, **values: int) -> Sequence[tuple[str, ...]]:
        if not self.database.exists():
            return []
        # Read-only: what a kill left behind is the bot's to mend.
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()
