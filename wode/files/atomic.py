"""A file that is written whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

PathLike = str | os.PathLike[str]


def write_atomically(path: PathLike, write: Callable[[IO[bytes]], None]) -> Path:
    """Let ``write(file)`` fill a new file, then put it in the place of ``path`` in one step.

    Killed at any moment, or out of disk: ``path`` holds its old content or the new, never a part.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")  # same folder: across disks a rename is a copy
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()  # from Python's buffer to the system
            os.fsync(file.fileno())  # from the system to the disk, before the name points to it
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name, too, must reach the disk; Windows cannot open a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return path
