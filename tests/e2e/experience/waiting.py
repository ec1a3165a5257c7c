"""Point 2: what people read while they wait, and how they call it off."""

from e2e.experience.acts import Act, ask, press, see
from e2e.experience.row import FOX, Experience


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
