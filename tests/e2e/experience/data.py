"""Point 6: what is kept of a person."""

from e2e.experience.acts import ask, command, press
from e2e.experience.row import FOX, Experience

from sandbox.stage import Place

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
