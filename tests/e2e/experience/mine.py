"""Point 5: a person's history and settings, and those of a channel."""

from collections.abc import Mapping

from e2e.experience.acts import Act, Play, ask, choose, command, fill, press, then, turned
from e2e.experience.places import shortcut
from e2e.experience.row import FOX, Experience
from e2e.ledger import rows

from sandbox.stage import DiscordStage, Place, SlackStage, Watch


async def _home(play: Play) -> Watch:
    assert isinstance(play.stage, SlackStage)
    watching = play.stage.watch(play.name("me"))
    await play.stage.home(who=play.name("me"))
    return watching


def leads_to(label: str, on: int) -> Act:
    """That button of what was read last leads to the message `on` of those read, and so do its words."""

    def check(play: Play) -> None:
        assert play.seen[-1].links[label].endswith(play.address(on))
        assert play.address(on) in play.seen[-1].text

    return then(check)


def _buttons(entries: range, *turning: str) -> frozenset[str]:
    return frozenset({*(f"{does} {n}" for n in entries for does in ("Again", "Edit", "Open")), *turning})


def completed(option: str, typed: str, *offered: str, values: Mapping[str, object] | None = None) -> Act:
    """What Discord's client offers below an option of `/imagine` while it is typed."""

    async def do(play: Play) -> None:
        assert isinstance(play.stage, DiscordStage)
        me = play.stage.person_id(play.name("me"))
        [user] = [one for one in play.stage.discord.people if str(one.id) == me]
        assert await play.stage.discord.complete("imagine", option, typed, values, user=user) == list(offered)

    return Act(do=do)


def _ruled(play: Play) -> None:
    """Each change is a row of its own, with who made it: the rules are the record of who changed what."""
    kinds = rows(play.database, "SELECT kind, applies FROM rule WHERE kind = 'channel' ORDER BY at DESC LIMIT 2")
    assert kinds == [("channel", 0), ("channel", 1)]


def _offers_shapes_and_sizes(play: Play) -> None:
    assert play.form is not None
    fields = play.form.fields
    assert {"1:1", "16:9", "9:16"} <= set(fields["Aspect ratio"].options)
    assert fields["Size"].options == ("small", "medium", "large")


MINE = [
    Experience(
        name="the history, page by page, and again from it",
        point=5,
        acts=(
            *(ask(f"fox {n} --raw") for n in range(5)),
            command(
                "imagine-history",
                "fox 4",
                "fox 1",
                says_not=("fox 0",),
                private=True,
                buttons=_buttons(range(1, 5), "Older"),
            ),
            leads_to("Open 1", on=4),
            press("Older", "fox 0", says_not=("fox 4",), buttons=_buttons(range(5, 6), "Newer")),
            turned(on=5),
            leads_to("Open 5", on=0),
            press("Again 5", "Again of", "fox 0", pictures=1),
            press("Newer", "fox 4", private=True),
            press("Edit 3", opens=("fox 3",)),
        ),
        charged=6,
    ),
    Experience(
        name="nothing in the history",
        point=5,
        acts=(command("imagine-history", "no pictures here yet", private=True),),
    ),
    Experience(
        name="settings of one's own hold for the next picture, and what is typed goes before",
        point=5,
        acts=(
            command("imagine-settings mine", "Your settings", private=True),
            choose("Aspect ratio", "16:9", "Aspect ratio: 16:9", "Pictures: default"),
            turned(on=0),
            choose("Size", "medium", "Aspect ratio: 16:9", "Size: medium"),
            choose("Pictures", "2", "Pictures: 2"),
            choose("Let the model enrich the prompt", "off", "Let the model enrich the prompt: off"),
            choose("For your eyes only", "on", "For your eyes only: on", private=True),
            ask("a red fox", "1536×864", "18 credits left", pictures=2, private=True),
            ask("a red fox --size 512x512 --n 1 --public", "512×512", private=False),
        ),
        charged=3,
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
        name="a channel's defaults, which one's own go before",
        point=5,
        acts=(
            command("imagine-settings channel", "16:9", arguments={"aspect": "16:9"}, who="admin", private=True),
            ask("a red fox --raw", "1280×720"),
            command("imagine-settings mine", "Aspect ratio: 16:9, from this channel"),
            choose("Aspect ratio", "9:16", "Aspect ratio: 9:16"),
            ask("a red fox --raw", "720×1280"),
            command("imagine-settings channel", "default", arguments={"aspect": "default"}, who="admin"),
            then(_ruled),
        ),
        charged=2,
    ),
    Experience(
        name="what is typed is completed, from one's own prompts alone",
        point=5,
        only="discord",
        acts=(
            ask("a green fox --raw"),
            ask("a gray fox --raw", who="other"),
            completed("prompt", "", "a green fox"),
            completed("prompt", "a gr", "a gr", "a green fox"),
            completed("aspect", "16", "16:9", values={"prompt": "x"}),
            completed("size", "me", "medium", values={"prompt": "x"}),
            completed("size", "1000x800", "1000x800", values={"prompt": "x"}),
        ),
        charged=2,
    ),
    Experience(
        name="aspect and size are chosen from menus",
        point=5,
        only="slack",
        acts=(
            Act(do=shortcut, opens=("",)),
            then(_offers_shapes_and_sizes),
            fill({"Prompt": "a fox --raw", "Aspect ratio": "16:9", "Size": "small"}, "1280×720", pictures=1),
        ),
        charged=1,
    ),
    Experience(
        name="the App Home: quota, history and settings",
        point=5,
        only="slack",
        acts=(
            ask(FOX),
            command("imagine-settings images=2", "Pictures: 2", private=True),
            Act(
                do=_home,
                says=("█", "19 of 20 credits left", "a red fox", "Your settings"),
                private=True,
                holds={"Pictures": "2"},
            ),
            leads_to("Open 1", on=0),
            choose("Pictures", "default", "Your settings", holds={"Pictures": "default"}),
            choose("Aspect ratio", "16:9", "Your settings", holds={"Aspect ratio": "16:9"}),
            press("Again 1", "Again of", pictures=1, place=Place.DM),
            press("Edit 1", opens=("a red fox",)),
        ),
        charged=2,
    ),
]
