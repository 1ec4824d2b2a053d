"""What ``pytest docs`` remembers: after each change exactly the pages run that rest on it."""

import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wode.book import ROOT

from .conftest import SmallBook

Ran = Callable[..., set[str]]

# Two imports away from its page, the first inside a function, the second in a started program.
_MIDDLE = """\
def f():
    from wode.inner import VALUE
    return VALUE
"""
_STARTS = """\
import subprocess
import sys

def started():
    return subprocess.run([sys.executable, "-c", "import wode.inner"]).returncode
"""
# An import lists the folders of sys.path, the book's own among them.
_SEARCHES = """\
import importlib.util

importlib.invalidate_caches()
assert importlib.util.find_spec("nothing_of_that_name") is None
"""
_READS = """
import json
import os
from pathlib import Path
from torch.utils.data import DataLoader, Dataset

class Lines(Dataset):
    def __len__(self):
        return 2
    def __getitem__(self, index):
        return len(Path(os.environ["WODE_DATA"], f"set/{index}.txt").read_text())

workers = DataLoader(Lines(), batch_size=None, num_workers=1, multiprocessing_context="fork")
print([int(x) for x in workers])
"""


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the data sets, outside of the book: one with two files."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "set").mkdir()
    for index, text in enumerate(("a", "bc")):
        (folder / f"set/{index}.txt").write_text(text)
    monkeypatch.setenv("WODE_DATA", str(folder))
    return folder


