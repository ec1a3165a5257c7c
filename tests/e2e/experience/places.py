"""Point 3: wherever people are."""

from e2e.experience.acts import Act, Play, ask, fill, press, then
from e2e.experience.row import FOX, UNDER, Experience

from sandbox.slack import Message
from sandbox.stage import DiscordStage, Place, SlackStage, Watch


def ask_in_thread(line: str) -> Act:
    """As that is done on the platform: a command on Discord, a mention on Slack."""

    async def do(play: Play) -> Watch:
        return await play.stage.imagine_in_thread(line, who=play.name("me"))

    return Act(do=do, pictures=1, in_thread=True, private=False)


def imagine_this(text: str, *opens: str, in_thread: bool = False) -> Act:
    """Of a message that somebody wrote."""

    async def do(play: Play) -> Watch:
        return await play.stage.imagine_this(text, who=play.name("me"), in_thread=in_thread)

    return Act(do=do, opens=opens)


def in_the_thread_of(said: str) -> Act:
    """Where it was asked for, and in no other thread."""

    def check(play: Play) -> None:
        message = play.seen[-1].at
        if isinstance(play.stage, SlackStage) and isinstance(message, Message):
            [root] = [one for one in play.stage.slack.messages if one.ts == message.thread_ts]
            assert root.text == said

    return then(check)


async def _mention(play: Play) -> Watch:
    assert isinstance(play.stage, SlackStage)
    watching = play.stage.watch(play.name("me"))
    person = next(one for one in play.stage.slack.people if one.id == play.stage.person_id(play.name("me")))
    await play.stage.slack.mention(FOX, user=person)
    return watching


def _not_here(play: Play) -> None:
    """The picture stands in the server of others, where a channel may have the same name."""
    assert isinstance(play.stage, DiscordStage)
    message = play.stage.shown(play.seen[-1])
    guild = play.stage.discord.channel_of(message).guild
    assert guild is not None
    assert not guild.installed


async def shortcut(play: Play) -> Watch:
    assert isinstance(play.stage, SlackStage)
    return await play.stage.shortcut(who=play.name("me"))


def _again_there(where: Place, place: str, *checks: Act) -> Experience:
    return Experience(
        name=f"in {where.value}, and again there",
        point=3,
        only="discord",
        acts=(ask(FOX, where=where, place=place), press("Again", "Again of", pictures=1, place=place), *checks),
        charged=2,
    )


PLACES = [
    Experience(
        name="imagine this",
        point=3,
        acts=(
            imagine_this("a fox in **snow**", "a fox in **snow**"),
            fill({"More options": "--raw"}, pictures=1, private=False),
        ),
        charged=1,
    ),
    Experience(
        name="imagine this, in a thread",
        point=3,
        acts=(
            imagine_this("a fox in snow", "a fox", in_thread=True),
            fill({"More options": "--raw"}, pictures=1, in_thread=True),
            in_the_thread_of("what about a picture?"),
        ),
        charged=1,
    ),
    Experience(
        name="imagine this, below the message",
        point=3,
        only="slack",
        acts=(
            imagine_this("a fox in snow", "a fox"),
            fill({"More options": "--raw"}, pictures=1, place="#general", in_thread=True),
            in_the_thread_of("a fox in snow"),
        ),
        charged=1,
    ),
    Experience(
        name="a mention in a channel, and again there",
        point=3,
        only="slack",
        acts=(
            Act(do=_mention, pictures=1, private=False, place="#general", in_thread=False, buttons=UNDER),
            press("Again", "Again of", pictures=1, place="#general", in_thread=False),
        ),
        charged=2,
    ),
    Experience(
        name="in a thread, and again there",
        point=3,
        acts=(
            ask_in_thread(FOX),
            press("Again", "Again of", pictures=1, in_thread=True),
            in_the_thread_of("what about a picture?"),
        ),
        charged=2,
    ),
    Experience(
        name="by a shortcut away from any message",
        point=3,
        only="slack",
        acts=(Act(do=shortcut, opens=("",)), fill({"Prompt": "a fox --raw"}, pictures=1, place=Place.DM)),
        charged=1,
    ),
    _again_there(Place.FORUM, "#aside"),
    _again_there(Place.VOICE, "#lounge"),
    _again_there(Place.GROUP, Place.GROUP),
    _again_there(Place.FOREIGN, "#general", then(_not_here)),
    Experience(
        name="in a direct message, and again there",
        point=3,
        acts=(ask(FOX, where=Place.DM, place=Place.DM), press("Again", "Again of", pictures=1, place=Place.DM)),
        charged=2,
    ),
]
