"""What somebody does, and what they then read and see: the lines of the second scenario table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from e2e.experience import access
from e2e.ledger import rows, until

from sandbox.dashscope import Call, DashScopeSandbox
from sandbox.discord import Message as DiscordMessage
from sandbox.slack import Message as SlackMessage
from sandbox.stage import Ending, Form, InputRefused, Place, Stage, Watch

ME = "me"


@dataclass(slots=True)
class Play:
    """A scenario while it is played: who is who, what was read so far, and the form that is open."""

    stage: Stage
    dashscope: DashScopeSandbox
    database: Path
    number: int
    seen: list[Ending] = field(default_factory=list)
    watching: Watch | None = None
    form: Form | None = None
    pressed: Ending | None = None
    """What was pressed last."""

    def name(self, who: str) -> str:
        """People are new in each scenario."""
        return f"{who}{self.number}"

    def id_of(self, who: str) -> str:
        """What mentions of that person hold."""
        [person] = [one for one, name in self.stage.names().items() if name == self.name(who)]
        return person

    def address(self, on: int) -> str:
        """How links to the message `on` of those read end."""
        at = self.stage.shown(self.seen[on])
        if isinstance(at, DiscordMessage):
            return f"/{at.channel_id}/{at.id}"
        assert isinstance(at, SlackMessage)
        return f"/archives/{at.channel_id}/p{at.ts.replace('.', '')}"

    def with_button(self, label: str) -> Ending:
        """The last thing read that can be pressed so."""
        return [one for one in self.seen if label in one.buttons][-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`do` it; then what is read says `says`, in so many pictures, and so on. With `opens` a form opens, which says so.

    `gone`: what was pressed is then no longer there. `holds`: what menus show as chosen, by their labels.
    """

    do: Callable[[Play], Awaitable[Watch | None]]
    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    pictures: int = 0
    private: bool | None = None
    place: str | None = None
    in_thread: bool | None = None
    buttons: frozenset[str] | None = None
    alt: str = ""
    spoilers: int = 0
    files: int = 0
    opens: tuple[str, ...] = ()
    holds: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    quiet: bool = False


async def perform(act: Act, play: Play) -> None:
    """Do it, and compare."""
    watching = await act.do(play)
    if act.quiet or watching is None:
        play.watching = watching or play.watching
        return
    if act.opens:
        form = play.form = await watching.form()
        access.check_form(form)
        held = " ".join(one.value for one in form.fields.values())
        assert all(words in held for words in act.opens), held
        return
    ending = await watching.read(*act.says, pictures=act.pictures, files=act.files)
    play.seen.append(ending)
    access.check(ending)
    assert len(ending.pictures) == act.pictures, ending.text
    assert [words for words in act.says_not if words in ending.text] == [], ending.text
    assert act.private in (None, ending.private), ending.text
    # A refusal is nobody else's to read.
    assert ending.private or "othing was charged" not in ending.text, ending.text
    assert act.place in (None, ending.place), ending.place
    assert act.in_thread in (None, ending.in_thread), ending.place
    assert act.buttons in (None, frozenset(ending.buttons)), ending.buttons
    assert all(act.alt in text for text in ending.alt_texts), ending.alt_texts
    assert (ending.spoilers, len(ending.files)) == (act.spoilers, act.files), ending.files
    assert {label: ending.fields[label].value for label in act.holds} == act.holds
    if act.gone:
        assert play.pressed is not None
        await watching.gone(play.pressed)
    # A picture is seen before its row says so.
    if act.pictures:
        await until(lambda: not rows(play.database, "SELECT id FROM generation WHERE settled IS NULL"))


def ask(line: str, *says: str, who: str = ME, where: Place = Place.CHANNEL, pictures: int = 1, **seen: object) -> Act:
    """`/imagine line`."""

    async def do(play: Play) -> Watch:
        watching = play.stage.watch(play.name(who))
        await play.stage.imagine(line, who=play.name(who), where=where)
        return watching

    return Act(do=do, says=says, pictures=pictures, **seen)  # type: ignore[arg-type]


def command(line: str, *says: str, who: str = ME, arguments: Mapping[str, Any] | None = None, **seen: object) -> Act:
    """Any other command."""

    async def do(play: Play) -> Watch:
        return await play.stage.command(line, arguments, who=play.name(who))

    return Act(do=do, says=says, **seen)  # type: ignore[arg-type]


def press(label: str, *says: str, who: str = ME, on: int | None = None, **seen: object) -> Act:
    """A button of what was read last among what has it, or of the message `on` of those read."""

    async def do(play: Play) -> Watch:
        play.pressed = play.with_button(label) if on is None else play.seen[on]
        return await play.stage.press(play.pressed, label, who=play.name(who))

    return Act(do=do, says=says, **seen)  # type: ignore[arg-type]


def no_button(label: str, *, on: int) -> Act:
    """The message `on` of those read has no such button any more."""

    async def do(play: Play) -> None:
        with pytest.raises(InputRefused):
            await play.stage.press(play.seen[on], label, who=play.name(ME))

    return Act(do=do)


def choose(label: str, choice: str, *says: str, **seen: object) -> Act:
    """From a menu of what was read last."""

    async def do(play: Play) -> Watch:
        return await play.stage.choose(play.seen[-1], label, choice, who=play.name(ME))

    return Act(do=do, says=says, **seen)  # type: ignore[arg-type]


def fill(values: Mapping[str, str], *says: str, **seen: object) -> Act:
    """Fill in the form that is open, and send it."""

    async def do(play: Play) -> Watch:
        assert play.form is not None
        return await play.form.submit(values)

    return Act(do=do, says=says, **seen)  # type: ignore[arg-type]


def then(do: Callable[[Play], object]) -> Act:
    """Something happens that nobody reads anything of."""

    async def happen(play: Play) -> None:
        do(play)

    return Act(do=happen)


def turned(*, on: int) -> Act:
    """What was read last is the message `on` of those read, changed, and no message beside it."""

    def check(play: Play) -> None:
        assert play.seen[-1].at == play.seen[on].at

    return then(check)


def hold() -> Act:
    """The service takes its time."""
    return then(lambda play: play.dashscope.hold())


def release() -> Act:
    """And is done."""
    return then(lambda play: play.dashscope.release())


def eventually(holds: Callable[[Play], object]) -> Act:
    """Wait for something that nobody reads anything of."""

    async def do(play: Play) -> None:
        await until(lambda: holds(play))

    return Act(do=do)


def taken() -> Act:
    """Wait until the bot has a command in hand, so that its answer is given."""
    return eventually(lambda play: rows(play.database, "SELECT id FROM generation WHERE state = 'running'"))


def called(*holds: Callable[[Call], object]) -> Act:
    """What the service was asked for last, a condition for each of the last calls."""

    def check(play: Play) -> None:
        last = play.dashscope.calls[-len(holds) :]
        assert all(hold(call) for hold, call in zip(holds, last, strict=True)), last

    return then(check)


def see(*says: str, **seen: object) -> Act:
    """Read on, after an act that was `quiet`."""

    async def do(play: Play) -> Watch | None:
        return play.watching

    return Act(do=do, says=says, **seen)  # type: ignore[arg-type]
