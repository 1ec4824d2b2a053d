"""A lab's source, in the percent format that jupytext reads, made into a notebook.

    # %% [markdown] lang="zh"      text for the Chinese notebook, each line a comment
    # %% [markdown] lang="en"      the same for the English one
    # %%                           code for both

After that may stand ``tags=["…"]``. ``description``: not a cell, but the page's description.
``live``: code for the notebooks alone. ``exercise`` and ``solution``: the site frames the one and
folds the other, and both begin with a title, a line in bold.

Text is written as on the book's pages: headings with ids, numbers from results files, citations,
formulas, figures as ``../../../pics/name.zh.svg``.
"""

import re
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from wode.book import LANGUAGES, ROOT, lists
from wode.book.fences import PageError
from wode.book.markdown import inline
from wode.book.notebooks import assembled, attach_figures

_KINDS = {("code", None), *(("markdown", lang) for lang in LANGUAGES)}
_TAGS = {"description", "live", "exercise", "solution"}
_EXPECTED = f'expected # %% [markdown] lang="zh" or "en", or # %%, with tags of {sorted(_TAGS)}'
_ANCHOR = re.compile(r"^(#{2,6} .*?)[ \t]*\{#([\w-]+)\}[ \t]*$", re.M)
_HAN = r"[\u2014\u2018-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_LATIN = r"(?!\d+\. )[A-Za-z0-9`$\[]"  # but no item of a list
_WRAPPED = re.compile(rf"(?<={_HAN})\n *(?={_HAN})|(?<=[，。；：、？！）])\n *(?={_LATIN})")


def cells(path: Path) -> list[tuple[int, NotebookNode]]:
    """A source's cells, each with the number of its first line, from 1.

    Raises:
        PageError: a mark that is none, an unknown tag, a line of text that is no comment.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.lstrip().startswith("# %%")]
    cells = jupytext.reads("\n".join(lines), "py:percent").cells
    if len(cells) != len(starts):
        raise PageError(path, 1, "a lab begins with a cell, and # %% begins each, nothing else")
    for start, end, cell in zip(starts, [*starts[1:], len(lines) + 1], cells, strict=True):
        cell.metadata.pop("lines_to_next_cell", None)
        kind, tags = (cell.cell_type, cell.metadata.get("lang")), cell.metadata.get("tags", ())
        known = kind in _KINDS and _TAGS.issuperset(tags) and {"lang", "tags"} >= set(cell.metadata)
        if not known:
            raise PageError(path, start, f"{_EXPECTED}; got {lines[start - 1]!r}")
        if cell.cell_type == "markdown":
            for number, line in enumerate(lines[start : end - 1], start + 1):
                if line.strip() and not re.match(r"# |#$", line):
                    raise PageError(path, number, f"text begins with '# ', got {line!r}")
    return [(start + 1, cell) for start, cell in zip(starts, cells, strict=True)]


def notebook(path: Path, lang: str) -> NotebookNode:
    """The lab's notebook in one language, not run yet; the same at every call.

    Raises:
        PageError: a number, a citation or a figure that does not exist, with the source's line.
    """
    source = [(line, cell) for line, cell in cells(path) if cell.metadata.pop("lang", lang) == lang]
    cited = "\n".join(cell.source for _, cell in source if cell.cell_type == "markdown")
    made, description, before = [], "", ()
    for line, cell in source:
        tags = cell.metadata.get("tags", ())
        opens = "exercise" in tags or ("solution" in tags and "solution" not in before)
        if opens and not re.match(r"\*\*[^*]+\*\*(\n\n|$)", cell.source):
            first = cell.source.partition("\n")[0]
            raise PageError(path, line, f"{tags[0]}: expected **its title** alone, got {first!r}")
        if cell.cell_type == "markdown":
            _finish(cell, path, line, lang, cited)
        if "description" in tags:
            description = " ".join(cell.source.split())
        else:
            made.append(cell)
        before = tags
    return assembled(made, path.stem, description=description)


def _finish(cell: NotebookNode, path: Path, line: int, lang: str, cited: str) -> None:
    """Text that a notebook understands: numbers and citations put in, anchors as HTML."""
    lines = [
        lists.cited(lang, cited) if text.strip() == "[[references]]" else inline(text, path, number)
        for number, text in enumerate(cell.source.split("\n"), line)
    ]
    cell.source = "\n".join(lines)
    attach_figures(cell, ROOT / "docs" / lang / "labs", path, line)
    text = _WRAPPED.sub("", cell.source)  # Chinese has no space where a line was broken
    text = re.sub(r"\$`([^`]+)`\$", r"$\1$", text)
    cell.source = _ANCHOR.sub(r'\1 <a id="\2"></a>', text)
