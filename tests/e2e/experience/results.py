"""Point 1: the buttons under every result."""

from e2e.experience.acts import ask, command, fill, press
from e2e.experience.row import FOX, UNDER, Experience

RESULTS = [
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
