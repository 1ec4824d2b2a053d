"""The fences of a page: every outermost one, wherever it stands and whatever its info line says.

A fence opens with three or more backticks or tildes at any indentation (in an admonition, a tab,
a list) and closes with the same marks at the same indentation. A fence quoted inside a longer one
is that one's text; a fence inside an HTML comment is no fence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pymdownx.snippets import SnippetPreprocessor

_OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
_COMMENT = re.compile(r"^[ \t]*<!--(?P<text>.*)$")
_KINDS = {
    "python": "python",
    "python3": "python",
    "py": "python",
    "pycon": "pycon",
    "ipython": "ipython",
    "ipython3": "ipython",
    "output": "output",
}
#: The kinds of fence that are executed.
EXECUTED = ("python", "pycon", "ipython")


class PageError(Exception):
    """A page that cannot be read: says which file and line, what was expected and what came."""

    def __init__(self, path: Path | str, line: int, message: str) -> None:
        self.path, self.line, self.message = Path(path), line, message
        here = Path.cwd()
        shown = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        super().__init__(f"{shown}:{line}: {message}")


@dataclass(frozen=True)
class Fence:
    """One fence; ``line`` and ``end`` are the numbers of its first and last line, from 1."""

    kind: str  # python, pycon, ipython, output; any other language as it was written
    info: str
    indent: str
    line: int
    end: int
    lines: tuple[str, ...]  # the content, without the fence's indentation


@dataclass(frozen=True)
class Comment:
    """One HTML comment outside of all fences, ``text`` without its marks."""

    line: int
    end: int
    text: str


@dataclass
class Scan:
    """A page cut into what is fenced, what is commented out, and the rest (``prose``)."""

    fences: list[Fence] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    prose: list[tuple[int, str]] = field(default_factory=list)


def kind_of(info: str) -> str:
    """The kind of a fence by its info line: ``python title="x"``, ``{.py .annotate}``."""
    words = re.findall(r"[^\s{}]+", info)
    if not words:
        return ""
    language = words[0].lstrip(".").lower()
    return _KINDS.get(language, language)


def notation(line: str, *, escaped: bool = False) -> bool:
    """Whether ``pymdownx.snippets`` would take the line, or take an escape from it."""
    if "8<-" not in line:  # the expressions below are slow
        return False
    ours = SnippetPreprocessor.RE_ALL_SNIPPETS, SnippetPreprocessor.RE_SNIPPET_SECTION
    found = ours[0].match(line) or ours[1].match(line)
    return bool(found and (escaped or not found["escape"]))


def scan(text: str, path: Path | str = "page") -> Scan:
    """Cut a page's text into fences, comments and prose.

    Raises:
        PageError: a fence or a comment is never closed; an include stands in no fence.
    """
    result = Scan()
    lines = text.splitlines()
    numbered: Iterator[tuple[int, str]] = iter(enumerate(lines, start=1))
    for number, line in numbered:
        if opening := _OPENING.match(line):
            result.fences.append(_fence(opening, number, numbered, path))
        elif comment := _COMMENT.match(line):
            result.comments.append(_comment(comment["text"], number, numbered, path))
        else:
            result.prose.append((number, line))
    for number, line in enumerate(lines, start=1):
        if notation(line) and not any(f.line < number < f.end for f in result.fences):
            raise PageError(path, number, f"an include stands in a fence, not in text: {line}")
    return result


def _fence(
    opening: re.Match[str], line: int, rest: Iterator[tuple[int, str]], path: Path | str
) -> Fence:
    indent, marks = opening["indent"], opening["marks"]
    content: list[str] = []
    for number, text in rest:
        if text.strip() and not text.startswith(indent):
            break  # what the fence stood in has ended
        body = text[len(indent) :]
        if body.rstrip() == marks:
            info = opening["info"].strip()
            return Fence(kind_of(info), info, indent, line, number, tuple(content))
        content.append(body)
    raise PageError(path, line, f"the fence opened here ({marks}) is never closed")


def _comment(text: str, line: int, rest: Iterator[tuple[int, str]], path: Path | str) -> Comment:
    parts, number = [text], line
    while "-->" not in parts[-1]:
        try:
            number, following = next(rest)
        except StopIteration:
            raise PageError(path, line, "the comment opened here (<!--) is never closed") from None
        parts.append(following)
    return Comment(line, number, "\n".join(parts).partition("-->")[0].strip())
