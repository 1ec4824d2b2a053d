"""tests/forking.py: a killed run blocks no later one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TWO_RUNS = """
import os, signal, tqdm
from forking import fork, nothing_shared

{first}

def killed():
    tqdm.tqdm.get_lock().acquire()
    os.kill(os.getpid(), signal.SIGKILL)

def draws_a_bar():
    for _ in tqdm.tqdm(range(3)):
        pass
    return 7

for run in killed, draws_a_bar:
    print(os.waitstatus_to_exitcode(os.waitpid(fork(run), 0)[1]), flush=True)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_next_run_does_not_wait_for_what_a_killed_one_held():
    result = run(TWO_RUNS.format(first="nothing_shared()"))
    assert result.stdout.split() == ["-9", "7"], result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in Linux's /proc")
def test_a_fork_beside_another_thread_is_refused():
    thread = "import threading, time; threading.Thread(target=time.sleep, args=[60], daemon=True)"
    result = run(TWO_RUNS.format(first=f"nothing_shared(); {thread}.start()"))
    assert "expected one thread before a fork, found 2" in result.stderr
