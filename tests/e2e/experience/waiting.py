"""Point 2: what people read while they wait, and how they call it off."""

from collections import Counter
from typing import TYPE_CHECKING

from e2e.experience.acts import Act, Play, ask, eventually, hold, press, release, see, taken, then, turned
from e2e.experience.row import FOX, Experience
from e2e.ledger import rows

from sandbox.stage import DiscordStage, SlackStage

if TYPE_CHECKING:
    from sandbox.discord import Message


def begin(line: str, who: str = "me") -> Act:
    """`/imagine line`, and no waiting for what comes of it."""
    return Act(do=ask(line, who=who).do, quiet=True)


def _edited_thrice(play: Play) -> None:
    """That it waits, that it is drawn, and the picture: not for each of the places that it went forward."""
    assert isinstance(play.stage, DiscordStage)
    edits = Counter(path for method, path, _ in play.stage.discord.requests if method == "PATCH")
    assert max(edits.values()) == 3


def _lagging(*acts: Act) -> tuple[Act, ...]:
    """After `acts` the message read before them still stands as it was, on the screen of a client that lags behind."""
    shown: list[Message] = []

    def keep(play: Play) -> None:
        assert isinstance(play.stage, DiscordStage)
        shown[:] = [play.stage.shown(play.seen[-1])]

    def put_back(play: Play) -> None:
        assert isinstance(play.stage, DiscordStage)
        play.stage.discord.put(shown[0])

    return then(keep), *acts, then(put_back)


def _nothing_else_was_said(play: Play) -> None:
    """One line for who waits, which is renewed; nothing in the channel."""
    assert isinstance(play.stage, SlackStage)
    mine = play.stage.person_id(play.name("me"))
    lines = [one for one in play.stage.slack.messages if one.ephemeral_for == mine]
    pictures = [one for one in play.stage.slack.messages if one.ephemeral_for is None]
    assert (len(lines), len(pictures)) == (1, 1)


def _in_line(play: Play) -> bool:
    """The others are: the first one's call has its time, and the second one stands behind it."""
    return rows(play.database, "SELECT COUNT(*), SUM(attempt) FROM generation WHERE settled IS NULL") == [(3, 2)]


OTHERS = tuple(begin(f"{FOX} --private", who=f"other{n}") for n in range(3))
MINE = begin("a blue fox --raw --seed 8")
# One call in 20 seconds: the first of them next, and after the third it is mine.
SLOW: dict[str, object] = {"images_per_minute": 4, "shutdown_grace_s": 0}
FOURTH = (ask(FOX, who="other"), *OTHERS, eventually(_in_line), MINE)
BEING_DRAWN = (hold(), begin(FOX), see("Cancel", "How long?"), taken())

WAITING = [
    Experience(
        name="who waits reads how long, and calls it off",
        point=2,
        settings=SLOW,
        acts=(
            *FOURTH,
            see("Cancel", "3 commands are ahead of yours; about 80 s"),
            press("Cancel", "Cancelled, and nothing was drawn", "1 credit is back", buttons=frozenset()),
            turned(on=1),
        ),
        charged=4,
        calls=1,
    ),
    Experience(
        name="then it is drawn, and cannot be called off",
        point=2,
        only="discord",
        settings={"images_per_minute": 361},
        acts=(
            hold(),
            *OTHERS,
            MINE,
            see("Waiting …", buttons=frozenset({"Cancel"})),
            *_lagging(see("Drawing …", buttons=frozenset())),
            press("Cancel", "Too late to cancel", private=True),
            release(),
            see(pictures=1),
        ),
        charged=4,
    ),
    Experience(
        name="one edit in several seconds, however quickly the queue moves",
        point=2,
        only="discord",
        settings={"images_per_minute": 801},
        acts=(
            *OTHERS,
            *(begin(FOX, who=f"another{n}") for n in range(3)),
            MINE,
            see("Waiting …"),
            see("seed 8", pictures=1),
            then(_edited_thrice),
        ),
        charged=7,
    ),
    Experience(
        name="the word about waiting is renewed when asked for, and nothing else is said",
        point=2,
        only="slack",
        settings=SLOW,
        acts=(
            *FOURTH,
            see("Cancel", "How long?", "3 commands are ahead of yours; about 80 s", private=True),
            press(
                "How long?",
                "Waiting …",
                "3 commands are ahead of yours; about 80 s",
                buttons=frozenset({"Cancel", "How long?"}),
            ),
            turned(on=1),
            press("Cancel", "Cancelled, and nothing was drawn", "1 credit is back", buttons=frozenset()),
            turned(on=1),
            then(_nothing_else_was_said),
        ),
        charged=4,
        calls=1,
    ),
    Experience(
        name="who presses reads so, too",
        point=2,
        only="slack",
        acts=(
            ask(FOX),
            hold(),
            Act(do=press("Again").do, quiet=True),
            see("Drawing …", private=True, buttons=frozenset({"Cancel", "How long?"})),
            release(),
            see("Again of", pictures=1),
            ask("{red,blue} fox --raw", "Draw them?", pictures=0),
            hold(),
            Act(do=press("Draw").do, quiet=True),
            see("Drawing …", private=True, buttons=frozenset({"Cancel", "How long?"})),
            turned(on=3),
            release(),
            see(pictures=2),
        ),
        charged=4,
    ),
    Experience(
        name="who asks while it is drawn reads so",
        point=2,
        only="slack",
        acts=(
            *BEING_DRAWN,
            press("How long?", "Drawing …", buttons=frozenset({"How long?"})),
            release(),
            see(pictures=1),
        ),
        charged=1,
    ),
    Experience(
        name="too late to call it off",
        point=2,
        only="slack",
        acts=(
            *BEING_DRAWN,
            press("Cancel", "Too late to cancel", private=True),
            turned(on=0),
            release(),
            see(pictures=1),
        ),
        charged=1,
    ),
]
