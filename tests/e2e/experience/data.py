"""Point 6: what is kept of a person."""

import json
import sqlite3
from contextlib import closing

from e2e.experience.acts import Act, Play, ask, choose, command, eventually, press, then, turned
from e2e.experience.row import FOX, Experience

from sandbox.stage import Place

OKAPI = "an okapi at night"
"""Nobody else asks for one."""


def _holds_what_was_asked_for(play: Play) -> None:
    [file] = play.seen[-1].files.values()
    [generation] = json.loads(file)["generations"]
    assert (generation["request"]["prompt"], generation["charged"]) == ("a red fox", 1)


def _told_where_it_was_typed(play: Play) -> bool:
    """Alone: a file in direct messages is not where anybody looks."""
    said = [
        one
        for one in play.stage.read_channel("general")
        if "kept about you comes to you as a direct message" in one.text
    ]
    return bool(said) and all(one.private for one in said)


def known(*, is_known: bool) -> Act:
    """Whether the prompt, or what the model made of it, stands anywhere in the database."""

    def check(play: Play) -> None:
        with closing(sqlite3.connect(play.database)) as connection:
            assert any("okapi" in line for line in connection.iterdump()) is is_known

    return then(check)


DATA = [
    Experience(
        name="one's data as a file",
        point=6,
        acts=(
            ask(FOX),
            command("imagine-data export", files=1, private=True, place=Place.DM),
            then(_holds_what_was_asked_for),
            eventually(_told_where_it_was_typed),
        ),
        charged=1,
    ),
    Experience(
        name="one's data erased, and the books as they were",
        point=6,
        acts=(
            command("imagine-settings mine", "Your settings"),
            choose("Size", "medium", "Size: medium"),
            ask(OKAPI, "1280×1280"),
            known(is_known=True),
            command("imagine-data erase", private=True, buttons=frozenset({"Erase my data"})),
            press("Erase my data", "is erased", private=True, buttons=frozenset()),
            turned(on=3),
            known(is_known=False),
            press("Again", "not on record", private=True, on=2),
            command("imagine-history", "no pictures here yet"),
            command("imagine-settings mine", "Size: default"),
        ),
        charged=2,
        calls=1,
    ),
]
