"""Each chapter's own test of worth: a change of the library or a snippet that must make it fail.

A page names it out of sight, ``<!-- mutation: wode/vision.py | old text | new text -->``. It is
applied to a copy of the project, and the page is run there by pytest in a process of its own:
``python -m wode.book.mutations [PAGE ...]``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wode.book.fences import PageError
from wode.book.pages import Mutation, Page, all_paths, load

_COPIED = ("wode", "snippets", "docs", "pics", "pyproject.toml")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "vendor", "*.svg", "*.ipynb", "labs")


@dataclass(frozen=True)
class Verdict:
    """What became of a page under one mutation, or under none."""

    page: str
    mutation: Mutation | None
    exit_code: int  # pytest's: 0 all passed, 1 some failed, anything else: the page was not run
    report: str  # pytest's own words

    @property
    def caught(self) -> bool:
        return self.exit_code == 1


def apply(mutation: Mutation, page: Page, root: Path) -> None:
    """Change the file under ``root``.

    Raises:
        PageError: the file is missing, or the old text does not stand in it exactly once, or the
            changed file is no Python.
    """
    name, old, file = mutation.file, mutation.old, root / mutation.file

    def refused(why: str) -> PageError:
        return PageError(page.path, mutation.line, f"mutation: {why}")

    if not file.is_file():
        raise refused(f"there is no file {name}")
    text = file.read_text(encoding="utf-8")
    if (count := text.count(old)) != 1:
        raise refused(f"expected {old!r} once in {name}, found it {count} times")
    changed = text.replace(old, mutation.new)
    try:
        compile(changed, name, "exec")
    except SyntaxError as error:
        raise refused(f"{name} would be no Python: {error}") from error
    file.write_text(changed, encoding="utf-8")


def try_out(page: Page, mutation: Mutation | None, seconds: float = 300.0) -> Verdict:
    """Run the page with the mutation applied; ``caught`` when one of its blocks fails.

    Without a mutation the copy must pass: a page that fails there anyway catches nothing.
    """
    with tempfile.TemporaryDirectory(prefix="wode-mutation-") as name:
        copy = Path(name)
        for part in _COPIED:
            source = page.root / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=_LEFT_OUT)
            elif source.is_file():
                shutil.copy(source, copy / part)
        if mutation is not None:
            apply(mutation, page, copy)
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += ["--page-seconds", str(seconds), str(copy / page.path.relative_to(page.root))]
        patience = seconds + 120
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=patience
        )
    report = done.stdout[-4000:] + done.stderr[-2000:]
    return Verdict(page.name, mutation, done.returncode, report)


def main(arguments: list[str]) -> int:
    survived = False
    for page in map(load, arguments or all_paths()):
        for mutation in page.mutations:
            caught = try_out(page, mutation).caught
            survived |= not caught
            change = f"{page.name}: {mutation.file}: {mutation.old} → {mutation.new}"
            print(f"{'caught' if caught else 'SURVIVED'}: {change}", flush=True)
    return int(survived)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
