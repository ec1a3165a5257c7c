"""`/quota-admin` on the command line: where a line counts, whom it names, and how an answer is printed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from adapters.admin import AdminAsked, Found
from adapters.console import COMMAND, plain, run_words
from adapters.responses import Answer, Attachment, Silence
from adapters.sentences import Code, Mention, Moment, RoleMention, Sentence
from bot.admin import COMMAND_LINE
from bot.model import Account, Space
from bot.vocabulary import Argument, Mistake, Said, UnknownWord, Word

DONE = Answer(sentence=("done",))
DISCORD, SLACK = Space("discord:1"), Space("slack:T1")


@dataclass(kw_only=True)
class FakeAdminCommands:
    """Keeps what it is asked, and gives one answer to everything."""

    answer: Answer | Silence = DONE
    asked: list[tuple[AdminAsked, Said | Mistake]] = field(default_factory=list)

    async def run(self, asked: AdminAsked, said: Said | Mistake) -> Answer | Silence:
        self.asked.append((asked, said))
        return self.answer


async def run(line: str, *, space: Space | None = None, known: tuple[Space, ...] = ()) -> tuple[AdminAsked, Said]:
    """What the admin commands are asked for `line`."""
    admin = FakeAdminCommands()
    await run_words(admin, line.split(), space=space, known=known)  # type: ignore[arg-type] # what is called of it
    [(asked, said)] = admin.asked
    assert isinstance(said, Said)
    return asked, said


@pytest.fixture(params=["UTC", "Asia/Kolkata"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """This machine's time zone."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_a_sentence_is_printed_without_markup() -> None:
    """Ids stand for people and roles, which nobody can look up here; a line to copy is on a line of its own."""
    sentence: Sentence = (Mention("2"), " has ", RoleMention("9"), ": *5* <b> & @everyone. Type ", Code("quota show 2"))
    assert plain(sentence) == "2 has role 9: *5* <b> & @everyone. Type \nquota show 2"


def test_a_moment_is_printed_in_this_machines_time_zone(zone: str) -> None:
    """With the zone's name, to the minute."""
    shown = {"UTC": "2030-03-17 17:46 UTC", "Asia/Kolkata": "2030-03-17 23:16 IST"}
    assert plain(("until ", Moment(1_900_000_000_000), ".")) == f"until {shown[zone]}."


async def test_a_line_is_asked_as_the_operator() -> None:
    """Each under an id of its own, so that the same line counts again when it is typed again."""
    first, said = await run("set 2 5", space=DISCORD)
    second, _ = await run("set 2 5", space=DISCORD)
    assert said == Said(word=Word.SET, arguments={Argument.PERSON: "2", Argument.AMOUNT: "5"})
    assert (first.actor.id, first.actor.space, first.command) == (COMMAND_LINE, DISCORD, COMMAND)
    assert first.id != second.id


async def test_files_are_handed_on() -> None:
    """A report's picture and rows, for whoever writes them to disk."""
    file = Attachment(filename="a.csv", data=b"1")
    admin = FakeAdminCommands(answer=Answer(sentence=("done",), files=(file,)))
    printed = await run_words(admin, ["report"], space=DISCORD, known=[DISCORD])  # type: ignore[arg-type]
    assert (printed.text, printed.files) == ("done", (file,))


async def test_silence_would_be_a_defect() -> None:
    """No id of this process was ever used before: to print nothing would hide that."""
    admin = FakeAdminCommands(answer=Silence())
    with pytest.raises(RuntimeError):
        await run_words(admin, ["reset", "2"], space=DISCORD, known=[DISCORD])  # type: ignore[arg-type]


async def test_where_only_one_place_is_known_it_is_meant() -> None:
    """Unless another one is named."""
    asked, _ = await run("list", known=(DISCORD,))
    assert asked.actor.space == DISCORD
    asked, _ = await run("list", space=SLACK, known=(DISCORD,))
    assert asked.actor.space == SLACK


@pytest.mark.parametrize("word", Word)
@pytest.mark.parametrize("known", [(), (DISCORD, SLACK)], ids=["none", "several"])
async def test_where_no_place_is_meant_only_looking_is_about_everything(word: Word, known: tuple[Space, ...]) -> None:
    """A change is never made everywhere by leaving a word out."""
    admin = FakeAdminCommands()
    line = f"{word} 2 5" if word in (Word.SET, Word.ROLE, Word.GRANT) else str(word)
    await run_words(admin, line.split(), space=None, known=known)  # type: ignore[arg-type]
    [(asked, said)] = admin.asked
    assert asked.actor.space is None
    everywhere = isinstance(said, Said) and said.arguments.get(Argument.EVERYTHING) == "yes"
    assert everywhere == (word in (Word.LIST, Word.REPORT, Word.AUDIT))


async def test_one_persons_audit_is_not_about_everything() -> None:
    """An id alone does not say of which place it is."""
    _, said = await run("audit 2", known=(DISCORD, SLACK))
    assert said == Said(word=Word.AUDIT, arguments={Argument.PERSON: "2"})


async def test_a_mistake_is_handed_on() -> None:
    """Its sentence is the same as in chat."""
    admin = FakeAdminCommands()
    await run_words(admin, ["lisst"], space=None, known=[])  # type: ignore[arg-type]
    [(_, said)] = admin.asked
    assert said == UnknownWord(word="lisst", suggestion=Word.LIST)


@pytest.mark.parametrize(
    ("space", "text", "id"),
    [
        (DISCORD, "12345678901234567", "12345678901234567"),
        (DISCORD, "<@2>", "2"),
        (DISCORD, "discord:1:2", "2"),
        (DISCORD, "discord:9:2", None),
        (DISCORD, "U1", None),
        (DISCORD, "ann", None),
        (DISCORD, "-2", None),
        (DISCORD, "٢", None),
        (DISCORD, "1" * 21, None),
        (SLACK, "U012AB", "U012AB"),
        (SLACK, "<@W012AB>", "W012AB"),
        (SLACK, "slack:T1:U1", "U1"),
        (SLACK, "2", None),
        (SLACK, "u1", None),
        (SLACK, "S1", None),
        (SLACK, "U1\n", None),
    ],
)
async def test_people_are_named_by_their_platforms_ids(space: Space, text: str, id: str | None) -> None:
    """An id that the platform could not have given is nobody: a rule about it would bind no one."""
    asked, _ = await run("list", space=space)
    assert await asked.directory.person(text) == (None if id is None else Found(id=id))


@pytest.mark.parametrize(
    ("space", "text", "known"),
    [
        (DISCORD, "9", True),
        (DISCORD, "S1", False),
        (DISCORD, "artists", False),
        (DISCORD, "٩", False),
        (SLACK, "S012AB", True),
        (SLACK, "9", False),
        (SLACK, "U1", False),
    ],
)
async def test_roles_are_named_by_their_platforms_ids(space: Space, text: str, *, known: bool) -> None:
    """The same for roles and user groups."""
    asked, _ = await run("list", space=space)
    assert await asked.directory.role(text) == (text if known else None)


async def test_a_charts_people_are_their_ids() -> None:
    """Without the platform nobody knows their names."""
    asked, _ = await run("report", space=DISCORD)
    assert await asked.directory.names([Account("discord:1:2")]) == {"discord:1:2": "2"}
