"""Each chapter's own test of worth: a change of the library or a snippet that must make it fail.

A page names it out of sight, ``<!-- mutation: wode/vision.py | old text | new text -->``, and may
say before the file what it breaks: ``formula |``, ``baseline |`` or ``cause |``. The file may be
the page, whose block holds the old text. It is applied to a copy of the project, and the page is
run there by pytest in a process of its own: ``python -m wode.book.mutations [PAGE ...]``, or
``--changed 20`` for every page that the last 20 commits changed.
"""

import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wode.book import ROOT
from wode.book.fences import PageError
from wode.book.notebooks import program
from wode.book.pages import Mutation, Page, all_paths, load

_COPIED = ("wode", "snippets", "docs", "pics", "pyproject.toml")
_COMMENT = re.compile(r"(?ms)^<!-- mutation:.*?-->$")
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
            changed file is no Python. Of a page only what stands outside of comments counts.
    """
    name, old, file = mutation.file, mutation.old, root / mutation.file

    def refused(why: str) -> PageError:
        return PageError(page.path, mutation.line, f"mutation: {why}")

    if not file.is_file():
        raise refused(f"there is no file {name}")
    before = text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        text = _COMMENT.sub("", text)
    if (count := text.count(old)) != 1:
        raise refused(f"expected {old!r} once in {name}, found it {count} times")
    changed = text.replace(old, mutation.new)
    file.write_text(changed, encoding="utf-8")
    programs = {name: changed}
    if file.suffix == ".md":
        blocks = [block for block in load(file, page.root).blocks if block.kind != "ipython"]
        programs = {f"{name}:{block.line}": program(block) for block in blocks}
    for where, code in programs.items():
        try:
            compile(code, where, "exec")
        except SyntaxError as error:
            file.write_text(before, encoding="utf-8")
            raise refused(f"{where} would be no Python: {error}") from error


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


def changed(commits: int, root: Path = ROOT) -> list[Page]:
    """The pages that the last commits changed: a page's own text in either language, a file that it
    includes, or the file of its mutation. Where git does not tell, that is said.
    """
    # A first commit, and in a shallow clone the oldest, would show every file as changed.
    git = ["git", "-c", "log.showRoot=false", "-c", "core.quotePath=false", "-C", str(root)]
    ask = functools.partial(subprocess.check_output, text=True, stderr=subprocess.STDOUT)
    try:
        log = ask([*git, "log", "-c", f"-{commits}", "--name-only", "--format=", "--relative"])
        if ask([*git, "rev-parse", "--is-shallow-repository"]).strip() == "true":
            print("mutations: a shallow clone: changes before its first commit are not known")
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "output", None) or error
        print(f"mutations: which pages have changed is not known, none is tried: {why}")
        return []
    files = {root / name for name in log.splitlines()}

    def rests_on(page: Page) -> set[Path]:
        included = (target.partition(":")[0] for block in page.blocks for target in block.includes)
        named = (mutation.file for mutation in page.mutations)
        return {page.path, page.twin, *(root / name for name in (*included, *named))}

    return [
        page for page in (load(path, root) for path in all_paths(root)) if rests_on(page) & files
    ]


def main(arguments: list[str], root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m wode.book.mutations")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="all of them, if none is named")
    parser.add_argument("--changed", type=int, metavar="COMMITS", help="those that changed lately")
    options = parser.parse_args(arguments)
    if options.pages and options.changed is not None:
        parser.error("expected pages or --changed, not both")
    if options.changed is not None:
        pages = changed(options.changed, root)
    else:
        pages = [load(path, root) for path in options.pages or all_paths(root)]
    pages = [page for page in pages if page.mutations]
    print(f"mutations: {len(pages)} pages", flush=True)
    wrong = False
    for page in pages:
        unchanged = try_out(page, None)
        if unchanged.exit_code:
            print(f"FAILS UNCHANGED: {page.name}\n{unchanged.report}", flush=True)
            wrong = True
            continue
        for mutation in page.mutations:
            verdict = try_out(page, mutation)
            change = f"{page.name}: {mutation.file}: {mutation.old} → {mutation.new}"
            report = "" if verdict.caught else f"\n{verdict.report}"
            print(f"{'caught' if verdict.caught else 'SURVIVED'}: {change}{report}", flush=True)
            wrong |= not verdict.caught
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
