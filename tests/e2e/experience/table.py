"""The second table: every row, in the order of the issue's points."""

from e2e.experience.accessible import ACCESSIBLE
from e2e.experience.bad_input import BAD_INPUT
from e2e.experience.data import DATA
from e2e.experience.languages import LANGUAGES
from e2e.experience.mine import MINE
from e2e.experience.places import PLACES
from e2e.experience.results import RESULTS
from e2e.experience.safety import SAFETY
from e2e.experience.several import SEVERAL
from e2e.experience.waiting import WAITING

EXPERIENCES = [*RESULTS, *WAITING, *PLACES, *SEVERAL, *MINE, *DATA, *LANGUAGES, *SAFETY, *ACCESSIBLE, *BAD_INPUT]
