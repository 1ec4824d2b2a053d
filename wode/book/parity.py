"""One book in two languages: what the Chinese and the English page must have in common.

Same files, headings' ids, code (as syntax trees, but for comments and strings), formulas, figures,
exercises, includes, annotations' numbers, numbers from results files, citations.
"""

import ast
import doctest
import re
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from wode.book import ALT, ROOT, references
from wode.book.pages import Block, Page, load

_HEADING = re.compile(
    r"(?m)^(?P<marks>#{1,6})[ \t]+(?P<title>.*?)(?:[ \t]*\{[^}]*?#(?P<id>[\w-]+)[^}]*\})?[ \t]*$"
)
#: A display formula, also one that never ends, or an inline one.
_FORMULA = re.compile(r"(?ms)^[ \t]*\$\$[ \t]*$(.*?)(?:^[ \t]*\$\$[ \t]*$|\Z)|\$`([^`]+)`\$")
_IMAGE = re.compile(rf"!\[(?:{ALT})\]\(([^)\s]+)[^)]*\)")
NUMBER = re.compile(r"\[\[([a-z0-9_-]+(?:\.[\w-]+)+)(?::[^\]]+)?\]\]")
_EXERCISE = re.compile(r"(?m)^[ \t]*(?:!!!|\?\?\?\+?)[ \t]+(\w+)")
_ANNOTATION = re.compile(r"#\s*\((\d+)\)!?\s*$")
_LANGUAGE = re.compile(r"\.(zh|en)(?=\.\w+$)")


class _Item(NamedTuple):
    """One thing on a page: what its twin must have too, its line, how a reader is told of it."""

    value: object
    line: int
    shown: str


def same_program(page: Page, twin: Page) -> bool:
    """Whether running one page runs the other: equal programs, strings and outputs included."""
    return len(page.blocks) == len(twin.blocks) and all(
        a.kind == b.kind
        and a.skip is b.skip is None
        and (a.source == b.source or _program(a, strings=True) == _program(b, strings=True))
        and (a.output and a.output.lines) == (b.output and b.output.lines)
        for a, b in zip(page.blocks, twin.blocks, strict=True)
    )


def missing(root: Path = ROOT) -> list[str]:
    """Pages and notebooks that stand in one language only."""

    def files(lang: str) -> set[str]:
        folder = root / "docs" / lang
        pages = (p for p in folder.rglob("*") if p.suffix in {".md", ".ipynb"})
        return {p.relative_to(folder).as_posix() for p in pages}

    pairs = ("en", "zh"), ("zh", "en")
    return [
        f"docs/{lang}/{name} is missing"
        for lang, other in pairs
        for name in sorted(files(other) - files(lang))
    ]


def drifts(zh: Page, en: Page) -> list[str]:
    """Everything in which the two pages must agree and do not, with the line on each side.

    Of each aspect the first difference says enough: what follows it has usually moved.
    """
    differences, nothing = [], _Item(None, 0, "nothing more")
    for what, items in _ASPECTS.items():
        for a, b in zip_longest(items(zh), items(en), fillvalue=nothing):
            if a.value != b.value:
                sides = f"zh {zh.path}:{a.line}: {a.shown}\n  en {en.path}:{b.line}: {b.shown}"
                differences.append(f"{zh.name}: {what} differ\n  {sides}")
                break
    return differences


def twins(root: Path = ROOT) -> Iterable[tuple[Page, Page]]:
    """Every page that stands in both languages."""
    for path in sorted((root / "docs" / "zh").rglob("*.md")):
        page = load(path, root)
        if page.twin.is_file():
            yield page, load(page.twin, root)


def headings(page: Page) -> list[tuple[int, int, str, str | None]]:
    """(line, level, title, explicit id or None) of every heading."""
    return [
        (line, len(match["marks"]), match["title"], match["id"])
        for line, match in page.scan.matches(_HEADING)
    ]


def _program(block: Block, strings: bool = False) -> str:
    """A block as a syntax tree without comments; strings blanked unless ``strings``."""
    source = block.source
    if block.kind == "pycon":
        source = "".join(e.source for e in doctest.DocTestParser().get_examples(source))
    if block.kind == "ipython":
        return source if strings else re.sub(r"#.*", "", source)
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source  # running it reports the error
    if not strings:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                node.value = ""
    return ast.dump(tree)


def _headings(page: Page) -> list[_Item]:
    return [
        _Item((level, anchor), line, f"{'#' * level} {title} {{#{anchor}}}")
        for line, level, title, anchor in headings(page)
    ]


def _code(page: Page) -> list[_Item]:
    return [_Item((b.kind, _program(b)), b.line, f"{b.kind} block") for b in page.blocks]


def _shown(page: Page) -> list[_Item]:
    return [
        _Item((b.output is not None, b.skip is not None), b.line, "with" if b.output else "without")
        for b in page.blocks
    ]


def _includes(page: Page) -> list[_Item]:
    return [_Item(target, b.line, target) for b in page.blocks for target in b.includes]


def _annotations(page: Page) -> list[_Item]:
    return [
        _Item(match[1], line, match[0])
        for b in page.blocks
        for line, text in enumerate(b.fence.lines, start=b.line + 1)
        if (match := _ANNOTATION.search(text))
    ]


def _citations(page: Page) -> list[_Item]:
    items = {
        key: _Item(key, line, key)
        for line, match in page.scan.matches(references.CITATION)
        for key in references.keys_in(match[0])
    }
    return sorted(items.values())


def _matched(pattern: re.Pattern[str], *, sort: bool = False) -> Callable[[Page], list[_Item]]:
    """What the pattern's group finds; sorted where a sentence may have another order in the
    other language."""

    def items(page: Page) -> list[_Item]:
        values = [(m[m.lastindex or 0], line) for line, m in page.scan.matches(pattern)]
        words = [(" ".join(_LANGUAGE.sub("", value).split()), line) for value, line in values]
        return [_Item(text, line, text) for text, line in (sorted(words) if sort else words)]

    return items


_ASPECTS: dict[str, Callable[[Page], list[_Item]]] = {
    "headings (level and id)": _headings,
    "code": _code,
    "the blocks that show output": _shown,
    "includes": _includes,
    "formulas": _matched(_FORMULA, sort=True),
    "figures": _matched(_IMAGE),
    "exercises and their solutions": _matched(_EXERCISE),
    "annotations' numbers": _annotations,
    "numbers from results files": _matched(NUMBER, sort=True),
    "citations": _citations,
}
