"""`/imagine-data`: nothing goes without a yes, and what is exported goes to the person alone."""

import gzip
import json
from typing import Any, cast

import pytest

from adapters import data
from adapters.data import DataAsked, DataCommands
from adapters.gestures import Person
from adapters.sentences import Code, Sentence
from bot.errors import DatabaseFailed
from bot.model import Account, Space
from bot.personal import Erased, PersonalData

PERSON = Person(account=Account("discord:1:2"), space=Space("discord:1"), locale="en-GB")


class FakePersonal:
    """Has one generation, until it is erased; or fails."""

    def __init__(self, *, failing: bool = False) -> None:
        self.failing = failing
        self.erased: list[Account] = []

    async def export(self, person: Account) -> dict[str, Any]:
        if self.failing:
            raise DatabaseFailed("locked")
        return {"accounts": [person], "generations": [{"prompt": "狐"}]}

    async def erase(self, person: Account) -> Erased:
        if self.failing:
            raise DatabaseFailed("locked")
        self.erased.append(person)
        return Erased(count=3, open=1)


def commands(personal: FakePersonal) -> DataCommands:
    return DataCommands(personal=cast("PersonalData", personal))


def said(sentence: Sentence) -> str:
    return "".join(span.text if isinstance(span, Code) else str(span) for span in sentence)


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("", "/imagine-data export sends you a file"),
        (" HELP ", "/imagine-data export sends you a file"),
        ("erase all", "There is no command “erase all”. Nothing was changed."),
        ("x" * 500, "There is no command “xxxx"),
    ],
)
async def test_what_is_not_understood_is_answered_with_help(line: str, start: str) -> None:
    """And changes nothing."""
    personal = FakePersonal()
    answer = await commands(personal).run(DataAsked(person=PERSON, line=line))
    assert said(answer.sentence).startswith(start)
    assert "/imagine-data erase" in said(answer.sentence)
    assert len(said(answer.sentence)) < 500
    assert (answer.confirm, answer.files, personal.erased) == (False, (), [])


async def test_erasing_is_confirmed_first() -> None:
    """The word alone only asks."""
    personal = FakePersonal()
    answer = await commands(personal).run(DataAsked(person=PERSON, line="Erase"))
    assert answer.confirm
    assert personal.erased == []
    answer = await commands(personal).erase_confirmed(PERSON)
    assert personal.erased == [PERSON.account]
    assert not answer.confirm
    assert "of 3 commands" in said(answer.sentence)
    assert "1 command is still under way" in said(answer.sentence)


async def test_an_export_is_a_readable_file() -> None:
    """UTF-8 as it is, not escaped."""
    [file] = (await commands(FakePersonal()).run(DataAsked(person=PERSON, line="export"))).files
    assert file.filename == "imagine-data.json"
    assert "狐".encode() in file.data
    assert json.loads(file.data)["accounts"] == [PERSON.account]


async def test_an_export_that_no_message_takes_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it."""
    monkeypatch.setattr(data, "_MOST_BYTES", 10)
    [file] = (await commands(FakePersonal()).run(DataAsked(person=PERSON, line="export"))).files
    assert file.filename == "imagine-data.json.gz"
    assert json.loads(gzip.decompress(file.data))["generations"] == [{"prompt": "狐"}]


async def test_a_database_that_fails_is_said() -> None:
    """An export can be tried again; so can erasing, of which some may be done."""
    failing = commands(FakePersonal(failing=True))
    answer = await failing.run(DataAsked(person=PERSON, line="export"))
    assert "Nothing was changed" in said(answer.sentence)
    assert not answer.files
    assert "not certain" in said((await failing.erase_confirmed(PERSON)).sentence)
