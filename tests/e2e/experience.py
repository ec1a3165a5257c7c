"""The second table: what people press, fill in and choose, and what they then read, see and pay."""

from dataclasses import dataclass, field

from e2e.acts import Act, Play, ask, choose, command, fill, press, see, taken, then
from e2e.ledger import rows

from sandbox.stage import DiscordStage, Place, SlackStage, Watch

FOX = "a red fox --raw --seed 7"
UNDER = frozenset({"Again", "Edit", "Larger", "Delete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """`point` is that of the issue, 0 for bad input. With `settings` a bot of its own is started."""

    name: str
    point: int
    acts: tuple[Act, ...]
    charged: int = 0
    calls: int | None = None
    """None: one for each credit."""
    only: str | None = None
    locale: str = "en-US"
    settings: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.point}-{self.name.replace(' ', '-')}"


BUTTONS = [
    Experience(
        name="again, with another seed and a word of where it came from",
        point=1,
        acts=(ask(FOX, "seed 7", buttons=UNDER), press("Again", "Again of", pictures=1, says_not=("seed 7",))),
        charged=2,
    ),
    Experience(
        name="edit, in a form that holds what was asked for",
        point=1,
        acts=(
            ask(f"{FOX} --ar 16:9"),
            press("Edit", opens=("a red fox", "16:9", "7")),
            fill({"Prompt": "a blue fox"}, "Edited from", "1280×720", "seed 7", pictures=1),
        ),
        charged=2,
    ),
    Experience(
        name="edit its options too",
        point=1,
        acts=(
            ask(FOX),
            press("Edit", opens=("a red fox",)),
            fill({"Pictures": "2", "More options": "--raw --seed 9"}, "seeds 9, 10", pictures=2),
        ),
        charged=3,
    ),
    Experience(
        name="larger, with the same seed, until there is nothing larger",
        point=1,
        acts=(
            ask(f"{FOX} --size medium"),
            press("Larger", "Larger of", "1536×1536", "seed 7", pictures=1, buttons=UNDER - {"Larger"}),
        ),
        charged=2,
    ),
    Experience(
        name="larger, one of several",
        point=1,
        acts=(
            ask(f"{FOX} --n 2", pictures=2, buttons=UNDER - {"Larger"} | {"Larger 1", "Larger 2"}),
            press("Larger 2", "Larger of", "seed 8", pictures=1),
        ),
        charged=3,
    ),
    Experience(name="delete", point=1, acts=(ask(FOX), press("Delete", "Deleted", private=True)), charged=1),
    Experience(
        name="a moderator deletes",
        point=1,
        acts=(ask(FOX), press("Delete", "Deleted", who="admin", private=True)),
        charged=1,
    ),
    Experience(
        name="a private picture is shared",
        point=1,
        acts=(
            ask(f"{FOX} --private", private=True, buttons=UNDER | {"Share"}),
            press("Share", "hared", pictures=1, private=False, place="#general"),
            command("imagine-history", "a red fox", private=True),
        ),
        charged=1,
    ),
    Experience(
        name="again says when the credits do not suffice",
        point=1,
        settings={"quota_credits": 1},
        acts=(ask(FOX), press("Again", "would cost 1 credit", "Nothing was charged", private=True)),
        charged=1,
    ),
]


def begin(line: str, who: str = "me") -> Act:
    """`/imagine line`, and no waiting for what comes of it."""
    act = ask(line, who=who)
    return Act(do=act.do, quiet=True)


SLOW: dict[str, object] = {"images_per_minute": 2, "shutdown_grace_s": 0}

WAITING = [
    Experience(
        name="who waits reads how long, and calls it off",
        point=2,
        settings=SLOW,
        acts=(
            ask(FOX, who="other"),
            *(begin(f"{FOX} --private", who=f"other{n}") for n in range(3)),
            begin("a blue fox --raw"),
            see("Cancel", "bout"),
            press("Cancel", "Cancelled, and nothing was drawn", "1 credit is back", buttons=frozenset()),
        ),
        charged=4,
        calls=1,
    ),
    Experience(
        name="the word about waiting is renewed when asked for",
        point=2,
        only="slack",
        settings=SLOW,
        acts=(
            ask(FOX, who="other"),
            begin("a blue fox --raw"),
            see("Cancel", "How long?"),
            press("How long?", "Waiting …", "bout"),
        ),
        charged=2,
        calls=1,
    ),
]


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

DRAFT = ask("{red,blue} fox in {snow,sand} --raw", "4 pictures for 4 credits", "Draw them?", pictures=0, private=True)

SEVERAL = [
    Experience(name="several prompts, confirmed", point=4, acts=(DRAFT, press("Draw", pictures=4)), charged=4),
    Experience(
        name="several prompts, discarded",
        point=4,
        acts=(DRAFT, press("Discard", "Discarded", buttons=frozenset())),
    ),
    Experience(
        name="several prompts, confirmed twice",
        point=4,
        acts=(
            DRAFT,
            Act(do=press("Draw").do, quiet=True),
            press("Draw", "harged", pictures=0),
            see(pictures=4),
        ),
        charged=4,
    ),
]


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

DATA = [
    Experience(
        name="one's data as a file",
        point=6,
        acts=(ask(FOX), command("imagine-data export", files=1, private=True, place=Place.DM)),
        charged=1,
    ),
    Experience(
        name="one's data erased, and the books as they were",
        point=6,
        acts=(
            ask(FOX),
            command("imagine-data erase", "Erase my data", private=True),
            press("Erase my data", "rased", private=True),
            press("Again", "not on record", private=True, on=0),
            command("imagine-history", "no pictures here yet"),
        ),
        charged=1,
    ),
]

LANGUAGES = [
    Experience(
        name="in the reader's language",
        point=7,
        locale="de",
        acts=(
            ask("a red fox --seed 7", buttons=frozenset({"Noch einmal", "Bearbeiten", "Vergrößern", "Löschen"})),
            press("Noch einmal", "Noch einmal: ", "Überarbeiteter Prompt", pictures=1),
            command("imagine-history", "Bilder", private=True),
        ),
        charged=4,
        calls=2,
    ),
]

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


ACCESSIBLE = [
    Experience(
        name="a picture is described in the model's words",
        point=9,
        acts=(ask("a red fox", pictures=1, alt="[sandbox rewrite] a red fox"),),
        charged=2,
        calls=1,
    ),
    Experience(
        name="each of several prompts describes its picture",
        point=9,
        acts=(
            ask("{red,blue} fox --raw", "Draw them?", pictures=0),
            press("Draw", "red fox", "blue fox", pictures=2, alt=" fox"),
        ),
        charged=2,
    ),
]


def aged(old: str, new: str) -> Act:
    """The message read last is one of an older version of the bot."""

    def age(play: Play) -> None:
        play.seen.append(play.stage.aged(play.seen[-1], old, new))

    return then(age)


def _to_another_server(play: Play) -> None:
    assert isinstance(play.stage, DiscordStage)
    play.seen.append(play.stage.elsewhere(play.seen[-1]))


def _without_row(play: Play) -> None:
    rows(play.database, "DELETE FROM picture")
    rows(play.database, "DELETE FROM generation WHERE settled IS NOT NULL")


BAD_INPUT = [
    Experience(
        name="a button of a deleted row",
        point=0,
        settings={"quota_credits": 20},
        acts=(ask(FOX), then(_without_row), press("Again", "not on record", "nothing was charged", private=True)),
        calls=1,
    ),
    Experience(
        name="a button of another person",
        point=0,
        acts=(
            ask(FOX),
            *(press(label, "Only whoever asked", who="other", private=True) for label in sorted(UNDER)),
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
        name="pressed twice",
        point=0,
        acts=(
            ask(FOX),
            then(lambda play: play.dashscope.hold()),
            Act(do=press("Again").do, quiet=True),
            press("Again", "being drawn already", "Nothing was charged", private=True, on=0),
            then(lambda play: play.dashscope.release()),
            see(pictures=1),
        ),
        charged=2,
    ),
    Experience(
        name="pressed at 14:59 minutes, and drawn after the way back is closed",
        point=0,
        acts=(
            ask(FOX),
            then(lambda play: play.stage.advance(15 * 60 - 1)),
            then(lambda play: play.dashscope.hold()),
            Act(do=press("Again").do, quiet=True),
            taken(),
            then(lambda play: play.stage.advance(31 * 60)),
            then(lambda play: play.dashscope.release()),
            see("Again of", pictures=1, private=False, place="#general"),
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
        name="a button of an older version",
        point=0,
        acts=(ask(FOX), aged("again", "remix"), press("Again", "older version", "nothing was charged", private=True)),
        charged=1,
    ),
]

EXPERIENCES = [*BUTTONS, *WAITING, *PLACES, *SEVERAL, *MINE, *DATA, *LANGUAGES, *SAFETY, *ACCESSIBLE, *BAD_INPUT]
