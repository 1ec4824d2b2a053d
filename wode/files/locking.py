"""One process at a time: a lock that the system opens again when its holder dies."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from wode.files.atomic import PathLike


class InUseError(OSError):
    """Another process, or another part of this one, holds what was asked for."""


@contextlib.contextmanager
def alone_with(lock: PathLike, what: PathLike) -> Iterator[None]:
    """Hold the file ``lock`` for the block: nobody else may write ``what`` meanwhile.

    The lock is the system's, and not the file's existence: the file stays, its folder is made if it
    is not there, and a process that was killed leaves nothing locked.

    Raises:
        InUseError: somebody else holds it; this one does not wait.
        OSError: the folder cannot be made or written.
    """
    import filelock

    lock = Path(lock)
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = filelock.FileLock(lock)
    try:
        held.acquire(timeout=0)
    except filelock.Timeout:
        raise InUseError(
            f"{what} is in use by another process, which writes there: wait for its end, or give "
            "another one"
        ) from None
    try:
        yield
    finally:
        held.release()
