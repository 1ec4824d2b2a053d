"""Fuzzing: the frame counts what it must, and each target's first inputs are right or refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_tools import tool

from wode.book import LANGUAGES, ROOT, results
from wode.book.markdown import expanded

FUZZ = tool("fuzz")
TARGETS = sorted(FUZZ.FOLDER.glob("[!_]*.py"))
TRIAL = """
import os, random, sys, tempfile, time
from pathlib import Path

def trial(draw):
    assert not os.listdir(), "a folder that is not empty"
    Path("left").mkdir()
    tempfile.mkstemp()
    one = draw.randrange(10)
    {}
    return "right" if one else "refused"
"""


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.stem)
def test_each_targets_first_inputs_are_right_or_refused(path: Path):
    counts = dict.fromkeys(FUZZ.OUTCOMES, 0)
    for number, outcome, why in FUZZ.tried(path, range(200)):
        counts[outcome] += 1
        assert not why, f"{outcome}: {why}; python tools/fuzz.py {path.stem} --only {number}"
    assert not FUZZ.complaints(counts), counts


def fuzz(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "fuzz.py", "--folder", folder, *arguments],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("assert one != 9, 'three for two'", "wrong: three for two"),
        ("1 / (one - 9)", "tracebacks: ZeroDivisionError: division by zero"),
        ("while one == 9: pass", "Hang: no answer after 0.2 s of computing"),
        ("while one == 9: time.sleep(1)", "tracebacks: the process ended with exit code -9"),
        ("if one == 9: os._exit(7)", "tracebacks: the process ended with exit code 7"),
        ("if one == 9: sys.exit()", "tracebacks: the process ended with exit code 0"),
        ("if one == 9: return None", "tracebacks: expected 'right' or 'refused'"),
    ],
)
def test_each_failure_is_counted_and_named(planted, said, tmp_path, monkeypatch):
    path = tmp_path / "t.py"
    path.write_text(TRIAL.format(planted))
    if "sleep" in planted:  # no signal of computing reaches it
        monkeypatch.setattr(FUZZ, "PATIENCE", 3.0)
    counts, failures = FUZZ.run(path, 30, limit=0.2, processes=2)
    draws = [FUZZ.random.Random(f"t/0/{i}").randrange(10) for i in range(30)]
    outcome = "wrong" if said.startswith("wrong") else "tracebacks"
    assert counts[outcome] == draws.count(9) >= 2
    assert sum(counts.values()) == 30
    assert FUZZ.complaints(counts) == [f"{draws.count(9)} {outcome}"]
    number, why = failures[0]
    assert (number, draws[number]) == (draws.index(9), 9)
    assert said in why


def test_a_failure_ends_it_with_a_code_and_can_be_run_again(tmp_path):
    (tmp_path / "t.py").write_text(TRIAL.format("assert one != 9, 'three for two'"))
    done = fuzz(tmp_path, "--inputs", "60")
    assert done.returncode == 1
    number = done.stdout.partition("input ")[2].partition(":")[0]
    again = fuzz(tmp_path, "t", "--only", number)
    assert again.returncode == 1
    assert "AssertionError: three for two" in again.stderr
    assert fuzz(tmp_path, "t", "--only", "1").stdout in ("t: right\n", "t: refused\n")


@pytest.mark.parametrize("outcome", ["right", "refused"])
def test_a_target_of_one_outcome_has_shown_nothing(outcome, tmp_path):
    (tmp_path / "t.py").write_text(f"def trial(draw):\n    return {outcome!r}\n")
    done = fuzz(tmp_path, "--inputs", "20")
    assert done.returncode == 1
    assert "FAILED: nothing is" in done.stdout


def test_every_input_is_tried_once_whatever_the_number_of_processes(tmp_path):
    path = tmp_path / "t.py"
    path.write_text(TRIAL.format("pass"))
    one, three = (FUZZ.run(path, 100, processes=n) for n in (1, 3))
    assert one == three
    assert one[0]["right"] > one[0]["refused"] > 0
    assert sum(one[0].values()) == 100
    assert FUZZ.run(path, 100, seed=1)[0] != one[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "expected targets of t, got nothing"),
        (["--inputs", "0"], "expected a number of inputs from 1, got 0"),
        (["t", "--write"], "--write stands alone"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, said, tmp_path):
    (tmp_path / "t.py").write_text(TRIAL.format("pass"))
    done = fuzz(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_results_are_of_every_target_with_nothing_wrong():
    numbers = results.read("fuzzing")["numbers"]
    assert [*numbers] == [path.stem for path in TARGETS]
    for target, counts in numbers.items():
        assert counts["inputs"] >= 100_000, target
        assert not FUZZ.complaints(counts), target
        assert sum(counts[outcome] for outcome in FUZZ.OUTCOMES) == counts["inputs"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_results_page_shows_them(lang):
    path = ROOT / "docs" / lang / "results.md"
    shown = expanded(path.read_text(encoding="utf-8"), path, lang)
    for target, counts in results.read("fuzzing")["numbers"].items():
        cells = " | ".join(f"{count:,}" for count in counts.values())
        assert f"| `{target}` | {cells} |" in shown


def test_results_are_written_only_where_nothing_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(results, "write", lambda name, numbers, **_: print(json.dumps(numbers)))
    path = tmp_path / "t.py"
    path.write_text(TRIAL.format("pass"))
    arguments = ["--folder", str(tmp_path), "--inputs", "50", "--write"]
    assert FUZZ.main(arguments) == 0
    assert '{"t": {"inputs": 50, "right": ' in capsys.readouterr().out
    path.write_text(TRIAL.format("assert one"))
    assert FUZZ.main(arguments) == 1
    assert "{" not in capsys.readouterr().out