@pytest.fixture
def ran(book: SmallBook, data: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run the pages of a book with a ``wode`` of its own, and say which of them were executed."""
    shutil.copytree(ROOT / "wode", book.root / "wode", ignore=shutil.ignore_patterns("__pycache__"))
    book.snippet(_MIDDLE, "wode/middle.py")
    book.snippet(_STARTS, "wode/starts.py")
    book.snippet("VALUE = 1\n", "wode/inner.py")
    book.snippet('{"numbers": {"x": 1}}\n', "docs/assets/results/measured.json")
    book.snippet("def double(x):\n    return 2 * x\n\ndef other(): ...\n")
    for name, code in {
        "plain": _SEARCHES,
        "includes": '--8<-- "snippets/s.py:double"\nassert double(2) == 4',
        "imports": "from wode import middle\n\nmiddle.f()",
        "starts": "from wode.starts import started\n\nassert started() == 0;",
        "reads": f"{_READS}```\n\n```output\n[1, 2]",
        "lists": 'import os\n\nnames = os.listdir(os.path.join(os.environ["WODE_DATA"], "set"))',
        "cites": "y = 2",
    }.items():
        shown = "[[measured.x]]" if name == "cites" else ""
        book.page(f"# T\n\n{shown}\n\n```python\n{code}\n```\n", name=name)
    monkeypatch.syspath_prepend(book.root)
    monkeypatch.setenv("PYTHONPATH", str(book.root))
    for name in [name for name in sys.modules if name.split(".")[0] == "wode"]:
        monkeypatch.delitem(sys.modules, name)

    def run(*arguments: str) -> set[str]:
        pages = [] if ".md" in "".join(arguments) else ["docs"]
        result = book.remembering("-v", *arguments, *pages)
        return set(re.findall(r"docs/\w\w/(\w+)\.md::\S+ (?:PASSED|FAILED)", result.stdout.str()))

    return run


ALL = {"plain", "includes", "imports", "starts", "reads", "lists", "cites"}


def test_a_change_runs_the_pages_that_rest_on_it(book: SmallBook, ran: Ran, data: Path) -> None:
    def edited(path: Path, old: str, new: str) -> set[str]:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return ran()

    assert ran() == ALL
    assert ran() == set()
    assert ran("--fresh") == ALL
    assert ran() == set()
    assert edited(book.root / "docs/zh/plain.md", "# T", "# Title") == {"plain"}
    assert edited(book.root / "snippets/s.py", "return 2 * x", "return x + x") == {"includes"}
    assert edited(book.root / "snippets/s.py", "other(): ...", "other(): 1") == set()
    assert edited(book.root / "wode/inner.py", "1", "2") == {"imports", "starts"}
    assert edited(book.root / "wode/starts.py", "-c", "-Bc") == {"starts"}
    assert edited(book.root / "wode/vision.py", "import", "import torch\nimport") == set()
    assert edited(book.root / "docs/assets/results/measured.json", "1", "2") == {"cites"}
    assert edited(data / "set/1.txt", "bc", "de") == {"reads", "starts"}
    (data / "set/2.txt").touch()
    assert ran() == {"lists", "starts"}
    (data / "new").touch()
    assert ran() == {"starts"}
    (book.root / "notes.txt").touch()
    assert ran() == set()
    assert edited(book.root / "docs/conftest.py", "import os", "import os\n") == ALL
    assert ran() == set()


def test_another_version_of_a_package_setting_or_option_runs_all(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran() == ALL
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert ran() == ALL
    assert ran("-W", "error") == ALL
    assert ran("--page-seconds", "60") == ALL
    assert ran() == ALL
    version = importlib.metadata.Distribution.version
    monkeypatch.setattr(
        importlib.metadata.Distribution,
        "version",
        property(lambda d: "0.0" if d.name == "numpy" else version.__get__(d)),
    )
    assert ran() == ALL
    assert ran() == set()


def test_what_did_not_pass_whole_is_not_remembered(book: SmallBook, ran: Ran) -> None:
    page = book.page("```python\nx = 1\n```\n\n```python\nassert x == 1\n```\n", name="two")
    first = f"{page.relative_to(book.root)}::line:1,column:1"
    assert ran(first) == {"two"}
    assert ran(str(page)) == {"two"}
    assert ran(str(page)) == set()
    assert ran(first) == {"two"}  # who asks for a block sees it run

    page.write_text(page.read_text().replace("assert x == 1", "raise KeyboardInterrupt"))
    for _ in range(2):
        assert ran(str(page)) == {"two"}
    page.write_text(page.read_text().replace("raise KeyboardInterrupt", "assert x == 2"))
    for _ in range(2):
        assert ran(str(page)) == {"two"}
    page.write_text(page.read_text().replace("assert x == 2", 'import os\nos.environ["A"] = "1"'))
    for _ in range(2):
        assert ran(str(page)) == {"two"}


def test_what_was_written_or_changed_meanwhile_is_not_remembered(
    book: SmallBook, ran: Ran, data: Path
) -> None:
    page = book.page("```python\nprint(1)\n```\n\n```output\n2\n```\n")
    text = page.read_text()
    assert ran(str(page), "--update-docs") == {"p"}
    assert page.read_text() != text
    page.write_text(text)
    assert ran(str(page)) == {"p"}

    code = f"import os\n\ntext = open({str(data / 'set/0.txt')!r}).read()"
    touch = f"os.utime({str(data / 'set/0.txt')!r})"
    page.write_text(f"```python\n{code}\n{touch}\n```\n")
    assert ran(str(page)) == {"p"}
    assert ran(str(page)) == {"p"}
    page.write_text(f"```python\n{code}\n```\n")
    assert ran(str(page)) == {"p"}
    assert ran(str(page)) == set()


def test_a_failure_forgets_the_pass_before_it(book: SmallBook, ran: Ran, data: Path) -> None:
    """A page that fails only sometimes: what it rests on is as it was, and yet it failed."""
    flag = data.parent / "flag"  # outside of all that is watched
    text = f"```python\nimport os\nassert not os.path.exists({str(flag)!r})\n```\n"
    page, twin = (str(book.page(text, lang)) for lang in ("zh", "en"))
    assert ran(page, twin) == {"p"}
    assert ran(page, twin) == set()
    flag.touch()
    assert ran(page, twin) == set()
    assert ran(twin, "--fresh") == {"p"}
    flag.unlink()
    assert ran(page) == {"p"}, "its twin failed, and is the same program"
    assert ran(page) == set()


def test_twins_are_remembered_and_verify_each_other(
    book: SmallBook, ran: Ran, said: Callable[[pytest.RunResult], str]
) -> None:
    code = "```python\nx = 1\n```\n"
    chinese, english = (book.page(f"# T\n\n{code}", lang, "twin") for lang in ("zh", "en"))

    def outcomes(*arguments: str) -> dict[str, int]:
        result = book.remembering(*arguments, str(chinese), str(english))
        counts = re.findall(r"(\d+) (passed|verified by its twin|verified on)", said(result))
        return {what: int(count) for count, what in counts}

    assert outcomes() == {"passed": 2, "verified by its twin": 2}
    assert outcomes() == {"verified on": 4}
    assert outcomes("--run-twins") == {"passed": 4}
    english.write_text(f"# Title\n\n{code}", encoding="utf-8")
    assert outcomes() == {"verified on": 2, "verified by its twin": 2}
    assert outcomes() == {"verified on": 4}
    assert "--fresh runs all" in said(book.remembering(str(chinese)))


def test_a_copy_of_the_project_runs_all(book: SmallBook, ran: Ran) -> None:
    assert ran() == ALL
    assert "*" in (book.root / ".pytest_cache" / ".gitignore").read_text().split()
    shutil.rmtree(book.root / ".pytest_cache")
    assert ran() == ALL
    assert os.listdir(book.root / ".pytest_cache" / "v" / "book") == ["zh"]
