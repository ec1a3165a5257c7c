"""Point 8: what holds in a server or workspace."""

from e2e.experience.acts import Act, Play, ask, command, fill, press, then
from e2e.experience.row import FOX, Experience

from sandbox.stage import DiscordStage, SlackStage

# Rules are the whole place's: nobody else shares the bot.
ALONE: dict[str, object] = {"quota_credits": 20}


def rule(*says: str, **setting: str | bool) -> Act:
    """An admin makes it, and reads what is so now."""
    return command("imagine-settings server", *says, arguments=setting, who="admin", private=True)


def logged(*says: str, pictures: int) -> Act:
    """What stands in the channel for the record: who asked, and what for."""

    def check(play: Play) -> None:
        [entry] = play.stage.read_channel("record")
        assert (len(entry.pictures), entry.buttons) == (pictures, ())
        assert all(entry.alt_texts)
        # Slack knows no mention of somebody that is silent where they are a member.
        assert entry.pings == [] or isinstance(play.stage, SlackStage)
        assert all(words in entry.text for words in (play.id_of("me"), *says)), entry.text

    return then(check)


def _for_adults(play: Play) -> None:
    assert isinstance(play.stage, DiscordStage)
    play.stage.discord.channel.nsfw = True


SAFETY = [
    Experience(
        name="a word that is not allowed, as a whole",
        point=8,
        settings=ALONE,
        acts=(
            rule("ass", words="ass, blue moon"),
            ask("a first class fox --raw"),
            ask("a fox on an Ass", "“ass”", "Nothing was charged", pictures=0, private=True),
            ask("a Blue  Moon", "“blue moon”", "Nothing was charged", pictures=0, private=True),
            press("Edit", opens=("a first class fox",)),
            fill({"Prompt": "a blue moon"}, "“blue moon”", "Nothing was charged", private=True),
        ),
        charged=1,
    ),
    Experience(
        name="a channel that gets each picture",
        point=8,
        settings=ALONE,
        acts=(rule("log in", log="record"), ask(FOX), logged("a red fox", pictures=1)),
        charged=1,
    ),
    Experience(
        name="a channel that is told of a private picture, and does not get it",
        point=8,
        settings=ALONE,
        acts=(rule("log in", log="record"), ask(f"{FOX} --private", private=True), logged("private", pictures=0)),
        charged=1,
    ),
    Experience(
        name="a channel that gets no more pictures",
        point=8,
        only="discord",
        settings=ALONE,
        acts=(
            rule("log in", log="record"),
            ask(FOX),
            rule("default (before: log in", **{"stop-log": True}),
            ask(FOX),
            logged("a red fox", pictures=1),
        ),
        charged=2,
    ),
    Experience(
        name="covered pictures",
        point=8,
        only="discord",
        settings=ALONE,
        acts=(rule("spoilers", spoilers="on"), ask(FOX, spoilers=1)),
        charged=1,
    ),
    Experience(
        name="only in age-restricted channels",
        point=8,
        only="discord",
        settings=ALONE,
        acts=(
            rule("age-restricted", restricted="on"),
            ask(FOX, "only in age-restricted channels", "Nothing was charged", pictures=0, private=True),
            then(_for_adults),
            ask(FOX),
        ),
        charged=1,
    ),
    Experience(
        name="Slack knows neither covers nor age",
        point=8,
        only="slack",
        acts=(
            rule("Slack has no such thing as spoilers", spoilers="on"),
            rule("Slack has no such thing as restricted", restricted="on"),
        ),
    ),
]
