"""The fences of a page: every outermost one, wherever it stands and whatever its info line says.

A fence opens with three or more backticks or tildes at any indentation (in an admonition, a tab,
a list) and closes with the same marks at the same indentation. A fence quoted inside a longer one
is that one's text; a fence inside an HTML comment is no fence. What the site shows as Python runs,
or is refused: the site's own extensions read the info line, and Pygments knows the language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown import Markdown
from pygments.lexers import get_lexer_by_name
from pymdownx.snippets import SnippetPreprocessor

_OPENING = re.compile(r"^(?P<indent>[> ]*)(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
_COMMENT = re.compile(r"^[ \t]*<!--(?P<text>.*)$")
_BLANK = re.compile(r"(?m)^ +$")
_CODE_SPAN = re.compile(r"(?s)(`+)(?:.+?)\1")
#: HTML in which the site would show no fence, or a fence of which the site would end it.
_OUT_OF_SIGHT = re.compile(r"<!--(?!.*-->)|(?i:<(script|style|pre|textarea)\b(?!.*</\1>))")
Lines = Iterator[tuple[int, str]]
#: What begins a block whose content is indented: admonition, tab, list, footnote, definition.
_CONTAINER = r"(?:!!!|\?{3}\+?|===[!+]?|[-*+]|\d+\.|:|\[\^[^\]]+\]:) +\S"
#: What runs how, by the language on the page or Pygments' name; other Pythons are refused.
_KINDS = {"ipython": "ipython", "ipython3": "ipython", "output": "output"}
_KINDS |= {"Python": "python", "NumPy": "python", "Python console session": "pycon"}
#: As ``mkdocs.yml`` has it.
_EXTENDED = [{"name": "ipython", "lang": "python"}, {"name": "output", "lang": "text"}]
HIGHLIGHT = {"pygments_lang_class": True, "extend_pygments_lang": _EXTENDED}
_SITE = Markdown(
    extensions=["attr_list", "pymdownx.superfences", "pymdownx.highlight"],
    extension_configs={"pymdownx.highlight": HIGHLIGHT},
)
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

    kind: str  # python, pycon, ipython, output; of any other language Pygments' name
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

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """Where the pattern is found in the prose, which may be over several lines."""
        text = "\n".join(line for _, line in self.prose)
        for match in pattern.finditer(text):
            yield self.prose[text.count("\n", 0, match.start())][0], match


@cache
def kind_of(info: str) -> str | None:
    """The kind of a fence by its info line; ``None`` where the site takes the line for text."""
    html = _SITE.reset().convert(f"~~~{info}\n~~~")
    if shown := re.match(r'<div [^>]*\bclass="language-([^ "]+)', html):
        language = shown[1].lower()
        return _KINDS.get(language) or _KINDS.get(lexer := get_lexer_by_name(language).name, lexer)
    return None


def notation(line: str, *, escaped: bool = False) -> bool:
    """Whether ``pymdownx.snippets`` would take the line, or take an escape from it."""
    if "8<-" not in line:  # the expressions below are slow
        return False
    ours = SnippetPreprocessor.RE_ALL_SNIPPETS, SnippetPreprocessor.RE_SNIPPET_SECTION
    directive = ours[0].match(line) or ours[1].match(line)
    return bool(directive and (escaped or not directive["escape"]))


def as_shown(text: str) -> str:
    """The text as the site has it: tabs are spaces, a line of spaces alone is empty."""
    return _BLANK.sub("", text.expandtabs(4))


def scan(text: str, path: Path | str = "page") -> Scan:
    """Cut a page's text into fences, comments and prose.

    Raises:
        PageError: what is never closed, or shown as Python and not run, or as text and run; an
            include that stands in no fence.
    """
    result = Scan()
    lines = as_shown(text).removesuffix("\n").split("\n")
    numbered: Lines = iter(enumerate(lines, start=1))
    for number, line in numbered:
        opening = _OPENING.match(line)
        if opening and (kind := kind_of(opening["info"])):
            above = [(comment.line, lines[comment.line - 1]) for comment in result.comments]
            above = sorted(result.prose + above) if opening["indent"] else result.prose
            if complaint := _complaint(opening["indent"], kind, above):
                raise PageError(path, number, complaint)
            result.fences.append(_fence(opening, kind, number, numbered, path))
        elif opening and "`" not in opening["info"]:
            raise PageError(path, number, "the site reads no fence here: it knows no such option")
        elif comment := _COMMENT.match(line):
            result.comments.append(_comment(comment["text"], number, numbered, path))
        elif _OUT_OF_SIGHT.search(_CODE_SPAN.sub("", line)):
            wanted = "expected code in a fence, and HTML that ends on its line"
            raise PageError(path, number, f"{wanted}, got {line.strip()!r}")
        else:
            result.prose.append((number, line))
    for number, line in enumerate(lines, start=1):
        if notation(line) and not any(f.line < number < f.end for f in result.fences):
            raise PageError(path, number, f"an include stands in a fence, not in text: {line}")
    return result


def _complaint(indent: str, kind: str, before: list[tuple[int, str]]) -> str | None:
    """Why a fence cannot stand where it does."""
    if ">" in indent:
        return "a fence in a block quote is not run; put it outside of the quote"
    if kind not in EXECUTED and "ython" in kind and "Traceback" not in kind:
        return f"{kind} is not run; expected one of {', '.join(EXECUTED)}"
    if len(indent) % 4:
        return f"expected an indentation of 4 spaces a list, note or tab, got {len(indent)}"
    text = "".join(f"{line}\n" for _, line in before)
    paragraph = text.rpartition("\n\n")[2].removesuffix("\n")  # empty after a blank line
    last = paragraph.rpartition("\n")[2]
    if (
        last.endswith("\\")
        or last.startswith(f"{indent}    ")
        or "`" in _CODE_SPAN.sub("", paragraph)
    ):
        return "expected a blank line before the fence: the paragraph above would take it in"
    above = re.split(r"\n(?: *\n)+", text.strip("\n"))
    for level in range(len(indent), 0, -4):
        while above and (above[-1].startswith(" " * level) or not above[-1].strip()):
            above.pop()
        if not above or not re.search(rf"(?m)^ {{{level - 4}}}{_CONTAINER}", above[-1]):
            return "the site shows this as text: it is indented, and no list, note or tab holds it"
    return None


def _fence(opening: re.Match[str], kind: str, line: int, rest: Lines, path: Path | str) -> Fence:
    indent, marks = opening["indent"], opening["marks"]
    content: list[str] = []
    for number, text in rest:
        if text.strip() and not text.startswith(indent):
            break  # what the fence stood in has ended
        body = text[len(indent) :]
        if body.rstrip() == marks:
            return Fence(kind, opening["info"].strip(), indent, line, number, tuple(content))
        content.append(body)
    raise PageError(path, line, f"the fence opened here ({marks}) is never closed")


def _comment(text: str, line: int, rest: Lines, path: Path | str) -> Comment:
    parts, number = [text], line
    while "-->" not in parts[-1]:
        number, following = next(rest, (0, None))
        if following is None:
            raise PageError(path, line, "the comment opened here (<!--) is never closed")
        parts.append(following)
    cut = iter(enumerate(parts, start=line))
    for at, text in cut:  # the site reads fences before comments
        if (opening := _OPENING.match(text)) and kind_of(opening["info"]):
            _fence(opening, "", at, cut, path)
    return Comment(line, number, "\n".join(parts).partition("-->")[0].strip())
