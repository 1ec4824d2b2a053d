"""wode.book.kept: a run that was stopped, killed even, goes on; a finished one begins anew."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wode.book import ROOT
from wode.book.kept import Kept

RUN = """
import sys, time
from pathlib import Path
from wode.book.kept import Kept

kept = Kept(Path(sys.argv[1]))
def measure(n):
    with open(sys.argv[2], "a") as file:
        file.write(f"{n}\\n")
    time.sleep(60 if len(sys.argv) > 3 and n == 2 else 0)
    return {"square": n * n}
print([kept("square", measure, n)["square"] for n in range(4)])
"""


def run(*args: object, wait: bool = True) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, *map(str, args)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if wait:
        process.wait(timeout=60)
    return process


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    log, calls = tmp_path / "log.jsonl", tmp_path / "calls"
    process = run(log, calls, "slowly", wait=False)
    until = time.monotonic() + 60
    while not (calls.exists() and calls.read_text().split()[-1:] == ["2"]):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    out, _ = run(log, calls).communicate()
    assert out.endswith("[0, 1, 4, 9]\n")
    assert calls.read_text().split() == ["0", "1", "2", "2", "3"]


def test_a_line_cut_off_anywhere_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    Kept(path)("a", lambda: "ä")
    whole = path.read_bytes()
    Kept(path)("b", lambda: [1.5, None])
    added = path.read_bytes()[len(whole) :]
    for cut in range(len(added) - 1):
        path.write_bytes(whole + added[:cut])
        kept = Kept(path)
        assert kept("a", lambda: pytest.fail("there already")) == "ä"
        assert kept("b", lambda: "again") == "again"
        assert Kept(path)("b", lambda: pytest.fail("there by now")) == "again"


def test_other_settings_are_another_measurement_and_no_result_is_shared(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "log.jsonl")
    assert kept("sum", lambda *n: {"n": [sum(n)]}, 1, 2) == {"n": [3]}
    assert kept("sum", lambda *n: {"n": [sum(n)]}, 1, 3) == {"n": [4]}
    kept("sum", lambda *n: None, 1, 2)["n"].append(0)
    assert kept("sum", lambda *n: None, 1, 2) == {"n": [3]}
    assert kept("pair", lambda: (1, 2)) == [1, 2]  # now as when it is read again
    with pytest.raises(ValueError, match="JSON"):
        kept("nan", lambda: float("nan"))
    assert kept("nan", lambda: 0.0) == 0.0


def test_another_process_is_heard(tmp_path: Path) -> None:
    one, other = (Kept(tmp_path / "log.jsonl") for _ in range(2))
    one("a", lambda: 1)
    assert other("a", lambda: pytest.fail("measured by the first")) == 1


def test_a_finished_one_begins_anew_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.jsonl"
    kept = Kept(path)
    kept("a", lambda: sum(range(10**6)))
    assert 0 < kept.minutes < 1
    kept.finish()
    assert Kept(path)("a", lambda: 2) == 2
    assert '"a"' in (path.parent / "log.last.jsonl").read_text()
