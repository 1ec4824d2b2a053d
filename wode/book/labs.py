"""The labs: ``python -m wode.book.labs [NAME ...] [--small] [--only experiment|notebooks]``.

A lab is one source, ``snippets/labs/NAME.py``, from which two notebooks are made,
``docs/zh/labs/NAME.ipynb`` and ``docs/en/labs/NAME.ipynb``. It is cut into cells:

    # %% [markdown] zh             text for the Chinese notebook, each line a comment
    # %% [markdown] en             the same for the English one
    # %%                           code for both

Words after that are tags. ``description``: not a cell, but the page's description. ``live``: code
for the notebooks alone. ``exercise`` and ``solution``: the site frames the one and folds the other.

The long run and the notebooks are two steps. The source defines ``experiment(small, folder)``,
which writes a results file; the notebooks show that file's numbers and run the same code scaled
down, so that making them again takes seconds.
"""

import argparse
import base64
import json
import os
import re
import runpy
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from wode.book import LANGUAGES, ROOT, lists, results
from wode.book.fences import PageError
from wode.book.markdown import inline

SOURCES = ROOT / "snippets" / "labs"
FIGURES = ROOT / "docs" / "assets" / "figures"
_MARK = re.compile(r"^# %%(?P<markdown> \[markdown\] (?P<lang>zh|en))?(?P<tags>(?: [a-z]+)*)$")
_TAGS = {"description", "live", "exercise", "solution"}
_ANCHOR = re.compile(r"^(#{2,6} .*?)[ \t]*\{#([\w-]+)\}[ \t]*$", re.M)
_HAN = r"[\u2014\u2018-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_WRAPPED = re.compile(rf"(?<={_HAN})\n(?={_HAN})")
_PICTURE = re.compile(r"(!\[[^\]]*\]\()(?:\.\./)+pics/([\w.-]+\.svg)\)")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Cell:
    """One cell of a source; ``line`` is the number of its first line, from 1."""

    lang: str  # "zh", "en"; empty for code
    tags: tuple[str, ...]
    text: str
    line: int


class LabError(Exception):
    """A lab that cannot be made or run; the message says which and why."""


def names() -> list[str]:
    """The labs there are."""
    return sorted(path.stem for path in SOURCES.glob("*.py"))


def cells(path: Path) -> list[Cell]:
    """A source cut into its cells.

    Raises:
        PageError: a mark that is none, an unknown tag, a line of text that is no comment.
    """
    found: list[Cell] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    if not starts or any(line.strip() for line in lines[: starts[0]]):
        raise PageError(path, 1, "a lab begins with a cell: # %% [markdown] zh description")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        mark = _MARK.match(lines[start])
        tags = tuple(mark["tags"].split()) if mark else ()
        if mark is None or not _TAGS.issuperset(tags):
            message = f"expected # %% [markdown] zh|en and tags of {sorted(_TAGS)}, or # %% alone"
            raise PageError(path, start + 1, f"{message}; got {lines[start]!r}")
        body = lines[start + 1 : end]
        if mark["markdown"]:
            for number, line in enumerate(body, start=start + 2):
                if line.strip() and not re.match(r"# |#$", line):
                    raise PageError(path, number, f"text begins with '# ', got {line!r}")
            body = [line[2:] for line in body]
        text = "\n".join(body).strip("\n")
        if text:
            found.append(Cell(mark["lang"] or "", tags, text, start + 2))
    return found


