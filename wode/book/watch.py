"""Which files the Python code of a page opens and which folders it lists, by one audit hook."""

import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
#: The events that make a file or folder, list a folder, and which argument names it.
_MADE = {"os.mkdir": 0, "os.rename": 1}
_LISTED = {"os.listdir", "os.scandir"}
_STARTED = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"}


class Watch:
    """Notes what is read and written between ``begin`` and ``end``.

    What is read is written down in a file, which forked processes (the workers of a DataLoader)
    inherit with the hook. What no hook sees: files that compiled code opens (safetensors, torch's
    own readers), questions whether a file is there, and whatever a started program does; that one
    was started is noted.
    """

    started = False  # whether a program was started

    def __init__(self) -> None:
        self._written: list[str] | None = None
        self._roots: tuple[str, ...] = ()
        self._log = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (open as long as we live)
        self._seen: set[str] = set()
        sys.addaudithook(self._hook)

    def begin(self, roots: Iterable[Path]) -> None:
        """Note from now on what is written anywhere, and what is read in these folders."""
        self._log.truncate(0)
        self._log.seek(0)
        self._seen, self.started = set(), False
        self._roots = tuple(os.path.join(os.path.realpath(root), "") for root in roots)
        self._written = []

    def end(self) -> list[str]:
        """Note no more; return the paths that were written."""
        written, self._written = self._written or [], None
        return written

    def read(self) -> set[str]:
        """The paths in the folders that were read or listed, also those that were not there."""
        self._log.seek(0)
        return set(map(os.fsdecode, self._log.read().split(b"\0")[:-1]))

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._written is None:
            return
        if event == "open":
            path, mode, flags = arguments
            if not isinstance(path, str | bytes | os.PathLike):
                return
            if any(c in mode for c in "wax+") if mode else bool((flags or 0) & _WRITING):
                self._written.append(os.path.abspath(os.fsdecode(path)))
            else:
                self._note(path)
        elif event in _MADE:
            self._written.append(os.path.abspath(os.fsdecode(arguments[_MADE[event]])))
        elif event in _LISTED and not isinstance(arguments[0], int):
            self._note(arguments[0] or ".")
        elif event in _STARTED:
            self.started = True

    def _note(self, path: str | bytes | os.PathLike[Any]) -> None:
        real = os.path.realpath(os.fsdecode(path))
        if real in self._seen or not os.path.join(real, "").startswith(self._roots):
            return
        if not _for_a_traceback():
            self._seen.add(real)
            os.write(self._log.fileno(), os.fsencode(real) + b"\0")


def _for_a_traceback() -> bool:
    """Whether the lines of running code are asked for, as torch does with every seed."""
    frame = sys._getframe(3)  # who caused the event
    callers = [frame, frame.f_back, frame.f_back and frame.f_back.f_back]
    return any(caller and caller.f_globals.get("__name__") == "linecache" for caller in callers)


@cache
def watch() -> Watch:
    """The process's own: an audit hook stays."""
    return Watch()
