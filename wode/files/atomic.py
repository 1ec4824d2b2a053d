"""Files and folders that are written whole or not at all.

Nothing here needs torch: the book's own tools write this way, too.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PathLike = str | os.PathLike[str]
Write = Callable[[IO[bytes]], object]  # fills a file that is open


def write_atomically(path: PathLike, write: Write) -> Path:
    """Let ``write(file)`` fill a new file, then put it in the place of ``path`` in one step.

    Killed at any moment, or out of disk: ``path`` holds its old content or the new, never a part.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")  # same folder: across disks a rename is a copy
    try:
        with partial.open("wb") as file:
            write(file)
        put_in_place(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return path


def put_in_place(partial: Path, path: Path) -> None:
    """Give what is finished its name, in one step, once its bytes are on the disk."""
    to_disk(partial)  # before the name points to it
    partial.replace(path)
    to_disk(path.parent)  # the name is a line in the folder


def to_disk(path: Path) -> None:
    """Force a file, or a folder's list of names, from the system's memory to the disk."""
    if path.is_dir() and os.name != "posix":  # Windows cannot open a folder
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: PathLike, text: str) -> Path:
    """`write_atomically` for a text: UTF-8, its lines end as they do in ``text``."""
    return write_atomically(path, lambda file: file.write(text.encode()))


@contextlib.contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """A new folder of files to fill; after the block it stands in the place of ``path``.

    Killed at any moment: ``path`` is the old folder, or the new, or not there, never a part; the
    next call removes what was left beside it. One process at a time, so hold a lock.
    """
    partial, old = (path.with_name(f"{path.name}.{kind}") for kind in ("part", "old"))
    try:
        for leftover in (partial, old):
            shutil.rmtree(leftover, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        for file in partial.iterdir():
            to_disk(file)
        if path.exists():  # a folder cannot be renamed onto another
            path.rename(old)
            shutil.rmtree(old)  # before the last step, after which nobody looks for leftovers
        put_in_place(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