def notebook(path: Path, lang: str) -> nbformat.NotebookNode:
    """The lab's notebook in one language, not run yet; the same at every call.

    Raises:
        PageError: a number, a citation or a figure that does not exist, with the source's line.
    """
    source = cells(path)
    made: list[Any] = []
    description = ""
    cited = "\n".join(cell.text for cell in source if cell.lang == lang)
    for cell in source:
        if cell.lang not in ("", lang):
            continue
        if "description" in cell.tags:
            description = " ".join(cell.text.split())
            continue
        if cell.lang:
            text, pictures = _attached(_text(cell, path, cited), path)
            made.append(new_markdown_cell(text, **({"attachments": pictures} if pictures else {})))
        else:
            made.append(new_code_cell(cell.text))
        if cell.tags:
            made[-1].metadata["tags"] = list(cell.tags)
    for number, cell in enumerate(made):
        cell["id"] = f"{path.stem}-{number}"  # the same every time, in both languages
    result = new_notebook(cells=made)
    result.metadata = {
        "description": description,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.validate(result)
    return result


def _text(cell: Cell, path: Path, cited: str) -> str:
    """Text that a notebook understands: numbers and citations put in, anchors as HTML."""
    lines = []
    for number, line in enumerate(cell.text.split("\n"), start=cell.line):
        if line.strip() == "[[references]]":
            lines.append(lists.cited(cell.lang, cited))
        else:
            lines.append(inline(line, path, number))
    text = _WRAPPED.sub("", "\n".join(lines))  # Chinese has no space where a line was broken
    text = re.sub(r"\$`([^`]+)`\$", r"$\1$", text)
    return _ANCHOR.sub(r'\1 <a id="\2"></a>', text)


def _attached(text: str, path: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """Figures go into the notebook itself; their links stand as on a page, ``../../../pics/``."""
    pictures: dict[str, dict[str, str]] = {}

    def attach(match: re.Match[str]) -> str:
        file = ROOT / "pics" / match[2]
        if not file.is_file():
            raise PageError(path, 1, f"no figure {file}")
        pictures[file.name] = {"image/svg+xml": base64.b64encode(file.read_bytes()).decode()}
        return f"{match[1]}attachment:{file.name})"

    return _PICTURE.sub(attach, text), pictures


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
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise LabError(_CONTROL.sub("", str(error))) from error
    fresh.metadata["language_info"] = {"name": "python"}  # without the version
    for cell in fresh.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise LabError(f"a cell writes to stderr:\n{cell.source}\n\n{output.text}")
    return fresh


def definitions(path: Path) -> dict[str, Any]:
    """The source's namespace without what its ``live`` and ``solution`` cells would do.

    The lines keep their numbers, so that a traceback points into the source.
    """
    lines = [""] * len(path.read_text(encoding="utf-8").splitlines())
    for cell in cells(path):
        if not cell.lang and not {"live", "solution"}.intersection(cell.tags):
            body = cell.text.split("\n")
            lines[cell.line - 1 : cell.line - 1 + len(body)] = body
    namespace: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    exec(compile("\n".join(lines), str(path), "exec"), namespace)
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
    fresh = {lang: notebook(path, lang) for lang in LANGUAGES}
    shown = executed(fresh[LANGUAGES[0]])
    outputs = [cell for cell in shown.cells if cell.cell_type == "code"]
    written = []
    for lang, made in fresh.items():
        code = [cell for cell in made.cells if cell.cell_type == "code"]
        for cell, ran in zip(code, outputs, strict=True):
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        target = docs / lang / "labs" / f"{path.stem}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".ipynb.part")
        partial.write_text(nbformat.writes(made) + "\n", encoding="utf-8")
        written.append(partial.replace(target))
    return written


def interactive(path: Path, folder: Path = FIGURES) -> list[Path]:
    """Write the Plotly version of each figure of the lab whose file defines ``plotly(lang)``."""
    written = []
    text = path.read_text(encoding="utf-8")
    for name, lang in sorted(set(re.findall(r"pics/([\w-]+)\.(zh|en)\.svg", text))):
        figure = runpy.run_path(str(ROOT / "pics" / f"{name}.py"))
        if "plotly" in figure:
            folder.mkdir(parents=True, exist_ok=True)
            drawn = json.dumps(figure["plotly"](lang), ensure_ascii=False, allow_nan=False)
            target = folder / f"{name}.{lang}.json"
            target.write_text(drawn + "\n", encoding="utf-8")
            written.append(target)
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
            interactive(path, target / "assets" / "figures")
            for written in write_notebooks(path, target):
                print(written, flush=True)


if __name__ == "__main__":
    sys.exit(main())
