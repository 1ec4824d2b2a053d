"""``pytest tests/`` on several cores: what is costly to make is made in one process."""

import os
import shutil
from pathlib import Path

import pytest

ONE = """
import os, pathlib, time, pytest
@pytest.mark.parametrize("number", range(6))
def test_which(number):
    time.sleep(0.05)
    made = pathlib.Path(__file__).with_suffix(f".{number}")
    made.write_text(os.environ["PYTEST_XDIST_WORKER"])
"""


@pytest.mark.skipif((os.cpu_count() or 1) == 1, reason="one core: all runs in one process")
def test_a_file_and_the_site_stay_in_one_process(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xdist")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # this test may run in one
    tests = pytester.mkdir("tests")
    for name in ("conftest.py", "helpers.py"):
        shutil.copy(Path(__file__).with_name(name), tests)
    (tests / "site").mkdir()
    names = ("test_a", "test_b", "site/test_c", "site/test_d")
    for name in names:
        (tests / f"{name}.py").write_text(ONE, encoding="utf-8")
    pytester.makepyprojecttoml("[tool.pytest]\nminversion = '9'\n")
    done = pytester.runpytest_subprocess("tests", "-pno:logging", timeout=300)
    done.assert_outcomes(passed=24)
    ran = {
        name: {(tests / f"{name}.{number}").read_text(encoding="utf-8") for number in range(6)}
        for name in names
    }
    assert [len(ran[name]) for name in names] == [1, 1, 1, 1]
    assert ran["site/test_c"] == ran["site/test_d"]
    assert len(set.union(*ran.values())) > 1
