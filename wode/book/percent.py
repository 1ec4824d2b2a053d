"""A lab's source in percent format: cut into cells, made into a notebook.

    # %% [markdown] zh             text for the Chinese notebook, each line a comment
    # %% [markdown] en             the same for the English one
    # %%                           code for both

Words after that are tags. ``description``: not a cell, but the page's description. ``live``: code
for the notebooks alone. ``exercise`` and ``solution``: the site frames the one and folds the other.

Text is written as on the book's pages: headings with ids, numbers from results files, citations,
formulas, figures as ``../../../pics/name.zh.svg``.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from wode.book import ALT, ROOT, lists
from wode.book.fences import PageError
from wode.book.markdown import inline

_MARK = re.compile(r"^# %%(?P<markdown> \[markdown\] (?P<lang>zh|en))?(?P<tags>(?: [a-z]+)*)$")
_TAGS = {"description", "live", "exercise", "solution"}
_ANCHOR = re.compile(r"^(#{2,6} .*?)[ \t]*\{#([\w-]+)\}[ \t]*$", re.M)
_HAN = r"[\u2014\u2018-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_WRAPPED = re.compile(rf"(?<={_HAN})\n *(?={_HAN})")
_PICTURE = re.compile(rf"(!\[{ALT}\]\()(?:\.\./)+pics/([\w.-]+\.svg)\)")


@dataclass(frozen=True)
class Cell:
    """One cell of a source; ``line`` is the number of its first line, from 1."""

    lang: str  # "zh", "en"; empty for code
    tags: tuple[str, ...]
    text: str
    line: int


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
        blank = next((i for i, line in enumerate(body) if line.strip()), len(body))
        if text := "\n".join(body).strip("\n"):
            found.append(Cell(mark["lang"] or "", tags, text, start + 2 + blank))
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
            description = " ".join(_WRAPPED.sub("", cell.text).split())
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
