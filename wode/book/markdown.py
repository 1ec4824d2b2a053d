"""The book's one Markdown extension: what a page says beyond plain Markdown.

Includes by name, GitHub's inline formulas (dollar-backtick), numbers from results files,
citations, the glossary's hovers, and the lists that the surrounding pages show. The tests read a
page with the same functions (``fences``, ``includes``, ``results``, ``references``, ``glossary``).
"""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from mkdocs.exceptions import BuildError

from wode.book import ROOT, glossary, references, results
from wode.book.fences import PageError, scan
from wode.book.includes import includes
from wode.book.lists import LISTS

NUMBER = re.compile(r"\[\[(?P<reference>[a-z0-9_-]+(?:\.[\w-]+)+)(?::(?P<spec>[^\]\[]+))?\]\]")
_TITLE = re.compile(r"""title=(["'])(.*?)\1""")
_LIST = re.compile(rf"^\[\[(?P<name>{'|'.join(LISTS)})\]\]\s*$")
_CODE_SPAN = re.compile(r"(`+)(?:.+?)\1")
_SKIP = re.compile(r"^skip:\s*next\s*(?P<reason>.*)$", re.S)
_SKIPPED = {
    "zh": "下面这段代码在检查全书时不运行",
    "en": "The block below is not run when the book is checked",
}


class UnbuildablePage(PageError, BuildError):
    """A page that cannot be built; mkdocs prints its one line and stops."""


def expanded(text: str, path: Path, lang: str, root: Path = ROOT) -> str:
    """A page's Markdown with numbers, citations, skips and lists put in; includes are left to
    ``pymdownx.snippets``, by lines or sections, and the fences that hold them named after them.

    Raises:
        PageError: an include, a number or a citation that does not exist, with the page's line.
    """
    lines = text.split("\n")
    cut = scan(text, path)
    for fence in cut.fences:
        targets = []
        for number, _, code in includes(fence, path, root):
            if code:
                lines[number - 1] = fence.indent + code.directive
                targets.append(code.target)
        if targets:
            lines[fence.line - 1] = _titled(lines[fence.line - 1], _whence(targets))
    for number, line in cut.prose:
        if match := _LIST.match(line):
            lines[number - 1] = inline(LISTS[match["name"]](lang, text), path, number)
        else:
            lines[number - 1] = inline(line, path, number)
    for comment in cut.comments:
        if match := _SKIP.match(comment.text):
            indent = lines[comment.line - 1][: -len(lines[comment.line - 1].lstrip()) or None]
            reason = match["reason"].strip().strip("\"'")
            lines[comment.line - 1] = f"{indent}*{_SKIPPED[lang]}: {reason}*{{ .skipped }}"
            lines[comment.line : comment.end] = [""] * (comment.end - comment.line)
    return "\n".join(lines)


def _whence(targets: list[str]) -> str:
    """The files and names that a fence includes, linked to the API reference if it has them."""

    def link(text: str, path: str, name: str = "") -> str:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        linked = f"<autoref identifier='{module}{name}' optional>{text}</autoref>"
        return linked if path.startswith("wode/") else text

    files: dict[str, list[str]] = {}
    for path, _, name in (target.partition(":") for target in targets):
        files.setdefault(path, []).extend([link(name, path, f".{name}")] if name else [])
    named = {path: f" · {', '.join(names)}" if names else "" for path, names in files.items()}
    return "; ".join(link(path, path) + names for path, names in named.items())


def _titled(opening: str, title: str) -> str:
    """A fence's first line with a title, after the one that it has."""
    if own := _TITLE.search(opening):
        title = f"{html.escape(own[2])} · {title}"
    head, brace, _ = _TITLE.sub("", opening).rstrip().partition("}")
    return f'{head} title="{title}" title_mode="html"{brace}'


def inline(line: str, path: Path, number: int, cite: Callable[[str], str] | None = None) -> str:
    """One line of prose with its numbers and citations put in; code spans are left alone."""

    def outside(text: str) -> str:
        try:
            text = NUMBER.sub(lambda m: results.formatted(m["reference"], m["spec"] or ""), text)
            return references.CITATION.sub(lambda m: _cited(m["keys"], cite), text)
        except (KeyError, FileNotFoundError, ValueError) as error:
            raise PageError(path, number, str(error.args[0] if error.args else error)) from error

    parts, end = [], 0
    for span in _CODE_SPAN.finditer(line):
        parts += [outside(line[end : span.start()]), span[0]]
        end = span.end()
    return "".join([*parts, outside(line[end:])])


