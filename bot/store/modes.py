"""Who may read the database's files: the user that the bot runs as, and nobody else.

They hold prompts, and for as long as a generation is open also what answers it: interaction tokens, response_urls and
signed links.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def make_private(path: Path) -> None:
    """Have the database `path` and what lies beside it closed to other users; makes file and folder where missing.

    A folder that exists is left as it is: others may have their files in it. Raises OSError where the file cannot be
    made; one that can be used but not tightened, as on a volume without modes, is used and the log says so.
    """
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    # Made here and not by SQLite, so that it is never open to others; SQLite gives its log and its index the same mode.
    # Only where there is none: to close a file of SQLite's would also let go of the locks that this process has on it.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, FILE_MODE))
    for file in (path, *(path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm", ".lock"))):
        _tighten(file)


def _tighten(file: Path) -> None:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if not mode & _OTHERS:
            return
        file.chmod(mode & ~_OTHERS)
    except FileNotFoundError:
        # Not there yet, or gone with the process that had it.
        return
    except OSError as error:
        log.warning("file is open to other users", file=str(file), error=str(error))
    else:
        log.warning("file was open to other users", file=str(file), was=f"{mode:04o}", now=f"{mode & ~_OTHERS:04o}")
