"""What running the pages costs: ``python tools/benchmark_docs.py [--rounds N] [--part NAME]``.

The chapters of a part run four ways, in turn, several rounds: as plain scripts in one process; by
``pytest docs/`` (both languages, as it is used); by Sybil's own Markdown parser; by nbmake. Sybil
and the scripts get the chapters with their includes resolved, as neither knows them. Each way runs
in a process of its own on one thread; compared is the CPU time of that process and its children,
which other programs on the machine disturb less than the clock. The median over the rounds goes to
``docs/assets/results/running.json``, with the ratios to the plain scripts.

A block's overhead is measured apart, on pages of statements that do nothing: the difference between
many and few of them, divided by how many more there are.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nbformat

from wode.book import ROOT, notebooks, results
from wode.book.pages import Page, load

DOCS = ROOT / "docs"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
ALONE = ["-c", os.devnull, "--rootdir", ".", "--assert=plain"]
SHELL = """\
from IPython.core.interactiveshell import InteractiveShell as _Shell
_shell = _Shell(user_ns=globals())
"""
RUN_ALL = """\
import contextlib, runpy, tempfile
from pathlib import Path
for page in sorted(Path.cwd().glob("*.py")):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        runpy.run_path(str(page), run_name="__main__")
"""
SYBIL = """\
import os, tempfile
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

def setup(namespace):
    namespace["_folder"] = tempfile.TemporaryDirectory()
    os.chdir(namespace["_folder"].name)

pytest_collect_file = Sybil([PythonCodeBlockParser()], pattern="*.md", setup=setup).pytest()
"""


class Cost(NamedTuple):
    """What a process and its children used."""

    cpu_seconds: float
    seconds: float
    peak_mb: float


def measured(command: list[str], folder: Path) -> Cost:
    """Run a command in ``folder``.

    Raises:
        RuntimeError: it failed, so its time says nothing; with the end of what it printed.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    with tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{log.read()[-3000:]}")
    per_mb = 1 << 20 if sys.platform == "darwin" else 1 << 10  # macOS counts bytes
    return Cost(usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / per_mb)


def programs(page: Page) -> list[str]:
    """A page's blocks; IPython's go through a shell of its own, as they do on the page."""
    programs = [notebooks.program(block) + "\n" for block in page.blocks]
    asking = [number for number, block in enumerate(page.blocks) if block.kind == "ipython"]
    for number in asking:
        programs[number] = f"_shell.run_cell({programs[number]!r}).raise_error()\n"
    return [SHELL, *programs] if asking else programs


def prepare(pages: list[Page], part: str, folder: Path) -> dict[str, tuple[list[str], Path]]:
    """Write the chapters in each form; return each way's command and the folder it runs in."""
    folders = {way: folder / way for way in ("script", "sybil", "nbmake")}
    for way in folders.values():
        way.mkdir()
    for page in pages:
        name = page.path.stem
        blocks = programs(page)
        fences = [f"```python\n{block}```\n" for block in blocks]
        (folders["script"] / f"{name}.py").write_text("\n\n".join(blocks), encoding="utf-8")
        (folders["sybil"] / f"{name}.md").write_text("\n".join(fences), encoding="utf-8")
        notebook = folders["nbmake"] / name / f"{name}.ipynb"
        notebook.parent.mkdir()
        nbformat.write(notebooks.build(page.path), notebook)
    (folders["sybil"] / "conftest.py").write_text(SYBIL, encoding="utf-8")
    both = [str(DOCS / lang / part) for lang in ("zh", "en") if (DOCS / lang / part).is_dir()]
    return {
        "script": ([sys.executable, "-c", RUN_ALL], folders["script"]),
        "docs": ([*PYTEST, *both], ROOT),
        "sybil": ([*PYTEST, *ALONE, "-p", "no:nbmake", "."], folders["sybil"]),
        "nbmake": ([*PYTEST, *ALONE, "--nbmake", "."], folders["nbmake"]),
    }


def overhead_ms(
    folder: Path, conftest: str, rounds: int, few: int = 100, many: int = 2100
) -> float:
    """CPU milliseconds that one block costs, run by this conftest, beside what its code does."""
    folder.mkdir()
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    two = "```python\nx = 1\n```\n\n```python\nprint(x)\n```\n\n```output\n1\n```\n\n"
    for count in (few, many):
        (folder / f"{count}.md").write_text("# page\n\n" + two * (count // 2), encoding="utf-8")

    def seconds(count: int) -> float:
        command = [*PYTEST, *ALONE, "-p", "no:nbmake", f"{count}.md"]
        return measured(command, folder).cpu_seconds

    extra = statistics.median(seconds(many) - seconds(few) for _ in range(rounds))
    return 1000 * extra / (many - few)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each way runs (default 5)")
    parser.add_argument("--part", default="0_Pytorch_basics", help="the part's folder")
    parser.add_argument("--dry", action="store_true", help="write no results file")
    options = parser.parse_args()
    paths = sorted((DOCS / "zh" / options.part).glob("*.md"))
    if not paths:
        parser.error(f"no pages in {DOCS / 'zh' / options.part}")
    pages = [load(path) for path in paths]
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        ways = prepare(pages, options.part, Path(folder))
        for number in range(options.rounds):
            for way, (command, where) in ways.items():
                if where != ROOT:  # a fresh copy: the chapters write files into it
                    where = Path(shutil.copytree(where, Path(folder, f"{way}-{number}")))
                cost = measured(command, where)
                costs.setdefault(way, []).append(cost)
                print(f"round {number + 1}  {way:<8}", *(f"{value:8.1f}" for value in cost))
        ours = (DOCS / "conftest.py").read_text(encoding="utf-8")
        per_block = {
            way: round(overhead_ms(Path(folder, f"block-{way}"), conftest, options.rounds), 3)
            for way, conftest in {"docs": ours, "sybil": SYBIL}.items()
        }
    numbers: dict[str, object] = {
        "rounds": options.rounds,
        "chapters": len(pages),
        "blocks": sum(len(page.blocks) for page in pages),
        "block_overhead_ms": per_block,
    }
    for way, seen in costs.items():
        medians = Cost(*map(statistics.median, zip(*seen, strict=True)))
        both = zip(seen, costs["script"], strict=True)
        numbers[way] = {
            "cpu_seconds": round(medians.cpu_seconds, 1),
            "seconds": round(medians.seconds, 1),
            "peak_mb": round(medians.peak_mb),
            "ratio": round(statistics.median(c.cpu_seconds / s.cpu_seconds for c, s in both), 3),
        }
    for name, value in numbers.items():
        print(f"{name:<18} {value}")
    if not options.dry:
        written = results.write(
            "running",
            numbers,
            command=f"python tools/benchmark_docs.py --rounds {options.rounds}",
            note_zh="第 0 部分各章以四种方式运行的开销：CPU 时间的中位数，以及与普通脚本之比。",
            note_en="What running part 0 costs, four ways: median CPU time, and its ratio to "
            "that of plain scripts.",
        )
        print(written)


if __name__ == "__main__":
    main()
