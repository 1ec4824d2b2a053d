"""Each page begins with the same state and leaves nothing behind.

Before a page: seeds, an empty working folder, a note of the global state. After it, whatever it
changed and did not restore is put right and reported, with files written outside its
folder, threads and processes that still live.
"""

import contextlib
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

from wode.book import results
from wode.book.watch import watch
from wode.files.download import cache_root

SEED = 0
_PYTEST = "PYTEST_CURRENT_TEST"  # pytest changes it itself before every test
#: What torch and scikit-learn set on their own when they are first used.
_SET_BY_LIBRARIES = {"TORCHINDUCTOR_CACHE_DIR", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}
#: Folders that libraries keep their caches in; writing there is no page's leak.
_CACHES = ("__pycache__", ".cache", "matplotlib", ".ipython", ".hypothesis", ".pytest_cache")
_INDUCTOR = "torchinductor_"  # and the user's name: torch's own cache in the temporary folder


def _model_caches() -> list[str]:
    """Where models are kept for the next page: wode's cache, and the hub's if it was moved."""
    roots = [str(cache_root()), os.environ.get("HF_HOME"), os.environ.get("HF_HUB_CACHE")]
    return [os.path.realpath(os.path.expanduser(root)) for root in roots if root]


def _restore_environment(before: dict[str, str]) -> None:
    for key in set(os.environ) - set(before) - {_PYTEST}:
        del os.environ[key]
    os.environ.update(before)


_Row = tuple[str, Callable[[Any], Any], Callable[[Any, Any], object]]


def _by(module: str, read: str, restore: str) -> _Row:
    """What two functions of the module read and set."""
    return module, lambda m: getattr(m, read)(), lambda m, v: getattr(m, restore)(v)


#: The global state that a page must restore: its module, how it is read and set there.
_KEPT: dict[str, _Row] = {
    "the working folder": _by("os", "getcwd", "chdir"),
    "the environment": (
        "os",
        lambda m: {key: value for key, value in m.environ.items() if key != _PYTEST},
        lambda _, v: _restore_environment(v),
    ),
    "sys.path": ("sys", lambda m: list(m.path), lambda m, v: m.path.__setitem__(slice(None), v)),
    "sys.excepthook": ("sys", lambda m: m.excepthook, lambda m, v: setattr(m, "excepthook", v)),
    "torch's default dtype": _by("torch", "get_default_dtype", "set_default_dtype"),
    "torch's default device": _by("torch", "get_default_device", "set_default_device"),
    "torch's number of threads": _by("torch", "get_num_threads", "set_num_threads"),
    "torch's gradient mode": _by("torch", "is_grad_enabled", "set_grad_enabled"),
    "torch's deterministic mode": _by(
        "torch", "are_deterministic_algorithms_enabled", "use_deterministic_algorithms"
    ),
    "matplotlib's rcParams": (
        "matplotlib",
        lambda m: dict(m.rcParams),
        lambda m, v: m.rcParams.update(v),
    ),
}


def _globals() -> dict[str, Any]:
    """What is to be restored, of the modules that have been imported."""
    modules = sys.modules
    return {k: read(modules[m]) for k, (m, read, _) in _KEPT.items() if m in modules}


def _restore(name: str, value: Any) -> None:
    module, _, restore = _KEPT[name]
    restore(sys.modules[module], value)


def _seed() -> None:
    # Imported here, so that a page begins with the same seeds whether or not one ran before it.
    import numpy
    import torch

    random.seed(SEED)
    numpy.random.seed(SEED)  # noqa: NPY002
    torch.manual_seed(SEED)


def _children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def _names(folder: Path) -> set[str]:
    """What stands in ``folder`` and in the folders in it, hidden things and caches left out.

    torch.save and safetensors write from C++ and Rust, where no audit hook sees the file.
    """
    paths = set()
    for entry in os.scandir(folder):
        if entry.name.startswith(".") or entry.name in _CACHES:
            continue
        paths.add(entry.path)
        if entry.is_dir(follow_symlinks=False):
            paths.update(inner.path for inner in os.scandir(entry) if inner.name not in _CACHES)
    return paths