def _cited(keys: str, cite: Callable[[str], str] | None) -> str:
    names = [key.strip().lstrip("@") for key in keys.split(";")]
    link = cite or (lambda key: f"[{references.label(key)}](#ref-{key})")
    return "(" + "; ".join(link(key) for key in names) + ")"


class _Expand(Preprocessor):
    def __init__(self, md: Markdown, extension: "BookExtension") -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        path, lang = self.extension.page()
        try:
            return expanded("\n".join(lines), path, lang).split("\n")
        except PageError as error:
            raise UnbuildablePage(error.path, error.line, error.message) from error


class _InlineMath(InlineProcessor):
    """Dollar-backtick … backtick-dollar, as GitHub and the author write formulas."""

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element, int, int]:
        span = ElementTree.Element("span", {"class": "arithmatex"})
        assert self.md is not None
        span.text = self.md.htmlStash.store(html.escape(f"\\({m[1]}\\)", quote=False))
        return span, m.start(0), m.end(0)


class _Hovers(Treeprocessor):
    """The first use of each of the glossary's terms on a page explains itself on hover."""

    _LEAVE = ("a", "abbr", "code", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "script", "style")

    def __init__(self, md: Markdown, extension: "BookExtension") -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: ElementTree.Element) -> None:
        path, lang = self.extension.page()
        without = {"glossary", "references", "results", "api"}
        if not glossary.FILE.is_file() or without & {path.stem, path.parent.name}:
            return
        known = glossary.terms()
        forms = {form.lower(): term for term in known for form in term.forms(lang)}
        if not forms:
            return
        self._find = re.compile(glossary.pattern(tuple(forms), lang))
        self._forms, self._lang = forms, lang
        self._seen: set[str] = set()
        self._walk(root)

    def _walk(self, element: ElementTree.Element) -> None:
        if element.tag in self._LEAVE or "arithmatex" in element.get("class", ""):
            return
        self._mark(element, None)
        for child in list(element):
            self._walk(child)
            self._mark(element, child)

    def _mark(self, parent: ElementTree.Element, after: ElementTree.Element | None) -> None:
        """Mark the text at the head of ``parent``, or that which follows its child ``after``."""
        text = parent.text if after is None else after.tail
        while text and (match := self._next(text)):
            term = self._term(match[0])
            self._seen.add(term.id)
            abbreviation = ElementTree.Element("abbr")
            other = term.en if self._lang == "zh" else term.zh
            colon = "：" if self._lang == "zh" else ": "
            abbreviation.set("title", f"{other}{colon}{term.definition[self._lang]}")
            abbreviation.text = match[0]
            before, text = text[: match.start()], text[match.end() :]
            if after is None:
                parent.text = before
                parent.insert(0, abbreviation)
            else:
                after.tail = before
                parent.insert(list(parent).index(after) + 1, abbreviation)
            abbreviation.tail = text
            after = abbreviation

    def _next(self, text: str) -> re.Match[str] | None:
        matches = self._find.finditer(text)
        return next((m for m in matches if self._term(m[0]).id not in self._seen), None)

    def _term(self, form: str) -> glossary.Term:
        form = form.lower()
        return self._forms[form] if form in self._forms else self._forms[form.removesuffix("s")]


class BookExtension(Extension):
    """Configured by ``site.py`` with the path of the page that is being rendered."""

    def __init__(self, **configuration: Any) -> None:
        self.config = {"path": ["docs/zh/page.md", "the page's source file"]}
        super().__init__(**configuration)

    def page(self) -> tuple[Path, str]:
        """The page's path and language."""
        path = Path(self.getConfig("path"))
        return path, "en" if "en" in path.parts else "zh"

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Before snippets (32), fences (25), code spans (190); hovers after everything inline."""
        md.preprocessors.register(_Expand(md, self), "book", 33)
        md.inlinePatterns.register(_InlineMath(r"\$`([^`]+)`\$", md), "book-math", 191)
        md.treeprocessors.register(_Hovers(md, self), "book-hovers", 5)


def makeExtension(**configuration: Any) -> BookExtension:  # noqa: N802
    return BookExtension(**configuration)
