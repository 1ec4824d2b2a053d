"""The labs: ``python -m wode.book.labs [NAME ...] [--small] [--only experiment|notebooks]``.

A lab is one source, ``snippets/labs/NAME.py``, from which two notebooks are made,
``docs/zh/labs/NAME.ipynb`` and ``docs/en/labs/NAME.ipynb``; ``percent`` says how it is written.

The long run and the notebooks are two steps. The source defines ``experiment(small, folder)``,
which writes a results file; the notebooks show that file's numbers and run the same code scaled
down, so that making them again takes seconds.
"""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from wode.book import LANGUAGES, ROOT, figures, results
from wode.book.percent import cells, notebook
from wode.files.atomic import write_text

SOURCES = ROOT / "snippets" / "labs"
_FIGURE = re.compile(r"pics/([\w-]+)\.(?:zh|en)\.svg")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m")


class LabError(Exception):
    """A lab that cannot be made or run; the message says which and why."""


def names() -> list[str]:
    """The labs there are."""
    return sorted(path.stem for path in SOURCES.glob("*.py"))


def executed(fresh: nbformat.NotebookNode, timeout: int = 600) -> nbformat.NotebookNode:
    """Run a notebook in an empty folder and a kernel of its own; keep what it shows.

    Raises:
        LabError: a cell fails, or writes to stderr, which would be kept in the book.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    with tempfile.TemporaryDirectory(prefix="wode-lab-") as folder:
        client = NotebookClient(
            fresh,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            coalesce_streams=True,  # how many pieces a text comes in depends on the moment
        )
        # tqdm tells a notebook without ipywidgets to install them: nothing that belongs in a book
        quiet = os.environ | {"PYTHONWARNINGS": "ignore:IProgress not found"}
        try:
            client.execute(env=quiet)
        except CellExecutionError as error:
            raise LabError(_CONTROL.sub("", str(error))) from error
    for cell in fresh.cells:
        if any(output.get("name") == "stderr" for output in cell.get("outputs", [])):
            raise LabError(f"a cell writes to stderr:\n{cell.source}\n\n{cell.outputs}")
    return fresh


def definitions(path: Path) -> dict[str, Any]:
    """The source's namespace without what its ``live`` and ``solution`` cells would do.

    The lines keep their numbers, so that a traceback points into the source.
    """
    namespace: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    for line, cell in cells(path):
        tags = cell.metadata.get("tags", ())
        if cell.cell_type == "code" and not {"live", "solution"}.intersection(tags):
            exec(compile("\n" * (line - 1) + cell.source, str(path), "exec"), namespace)
    return namespace


def run_experiment(path: Path, small: bool, folder: Path = results.FOLDER) -> None:
    """Run the lab's experiment, which writes its results file into ``folder``.

    Raises:
        LabError: the source defines no ``experiment``.
    """
    namespace = definitions(path)
    if "experiment" not in namespace:
        raise LabError(f"{path}: expected a function experiment(small, folder), found none")
    namespace["experiment"](small=small, folder=folder)


def write_notebooks(path: Path, docs: Path = ROOT / "docs") -> list[Path]:
    """Make, run and write both notebooks; what a cell shows is in both what it showed in one."""
    shown = executed(notebook(path, LANGUAGES[0]))
    outputs = [cell for cell in shown.cells if cell.cell_type == "code"]
    written = []
    for lang in LANGUAGES:
        made = notebook(path, lang)
        code = [cell for cell in made.cells if cell.cell_type == "code"]
        for cell, ran in zip(code, outputs, strict=True):
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        target = docs / lang / "labs" / f"{path.stem}.ipynb"
        written.append(write_text(target, nbformat.writes(made) + "\n"))
    return written


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m wode.book.labs", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {names()}, or a source's path"
    )
    parser.add_argument("--small", action="store_true", help="scaled down, into a temporary folder")
    parser.add_argument("--only", choices=["experiment", "notebooks"], help="one of the two steps")
    options = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is imported
    for name in options.names or names():
        path = SOURCES / f"{Path(name).stem}.py"
        if not path.is_file():
            parser.error(f"no lab {name!r}: expected {path}; there are {names()}")
        target = Path(tempfile.mkdtemp(prefix="wode-lab-")) if options.small else ROOT / "docs"
        print(f"lab {path.stem}: into {target}", flush=True)
        if options.only != "notebooks":
            run_experiment(path, options.small, target / "assets" / "results")
        if options.only != "experiment":
            if not options.small:
                figures.main(sorted(set(_FIGURE.findall(path.read_text("utf-8")))))
            for written in write_notebooks(path, target):
                print(written, flush=True)


if __name__ == "__main__":
    sys.exit(main())