def _holds_caches(path: str) -> bool:
    """Whether ``path`` is a folder of caches alone, as ~/.config is that matplotlib makes."""
    return os.path.isdir(path) and (set(os.listdir(path)) or {""}) <= set(_CACHES)


class PageState:
    """The surroundings of one page: ``enter`` before it, ``leave`` after it.

    Args:
        inputs: folders; which of their files the page reads, ``watch().read()`` tells afterwards.
    """

    def __init__(self, inputs: Iterable[Path] = ()) -> None:
        self._inputs = inputs
        self._folder = tempfile.TemporaryDirectory(prefix="wode-page-")
        self.folder = Path(self._folder.name).resolve()

    def enter(self) -> None:
        """An empty working folder, the book's seeds, and a note of all that must be restored."""
        _seed()
        self._before = _globals()
        self._threads = set(threading.enumerate())
        self._processes = _children()
        self._from = Path.cwd()
        self._names = _names(self._from)
        os.chdir(self.folder)
        os.environ["TMPDIR"] = str(self.folder)
        tempfile.tempdir = str(self.folder)
        self._inside = _globals()
        results.parsed.cache_clear()  # so that this page, too, is seen to open what it reads
        watch().begin(self._inputs)

    def leave(self) -> list[str]:
        """Put everything back; say what the page left behind, a sentence each."""
        written = watch().end()
        complaints = [*self._changed(), *self._left_files(written), *self._left_alive()]
        tempfile.tempdir = None
        for name in ("the environment", "the working folder"):
            _restore(name, self._before[name])
        with contextlib.suppress(OSError):
            self._folder.cleanup()
        return complaints

    def _changed(self) -> list[str]:
        now = _globals()
        complaints = []
        for name, value in self._inside.items():
            if now[name] == value:
                continue
            detail = f": {value!r} became {now[name]!r}"
            if isinstance(value, dict):
                keys = {k for k in {*value, *now[name]} if value.get(k) != now[name].get(k)}
                if keys <= _SET_BY_LIBRARIES:
                    continue  # restored below, without a complaint
                detail = ": " + ", ".join(sorted(map(str, keys)))
            complaints.append(f"it changed {name}{detail[:300]}")
            _restore(name, value)
        return complaints

    def _left_files(self, written: list[str]) -> list[str]:
        new = _names(self._from) - self._names
        outside = {
            path
            for path in map(os.path.realpath, [*written, *new])
            if os.path.exists(path)
            and not Path(path).is_relative_to(self.folder)
            and not path.startswith(("/dev/", "/proc/"))
            and not any(Path(path).is_relative_to(root) for root in _model_caches())
            and not _holds_caches(path)
            and not any(part in _CACHES or part.startswith(_INDUCTOR) for part in Path(path).parts)
        }
        return [f"it left a file outside its folder: {path}" for path in sorted(outside)]

    def _left_alive(self) -> list[str]:
        deadline = time.monotonic() + 2.0  # a thread or worker that is just ending may end
        while any(alive := self._alive()) and time.monotonic() < deadline:
            time.sleep(0.02)
        threads, processes = alive
        complaints = [f"a thread still lives: {t.name}" for t in threads]
        for process in processes:
            with contextlib.suppress(psutil.Error):
                complaints.append(
                    f"a process still lives: {process.pid} {' '.join(process.cmdline())[:200]}"
                )
                process.kill()
        return complaints

    def _alive(self) -> tuple[list[threading.Thread], list[psutil.Process]]:
        threads = [t for t in threading.enumerate() if t not in self._threads and not _library(t)]
        return threads, [p for p in _children() - self._processes if not _helper(p)]


def _library(thread: threading.Thread) -> bool:
    """Threads that a library starts once for the process and nobody can end (tqdm's monitor)."""
    return thread.daemon and type(thread).__module__.startswith("tqdm")


def _helper(process: psutil.Process) -> bool:
    """multiprocessing's own helpers live as long as the process that uses it."""
    with contextlib.suppress(psutil.Error):
        if process.status() == psutil.STATUS_ZOMBIE:
            multiprocessing.active_children()  # reaps them
            return True
        return any("multiprocessing." in part and "tracker" in part for part in process.cmdline())
    return True
