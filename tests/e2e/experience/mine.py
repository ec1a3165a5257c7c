"""Point 5: a person's history and settings, and those of a channel."""

from e2e.experience.acts import Act, Play, ask, choose, command, press
from e2e.experience.row import FOX, Experience

from sandbox.stage import Place, SlackStage, Watch


async def _home(play: Play) -> Watch:
    assert isinstance(play.stage, SlackStage)
    watching = play.stage.watch(play.name("me"))
    await play.stage.home(who=play.name("me"))
    return watching


MINE = [
    Experience(
        name="the history, page by page, and again from it",
        point=5,
        acts=(
            *(ask(f"fox {n} --raw") for n in range(5)),
            command("imagine-history", "fox 4", "fox 1", says_not=("fox 0",), private=True),
            press("Older", "fox 0", says_not=("fox 4",)),
            press("Again 5", "Again of", pictures=1),
            command("imagine-history", "fox 4", private=True),
            press("Edit 2", opens=("fox 4",)),
        ),
        charged=6,
    ),
    Experience(
        name="nothing in the history",
        point=5,
        acts=(command("imagine-history", "no pictures here yet", private=True),),
    ),
    Experience(
        name="a setting of one's own holds for the next picture",
        point=5,
        acts=(
            command("imagine-settings mine", "Your settings", private=True),
            choose("Aspect ratio", "16:9", "16:9"),
            ask("a red fox --raw", "1280×720"),
        ),
        charged=1,
    ),
    Experience(
        name="a channel without pictures",
        point=5,
        acts=(
            ask(FOX),
            command("imagine-settings channel", "Only people who manage", arguments={"pictures": "off"}),
            command("imagine-settings channel", "off", arguments={"pictures": "off"}, who="admin", private=True),
            press("Again", "pictures off in this channel", "Nothing was charged", private=True),
            command("imagine-settings channel", "default", arguments={"pictures": "default"}, who="admin"),
            press("Again", "Again of", pictures=1),
        ),
        charged=2,
    ),
    Experience(
        name="the App Home: quota, history and settings",
        point=5,
        only="slack",
        acts=(
            ask(FOX),
            Act(do=_home, says=("19 of 20 credits left", "a red fox"), private=True),
            press("Again 1", "Again of", pictures=1, place=Place.DM),
        ),
        charged=2,
    ),
]
