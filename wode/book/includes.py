"""Includes: ``--8<-- "wode/vision.py:conv2d_loops"`` puts code on a page by its name.

``pymdownx.snippets`` includes, on the site as in the tests: files, ranges of lines, sections.
Two things that it cannot do are done here: the name of a top-level function, class or assignment,
or ``Class.method``, becomes the range of its lines; and a line keeps where it was written.
"""

import ast
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown import Markdown
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor

from wode.book import ROOT
from wode.book.fences import PageError, Scan


class IncludeError(Exception):
    """An include that cannot be resolved: names the file and what it holds."""


class Line(str):
    """One line of code and where it was written."""

    path: Path
    number: int

    def __new__(cls, text: str, path: Path, number: int) -> "Line":
        line = super().__new__(cls, text)
        line.path, line.number = path, number
        return line

    @property
    def text(self) -> str:
        return str(self)

    def __radd__(self, indent: str) -> "Line":
        return Line(indent + self.text if self.strip() else "", self.path, self.number)


@dataclass(frozen=True)
class Include:
    """What one line of a page includes."""

    target: str  # as the page has it: wode/vision.py:conv2d_loops
    directive: str  # the line for pymdownx.snippets, which knows no names of definitions
    lines: list[Line]


class _Snippets(SnippetPreprocessor):
    """The extension's own preprocessor, on lines that keep their origin."""

    def read_lines(self, path: str) -> list[str]:
        return [Line(text, Path(path), n) for n, text in enumerate(super().read_lines(path), 1)]

    def dedent(self, lines: list[Line]) -> list[Line]:
        texts = super().dedent(lines) if lines else []
        return [Line(t, line.path, line.number) for t, line in zip(texts, lines, strict=True)]


@cache
def _snippets(root: Path) -> _Snippets:
    """Set as in mkdocs.yml."""
    extension = SnippetExtension(
        base_path=[str(root)], check_paths=True, dedent_subsections=True, encoding="utf-8-sig"
    )
    return _Snippets(extension.getConfigs(), Markdown())


def notation(line: str, *, escaped: bool = False) -> bool:
    """Whether ``pymdownx.snippets`` would take the line, or take an escape from it."""
    if "8<-" not in line:  # the expressions below are slow
        return False
    found = _Snippets.RE_ALL_SNIPPETS.match(line) or _Snippets.RE_SNIPPET_SECTION.match(line)
    return bool(found and (escaped or not found["escape"]))


def refuse_outside(text: str, cut: Scan, path: Path) -> None:
    """An include in prose would be Markdown, which no test reads.

    Raises:
        PageError: an include, or the mark of a section, outside of all fences.
    """
    fenced = {number for fence in cut.fences for number in range(fence.line, fence.end + 1)}
    for number, line in enumerate(text.split("\n"), start=1):
        if number not in fenced and notation(line):
            message = f"an include stands in a fence, not in the text (;--8<-- shows it): {line}"
            raise PageError(path, number, message)


def include(line: str, root: Path = ROOT) -> Include | None:
    """What a line of code includes; ``None`` for a line that is no include.

    Raises:
        IncludeError: no such file under ``root``, nothing of that name in it, or another notation
            of ``pymdownx.snippets`` than a file between quotes.
    """
    line = line.rstrip()
    if not notation(line, escaped=True):
        return None
    match = _Snippets.RE_ALL_SNIPPETS.match(line)
    if not match or not match["snippet"] or match["escape"]:
        raise IncludeError(f'expected --8<-- "path" or --8<-- "path:name", got {line.strip()}')
    target = match["snippet"][1:-1]
    path, _, name = target.partition(":")
    file = (root / path).resolve()
    if name.startswith("//") or Path(path).is_absolute() or not file.is_relative_to(root.resolve()):
        raise IncludeError(f"an include is a file inside {root}, not {target}")
    if not file.is_file():
        raise IncludeError(f"no file {path} under {root}")
    if name.strip("0123456789-:,"):
        name = _section_or_lines(file, name, file.stat().st_mtime_ns)
    directive = f'{match["space"]}--8<-- "{path}{name and ":"}{name}"'
    snippets, written = _snippets(root), Path(os.path.abspath(root / path))
    snippets.seen, snippets.bases = set(), None
    try:
        lines = snippets.parse_snippets([directive])
    except SnippetMissingError as error:
        raise IncludeError(str(error)) from error
    if {getattr(line, "path", root) for line in lines} != {written}:
        raise IncludeError(f"{target} holds no lines, or includes of its own")
    return Include(target, directive, lines)


@cache
def _section_or_lines(file: Path, name: str, _changed: int) -> str:
    """The name, if it is a section's; the range of lines, if it is a definition's."""
    text = file.read_text(encoding="utf-8-sig")
    sections = _sections(text.split("\n"))
    if name in sections:
        return name
    named = _definitions(ast.parse(text, str(file)))
    if name not in named:
        there = ", ".join([*sections, *named]) or "nothing"
        raise IncludeError(f"{file.name} has no section or definition {name!r}; it has: {there}")
    return "{}:{}".format(*named[name])


def _sections(lines: list[str]) -> list[str]:
    edges: dict[str, list[tuple[str, int]]] = {}
    for number, line in enumerate(lines, start=1):
        if (mark := _Snippets.RE_SNIPPET_SECTION.match(line)) and not mark["escape"]:
            edges.setdefault(mark["name"], []).append((mark["type"], number))
    for name, found in edges.items():
        if [edge for edge, _ in found] != ["start", "end"]:
            there = ", ".join(f"{edge} at line {number}" for edge, number in found)
            raise IncludeError(f"section {name!r} needs one start, then one end; it has {there}")
    return list(edges)


def _definitions(tree: ast.Module) -> dict[str, tuple[int, int]]:
    spans: dict[str, tuple[int, int]] = {}
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                spans[node.name] = _lines_of(node)
                if isinstance(node, ast.ClassDef):
                    for inner in node.body:
                        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                            spans[f"{node.name}.{inner.name}"] = _lines_of(inner)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                spans[name] = _lines_of(node)
    return spans


def _lines_of(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    return first, node.end_lineno or node.lineno
