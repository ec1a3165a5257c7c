"""Point 3: wherever people are."""

from e2e.experience.acts import Act, Play, ask, fill, press
from e2e.experience.row import FOX, Experience

from sandbox.stage import Place, SlackStage, Watch


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


async def _shortcut(play: Play) -> Watch:
    assert isinstance(play.stage, SlackStage)
    return await play.stage.shortcut(who=play.name("me"))


def _again_there(where: Place, place: str) -> Experience:
    return Experience(
        name=f"in {where.value}, and again there",
        point=3,
        only="discord",
        acts=(ask(FOX, where=where, place=place), press("Again", "Again of", pictures=1, place=place)),
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
        ),
        charged=1,
    ),
    Experience(
        name="in a thread, and again there",
        point=3,
        acts=(ask_in_thread(FOX), press("Again", "Again of", pictures=1, in_thread=True)),
        charged=2,
    ),
    Experience(
        name="by a shortcut away from any message",
        point=3,
        only="slack",
        acts=(Act(do=_shortcut, opens=("",)), fill({"Prompt": "a fox --raw"}, pictures=1, place=Place.DM)),
        charged=1,
    ),
    _again_there(Place.FORUM, "#aside"),
    _again_there(Place.VOICE, "#lounge"),
    _again_there(Place.GROUP, Place.GROUP),
    _again_there(Place.FOREIGN, "#general"),
    Experience(
        name="in a direct message, and again there",
        point=3,
        acts=(ask(FOX, where=Place.DM, place=Place.DM), press("Again", "Again of", pictures=1, place=Place.DM)),
        charged=2,
    ),
]
