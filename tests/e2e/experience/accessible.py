"""Point 9: for those who do not see the picture."""

from e2e.experience.acts import ask, press
from e2e.experience.row import Experience

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
