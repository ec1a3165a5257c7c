"""Point 8: what holds in a server or workspace."""

from e2e.experience.acts import Play, ask, command, then
from e2e.experience.row import FOX, Experience

from sandbox.stage import SlackStage

SAFETY = [
    Experience(
        name="a word that is not allowed, as a whole",
        point=8,
        settings={"quota_credits": 20},
        acts=(
            command("imagine-settings server", "ass", arguments={"words": "ass, blue moon"}, who="admin"),
            ask("a first class fox --raw"),
            ask("a Blue  Moon", "“blue moon”", "Nothing was charged", pictures=0),
        ),
        charged=1,
    ),
    Experience(
        name="a channel that gets each picture",
        point=8,
        settings={"quota_credits": 20},
        acts=(
            command("imagine-settings server", "log", arguments={"log": "record"}, who="admin"),
            ask(FOX),
            then(lambda play: _logged(play, pictures=1, says="a red fox")),
        ),
        charged=1,
    ),
    Experience(
        name="covered pictures",
        point=8,
        only="discord",
        settings={"quota_credits": 20},
        acts=(
            command("imagine-settings server", "spoilers", arguments={"spoilers": "on"}, who="admin"),
            ask(FOX, spoilers=1),
        ),
        charged=1,
    ),
    Experience(
        name="only in age-restricted channels",
        point=8,
        only="discord",
        settings={"quota_credits": 20},
        acts=(
            command("imagine-settings server", "restricted", arguments={"restricted": "on"}, who="admin"),
            ask(FOX, "only in age-restricted channels", "Nothing was charged", pictures=0),
        ),
    ),
]


def _logged(play: Play, *, pictures: int, says: str) -> None:
    """What stands in the channel for the record."""
    [entry] = play.stage.read_channel("record")
    assert len(entry.pictures) == pictures
    # Slack knows no mention of somebody that is silent where they are a member.
    assert entry.pings == [] or isinstance(play.stage, SlackStage)
    assert says in entry.text, entry.text
