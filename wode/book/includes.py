"""Includes: ``--8<-- "wode/vision.py:conv2d_loops"`` puts code on a page by its name.

The name is that of a top-level function, class or assignment of the file, ``Class.method``, or a
section between ``# --8<-- [start:name]`` and ``# --8<-- [end:name]``; without a name the whole file
is meant.
The site and the tests resolve includes with this one function.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wode.book import ROOT

_INCLUDE = re.compile(
    r'^(?P<indent>[ \t]*)--8<--[ \t]+"(?P<path>[^":]+)(?::(?P<name>[^"]+))?"[ \t]*$'
)
_MARKER = re.compile(r"^\s*#\s*--8<--\s*\[(start|end):([^\]]+)\]\s*$")


class IncludeError(Exception):
    """An include that cannot be resolved: names the file and what it holds."""


@dataclass(frozen=True)
class Line:
    """One line of code and where it was written."""

    text: str
    path: Path
    number: int


def reference(line: str) -> tuple[str, str, str] | None:
    """(indentation, path, name) if the line is an include, else None; the name may be empty."""
    match = _INCLUDE.match(line)
    return (match["indent"], match["path"], match["name"] or "") if match else None


def resolve(path: str, name: str = "", root: Path = ROOT) -> list[Line]:
    """The lines that an include stands for.

    Raises:
        IncludeError: no such file under ``root``, or nothing of that name in it.
    """
    file = root / path
    if not file.is_file():
        raise IncludeError(f"no file {path} under {root}")
    first, last = _span(file, name, file.stat().st_mtime_ns)
    lines = file.read_text(encoding="utf-8").splitlines()[first - 1 : last]
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    return [
        Line(text[indent:] if not text[:indent].strip() else text, file, first + offset)
        for offset, text in enumerate(lines)
        if not _MARKER.match(text)
    ]


@cache
def _span(file: Path, name: str, _changed: int) -> tuple[int, int]:
    """First and last line of ``name`` in ``file``, both included."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    if not name:
        return 1, len(lines)
    sections = _sections(lines)
    if name in sections:
        return sections[name]
    named = _definitions(ast.parse(text, str(file)))
    if name not in named:
        there = ", ".join([*sections, *named]) or "nothing"
        raise IncludeError(f"{file.name} has no section or definition {name!r}; it has: {there}")
    return named[name]


def _sections(lines: list[str]) -> dict[str, tuple[int, int]]:
    starts: dict[str, int] = {}
    spans: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(lines, start=1):
        if marker := _MARKER.match(line):
            edge, name = marker.groups()
            if edge == "start":
                starts[name] = number + 1
            elif name in starts:
                spans[name] = (starts[name], number - 1)
    if unclosed := sorted(set(starts) - set(spans)):
        raise IncludeError(
            f"section {unclosed[0]!r} starts at line {starts[unclosed[0]] - 1} and never ends"
        )
    return spans


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
