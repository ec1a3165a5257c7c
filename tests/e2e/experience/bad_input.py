"""Bad input, point 0: a sentence for the person alone, and no charge."""

from e2e.experience.acts import Act, Play, ask, choose, command, fill, hold, press, release, see, taken, then
from e2e.experience.row import FOX, UNDER, Experience
from e2e.ledger import rows

from sandbox.stage import DiscordStage, Place


def aged(old: str, new: str) -> Act:
    """The message read last is one of an older version of the bot."""

    def age(play: Play) -> None:
        play.seen.append(play.stage.aged(play.seen[-1], old, new))

    return then(age)


def _to_another_server(play: Play) -> None:
    assert isinstance(play.stage, DiscordStage)
    play.seen.append(play.stage.elsewhere(play.seen[-1]))


def _of_another_workspace(play: Play) -> None:
    """As for a message in a channel that two workspaces share."""
    rows(
        play.database,
        "UPDATE generation SET space = 'slack:T0ELSEWHERE' WHERE created = (SELECT MAX(created) FROM generation)",
    )


def _without_row(play: Play) -> None:
    rows(play.database, "DELETE FROM picture")
    rows(play.database, "DELETE FROM generation WHERE settled IS NOT NULL")


def _calls_them(play: Play) -> None:
    """Who has waited so long may be elsewhere by now."""
    assert play.seen[-1].pings == [play.id_of("me")]


LATE = (
    then(lambda play: play.stage.advance(15 * 60 - 1)),
    hold(),
    Act(do=press("Again").do, quiet=True),
    taken(),
    then(lambda play: play.stage.advance(31 * 60)),
    release(),
)
"""Again, at 14:59 minutes, and drawn when the way back that the press itself has is closed, too."""

BAD_INPUT = [
    Experience(
        name="a button of a deleted row",
        point=0,
        settings={"quota_credits": 20},
        acts=(
            ask(FOX),
            then(_without_row),
            *(press(label, "not on record", "nothing was charged", private=True) for label in sorted(UNDER)),
        ),
        calls=1,
    ),
    Experience(
        name="a button of another person",
        point=0,
        acts=(
            ask(FOX),
            *(press(label, "Only whoever asked", who="other", private=True) for label in sorted(UNDER)),
            press("Delete", "Deleted", gone=True),
        ),
        charged=1,
    ),
    Experience(
        name="a button of another server",
        point=0,
        only="discord",
        acts=(ask(FOX), then(_to_another_server), press("Again", "another place", "Nothing was charged")),
        charged=1,
    ),
    Experience(
        name="a button of another workspace",
        point=0,
        only="slack",
        acts=(ask(FOX), then(_of_another_workspace), press("Again", "another place", "Nothing was charged")),
        charged=1,
    ),
    Experience(
        name="pressed twice",
        point=0,
        acts=(
            ask(FOX),
            hold(),
            Act(do=press("Again").do, quiet=True),
            *2 * (press("Again", "being drawn already", "Nothing was charged", private=True, on=0),),
            release(),
            see(pictures=1),
            press("Again", "Again of", pictures=1, on=0),
        ),
        charged=3,
    ),
    Experience(
        name="pressed at 14:59 minutes, and drawn after the way back is closed",
        point=0,
        acts=(
            ask(FOX),
            *LATE,
            see("Again of", pictures=1, private=False, place="#general", buttons=UNDER),
            then(_calls_them),
            press("Delete", "Deleted", private=True, gone=True),
        ),
        charged=2,
    ),
    Experience(
        name="a private one pressed at 14:59 minutes",
        point=0,
        acts=(
            ask(f"{FOX} --private", private=True),
            *LATE,
            see("Again of", pictures=1, private=True, place=Place.DM),
        ),
        charged=2,
    ),
    Experience(
        name="a form sent after its message is gone",
        point=0,
        acts=(
            ask(FOX),
            press("Edit", opens=("a red fox",)),
            press("Delete", "Deleted"),
            fill({"Prompt": "a blue fox"}, "not on record", "nothing was charged", private=True),
        ),
        charged=1,
    ),
    Experience(
        name="a setting of an older version",
        point=0,
        acts=(
            command("imagine-settings mine", "Your settings"),
            aged("16:9", "17:9"),
            choose("Aspect ratio", "17:9", "not there any more", "Nothing was changed", private=True),
        ),
    ),
    Experience(
        name="a menu of an older version",
        point=0,
        acts=(
            command("imagine-settings mine", "Your settings"),
            aged("aspect", "mood"),
            choose("Aspect ratio", "16:9", "not there any more", "Nothing was changed", private=True),
        ),
    ),
    Experience(
        name="a button of an older version",
        point=0,
        acts=(ask(FOX), aged("again", "remix"), press("Again", "older version", "nothing was charged", private=True)),
        charged=1,
    ),
]
