"""Point 4: several prompts at once."""

from e2e.experience.acts import Act, ask, press, see
from e2e.experience.row import Experience

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
