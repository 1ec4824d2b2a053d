"""Runs that are killed, forked from a process that has paid for the imports.

The process is a script that ends with ``serve(run)``; a test asks it for runs through `Forks`.
"""

import json
import mmap
import os
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import tqdm

TASKS = Path("/proc/self/task")
EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.scandir")
HANG = 600  # seconds after which a run is ended: no run takes so long
KILLED = (-signal.SIGKILL, -signal.SIGXFSZ)


class Forks:
    """A process of ``python script --serve`` that forks one run after another."""

    def __init__(self, script: Path, **environment: str) -> None:
        # One thread: NumPy's BLAS makes its threads when it is imported.
        settings = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **environment}
        self.process = subprocess.Popen(
            [sys.executable, script, "--serve"],
            env=os.environ | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Forks":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()  # to end by itself takes it a second
        self.process.communicate()

    def run(
        self, *arguments: object, place: object = "", event: int | None = None, size: int = 0
    ) -> tuple[int, int]:
        """One run with ``arguments``: its exit code, and how many events it had in ``place``.

        An event is a file or folder opened, made, renamed or removed whose path begins with
        ``place``. Before number ``event`` of them the run dies; with a ``size`` it dies then or
        later, in the middle of the first write that makes a file longer than so many bytes.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        order = [list(map(str, arguments)), str(place), event, size]
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        code, events = self.process.stdout.readline().split()
        return int(code), int(events)


def serve(run: Callable[..., int]) -> None:
    """For each order on stdin (see `Forks.run`): fork a run, print its exit code and events."""
    import torch._dynamo  # noqa: F401  # else each run's first optimizer does: two seconds

    nothing_shared()
    for line in sys.stdin:
        events = mmap.mmap(-1, 8)  # shared with the run, which may not live to tell
        pid = fork(partial(watched, run, events, *json.loads(line)))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(code, int.from_bytes(events[:], "little"), flush=True)


def watched(
    run: Callable[..., int],
    events: mmap.mmap,
    arguments: list[str],
    place: str,
    moment: int | None,
    size: int,
) -> int:
    """Count the run's ``events`` and end it as `Forks.run` says."""
    os.dup2(2, 1)  # stdout is for the answer
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(HANG)

    def hook(event: str, values: tuple[Any, ...]) -> None:
        if event in EVENTS and str(values[0]).startswith(place):
            number = int.from_bytes(events[:], "little")
            if number == moment and size:
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            elif number == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            events[:] = (number + 1).to_bytes(8, "little")

    sys.addaudithook(hook)
    return run(*arguments)


def nothing_shared() -> None:
    """Call it first: what one run holds when it is killed must not be what the next waits for.

    tqdm guards its bars with a semaphore that all forked processes share. A run that is killed
    while it holds it holds it for ever, and so every later run and tqdm's own thread hang.
    """
    tqdm.tqdm.set_lock(threading.RLock())
    tqdm.tqdm.monitor_interval = 0  # no thread of its own: a fork would copy the locks it holds
    torch.set_num_threads(1)


def fork(run: Callable[[], int]) -> int:
    """The id of a new process that calls ``run`` and ends with what it returns.

    Raises:
        RuntimeError: this process has other threads, whose locks nobody in the new one would open.
    """
    if TASKS.exists() and len(threads := list(TASKS.iterdir())) > 1:
        names = sorted((task / "comm").read_text().strip() for task in threads)
        raise RuntimeError(f"expected one thread before a fork, found {len(names)}: {names}")
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(run())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return pid
