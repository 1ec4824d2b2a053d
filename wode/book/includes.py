"""Includes: ``--8<-- "wode/vision.py:conv2d_loops"`` puts code on a page by its name.

``pymdownx.snippets`` includes, on the site as in the tests: files, ranges of lines, sections.
Two things that it cannot do are done here: the name of a top-level function, class or assignment,
or ``Class.method``, becomes the range of its lines; and a line keeps where it was written.
"""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from markdown import Markdown
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor

from wode.book import ROOT
from wode.book.fences import EXECUTED, Fence, PageError, as_shown, notation


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
        return list(self._lines(path, os.stat(path).st_mtime_ns))

    @cache  # noqa: B019 (one preprocessor a root lives as long as the process)
    def _lines(self, path: str, _changed: int) -> list[Line]:
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


def includes(
    fence: Fence, path: Path, root: Path = ROOT
) -> Iterator[tuple[int, str, Include | None]]:
    """The lines of a fence on a page: number, text, and what it includes if it is an include.

    Raises:
        PageError: an include that ``include`` refuses, with its line on the page.
    """
    for number, line in enumerate(fence.lines, start=fence.line + 1):
        try:  # where nothing runs, an escape shows what it escapes
            taken = notation(line, escaped=fence.kind in EXECUTED)
            code = include(line.rstrip(), root) if taken else None
            yield number, line, code and replace(code, lines=_as_shown(code.lines, fence.indent))
        except (IncludeError, SyntaxError) as error:
            raise PageError(path, number, str(error)) from error


def _as_shown(lines: list[Line], indent: str) -> list[Line]:
    """As the site shows them in a fence of this indentation, which decides how wide a tab is."""
    shown = ((line, as_shown(indent + line.text)[len(indent) :]) for line in lines)
    return [Line(text, line.path, line.number) for line, text in shown]


def include(line: str, root: Path = ROOT) -> Include:
    """What an include stands for.

    Raises:
        IncludeError: no such file under ``root``, nothing of that name in it, or another notation
            of ``pymdownx.snippets`` than a file between quotes.
    """
    match = _Snippets.RE_ALL_SNIPPETS.match(line)
    if not match or not match["snippet"] or match["escape"]:
        raise IncludeError(f'expected --8<-- "path" or --8<-- "path:name", got {line.strip()}')
    target = match["snippet"][1:-1]
    path, _, name = target.partition(":")
    file, written = (root / path).resolve(), Path(os.path.abspath(root / path))
    if name.startswith("//") or Path(path).is_absolute() or not file.is_relative_to(root.resolve()):
        raise IncludeError(f"an include is a file inside {root}, not {target}")
    if not file.is_file():
        raise IncludeError(f"no file {path} under {root}")
    if name.strip("0123456789-:,"):
        name = _section_or_lines(file, name, file.stat().st_mtime_ns)
    directive = f'{match["space"]}--8<-- "{path}{name and ":"}{name}"'
    snippets = _snippets(root)
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
    for name, places in edges.items():
        if [edge for edge, _ in places] != ["start", "end"]:
            there = ", ".join(f"{edge} at line {number}" for edge, number in places)
            raise IncludeError(f"section {name!r} needs one start, then one end; it has {there}")
    return list(edges)


def _definitions(tree: ast.Module) -> dict[str, tuple[int, int]]:
    spans: dict[str, tuple[int, int]] = {}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for prefix, body in [("", tree.body), *((f"{c.name}.", c.body) for c in classes)]:
        for node in body:
            match node:
                case (
                    ast.FunctionDef(name=name)
                    | ast.AsyncFunctionDef(name=name)
                    | ast.ClassDef(name=name)
                    | ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AnnAssign(target=ast.Name(id=name))
                ):
                    decorated = [node, *getattr(node, "decorator_list", [])]
                    spans[prefix + name] = min(n.lineno for n in decorated), node.end_lineno or 0
    return spans
