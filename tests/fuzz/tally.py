"""What became of the texts that were tried: the test counts, the end of the run prints."""

from collections import Counter
from typing import Final

import pytest

TALLY: Final = pytest.StashKey[Counter[str]]()
