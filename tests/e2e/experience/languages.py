"""Point 7: in the reader's language."""

from e2e.experience.acts import ask, command, press
from e2e.experience.row import Experience

LANGUAGES = [
    Experience(
        name="in the reader's language",
        point=7,
        locale="de",
        acts=(
            ask("a red fox --seed 7", buttons=frozenset({"Noch einmal", "Bearbeiten", "Größer", "Löschen"})),
            press("Noch einmal", "Noch einmal: ", "Überarbeiteter Prompt", pictures=1),
            command("imagine-history", "Bilder", private=True),
        ),
        charged=4,
        calls=2,
    ),
]
