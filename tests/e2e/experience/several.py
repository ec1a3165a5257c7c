"""Point 4: several prompts at once."""

from e2e.experience.acts import Act, Play, ask, fill, no_button, press, see, then, turned
from e2e.experience.row import FOX, Experience

LINE = "{red,blue} fox in {snow,sand} --raw"
DRAFT = ask(
    LINE,
    "4 pictures for 4 credits; 20 credits left",
    "Draw them?",
    pictures=0,
    private=True,
    buttons=frozenset({"Draw", "Discard"}),
)


def _each_was_drawn(play: Play) -> None:
    """Everything that the braces stand for, once."""
    prompts = sorted(call.prompt for call in play.dashscope.calls[-4:])
    assert prompts == ["blue fox in sand", "blue fox in snow", "red fox in sand", "red fox in snow"]


SEVERAL = [
    Experience(
        name="several prompts, confirmed",
        point=4,
        acts=(
            DRAFT,
            press("Draw", "16 credits left", pictures=4, private=False),
            then(_each_was_drawn),
            no_button("Draw", on=0),
        ),
        charged=4,
    ),
    Experience(
        name="several prompts, discarded",
        point=4,
        acts=(DRAFT, press("Discard", "Discarded", buttons=frozenset()), turned(on=0)),
    ),
    Experience(
        name="several prompts, confirmed twice",
        point=4,
        acts=(
            DRAFT,
            Act(do=press("Draw").do, quiet=True),
            press("Draw", "said yes to that before", "Nothing was charged", private=True),
            see(pictures=4),
        ),
        charged=4,
    ),
    Experience(
        name="several prompts of a form",
        point=4,
        acts=(
            ask(FOX),
            press("Edit", opens=("a red fox",)),
            fill({"Prompt": "{red,blue} fox"}, "2 pictures for 2 credits", "Draw them?", private=True),
            press("Draw", "Edited from", pictures=2),
        ),
        charged=3,
    ),
    Experience(
        name="more prompts than are drawn at once",
        point=4,
        acts=(ask("{red,blue,white} fox in {snow,sand}", "ask for 6 pictures", "at most 4", pictures=0, private=True),),
    ),
    Experience(
        name="more prompts than the credits suffice for",
        point=4,
        settings={"quota_credits": 3},
        acts=(
            ask(LINE, "4 pictures for 4 credits; 3 credits left", pictures=0, private=True),
            press("Draw", "would cost 4 credits", "Nothing was charged", private=True),
        ),
    ),
]
