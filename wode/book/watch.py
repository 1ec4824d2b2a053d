"""Which files the Python code of a page opens and which folders it lists, by one audit hook."""

import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
#: The events that make a file or folder, and which argument names it.
_MADE = {"os.mkdir": 0, "os.rename": 1}
_LISTED = {"os.listdir", "os.scandir"}
#: Who reads what is no input: torch asks for lines of code with every seed, an import lists the
#: folders of sys.path.
_TRACEBACKS, _IMPORTS = "linecache", "importlib._bootstrap_external"
_STARTED = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"}


class Watch:
    """Notes what is read and written between ``begin`` and ``end``.

    What is read is written down in a file, which forked processes (the workers of a DataLoader)
    inherit with the hook. What no hook sees: files that compiled code opens (safetensors, torch's
    own readers), questions whether a file is there, and whatever a started program does; that one
    was started is noted.
    """

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
        self._seen = set()
        self._roots = tuple(os.path.join(os.path.realpath(root), "") for root in roots)
        self._written = []

    def end(self) -> list[str]:
        """Note no more; return the paths that were written."""
        written, self._written = self._written or [], None
        return written

    def read(self) -> set[str]:
        """The paths in the folders that were read or listed, also those that were not there."""
        return set(map(os.fsdecode, self._entries() - {b""}))

    @property
    def started(self) -> bool:
        """Whether a program was started."""
        return b"" in self._entries()

    def _entries(self) -> set[bytes]:
        self._log.seek(0)
        return set(self._log.read().split(b"\0")[:-1])

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
                self._note(path, _TRACEBACKS)
        elif event in _MADE:
            self._written.append(os.path.abspath(os.fsdecode(arguments[_MADE[event]])))
        elif event in _LISTED and not isinstance(arguments[0], int):
            self._note(arguments[0] or ".", _IMPORTS)
        elif event in _STARTED:
            os.write(self._log.fileno(), b"\0")

    def _note(self, path: str | bytes | os.PathLike[Any], without: str) -> None:
        """Note what is read in the folders, unless the module ``without`` reads it."""
        real = os.path.realpath(os.fsdecode(path))
        if real in self._seen or not os.path.join(real, "").startswith(self._roots):
            return
        frame, callers = sys._getframe(2), []  # who caused the event, and by whom
        while frame is not None and len(callers) < 3:
            callers.append(frame.f_globals.get("__name__"))
            frame = frame.f_back
        if without not in callers:
            self._seen.add(real)
            os.write(self._log.fileno(), os.fsencode(real) + b"\0")


@cache
def watch() -> Watch:
    """The process's own: an audit hook stays."""
    return Watch()
