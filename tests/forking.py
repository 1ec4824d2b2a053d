"""Forks runs that may be killed at any moment, from a process that has paid for the imports.

Start that process with OMP_NUM_THREADS=1: NumPy's BLAS makes its threads when it is imported.
"""

import os
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import torch
import tqdm

TASKS = Path("/proc/self/task")


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
