"""One book in two languages: what the Chinese and the English page must have in common.

Same files, headings' ids, code (as syntax trees, but for comments and strings), formulas, figures,
exercises, includes, annotations' numbers, numbers from results files, citations.
"""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from wode.book import ALT, ROOT
from wode.book.pages import Block, Page, load

_HEADING = re.compile(
    r"^(?P<marks>#{1,6})[ \t]+(?P<title>.*?)(?:[ \t]*\{[^}]*?#(?P<id>[\w-]+)[^}]*\})?[ \t]*$"
)
_INLINE_MATH = re.compile(r"\$`([^`]+)`\$")
_IMAGE = re.compile(rf"!\[(?P<alt>{ALT})\]\((?P<target>[^)\s]+)[^)]*\)")
_NUMBER = re.compile(r"\[\[([a-z0-9_-]+(?:\.[\w-]+)+(?::[^\]]+)?)\]\]")
_CITATION = re.compile(r"\[@([\w:@;, -]+)\]")
_EXERCISE = re.compile(r"^[ \t]*(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>\w+)")
_ANNOTATION = re.compile(r"#\s*\((\d+)\)!?\s*$")
_LANGUAGE = re.compile(r"\.(zh|en)(?=\.\w+$)")


@dataclass(frozen=True)
class Drift:
    """One thing in which a page and its twin differ, with the line on each side."""

    zh: str
    en: str
    what: str

    def __str__(self) -> str:
        return f"{self.what}\n  zh {self.zh}\n  en {self.en}"


@dataclass(frozen=True)
class _Item:
    value: object
    line: int
    shown: str = ""


def same_program(page: Page, twin: Page) -> bool:
    """Whether running one page runs the other: equal programs, strings and outputs included."""
    return len(page.blocks) == len(twin.blocks) and all(
        a.kind == b.kind
        and a.skip is b.skip is None
        and _program(a, strings=True) == _program(b, strings=True)
        and (a.output.lines if a.output else None) == (b.output.lines if b.output else None)
        for a, b in zip(page.blocks, twin.blocks, strict=True)
    )


def missing(root: Path = ROOT) -> list[str]:
    """Pages and notebooks that stand in one language only."""

    def files(lang: str) -> set[str]:
        folder = root / "docs" / lang
        return {
            p.relative_to(folder).as_posix()
            for p in folder.rglob("*")
            if p.suffix in {".md", ".ipynb"}
        }

    zh, en = files("zh"), files("en")
    return [f"docs/en/{name} is missing" for name in sorted(zh - en)] + [
        f"docs/zh/{name} is missing" for name in sorted(en - zh)
    ]


def drifts(zh: Page, en: Page) -> list[Drift]:
    """Everything in which the two pages must agree and do not."""
    found = []
    aspects: list[tuple[str, Callable[[Page], list[_Item]]]] = [
        ("headings (level and id)", _headings),
        ("code", _code),
        ("the blocks that show output", _shown),
        ("includes", _includes),
        ("formulas", _formulas),
        ("figures", _figures),
        ("exercises and their solutions", _exercises),
        ("annotations' numbers", _annotations),
        ("numbers from results files", _numbers),
        ("citations", _citations),
    ]
    for what, extract in aspects:
        found += _compare(what, zh, en, extract(zh), extract(en))
    return found


def twins(root: Path = ROOT) -> Iterable[tuple[Page, Page]]:
    """Every page that stands in both languages."""
    for path in sorted((root / "docs" / "zh").rglob("*.md")):
        page = load(path, root)
        if page.twin.is_file():
            yield page, load(page.twin, root)


def _compare(what: str, zh: Page, en: Page, a: list[_Item], b: list[_Item]) -> list[Drift]:
    """The first difference says enough: what follows it has usually moved."""
    nothing = _Item(None, 0, "nothing more")
    for i in range(max(len(a), len(b))):
        x = a[i] if i < len(a) else nothing
        y = b[i] if i < len(b) else nothing
        if x.value != y.value:

            def side(page: Page, item: _Item) -> str:
                return f"{page.path}:{item.line}: {item.shown or item.value}"

            return [Drift(side(zh, x), side(en, y), f"{zh.name}: {what} differ")]
    return []


def _program(block: Block, strings: bool = False) -> str:
    """A block as a syntax tree without comments; strings blanked unless ``strings``."""
    source = block.source
    if block.kind == "pycon":
        import doctest

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


def headings(page: Page) -> list[tuple[int, int, str, str | None]]:
    """(line, level, title, explicit id or None) of every heading."""
    return [
        (line, len(match["marks"]), match["title"], match["id"])
        for line, text in page.scan.prose
        if (match := _HEADING.match(text))
    ]


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
    return [_Item(i, b.line) for b in page.blocks for i in b.includes]


def _formulas(page: Page) -> list[_Item]:
    items, block, start = [], None, 0
    for line, text in page.scan.prose:
        if text.strip() == "$$":
            if block is None:
                block, start = [], line
            else:
                items.append(_Item(" ".join(" ".join(block).split()), start))
                block = None
        elif block is not None:
            block.append(text.strip())
        else:
            items += [_Item(" ".join(m.split()), line) for m in _INLINE_MATH.findall(text)]
    if block is not None:
        items.append(_Item("a formula that never ends", start))
    # Inline formulas may stand in another order in a sentence of the other language.
    return sorted(items, key=lambda item: str(item.value))


def _figures(page: Page) -> list[_Item]:
    return [
        _Item(_LANGUAGE.sub("", match["target"]), line, match["target"])
        for line, text in page.scan.prose
        for match in _IMAGE.finditer(text)
    ]


def _exercises(page: Page) -> list[_Item]:
    kinds = [
        (line, match["kind"]) for line, text in page.scan.prose if (match := _EXERCISE.match(text))
    ]
    return [_Item(kind, line) for line, kind in kinds]


def _annotations(page: Page) -> list[_Item]:
    return [
        _Item(match[1], b.fence.line + offset, match[0])
        for b in page.blocks
        for offset, text in enumerate(b.fence.lines, start=1)
        if (match := _ANNOTATION.search(text))
    ]


def _numbers(page: Page) -> list[_Item]:
    found = [
        _Item(match.split(":")[0], line, match)
        for line, text in page.scan.prose
        for match in _NUMBER.findall(text)
    ]
    return sorted(found, key=lambda item: str(item.value))


def _citations(page: Page) -> list[_Item]:
    found = {
        key.strip().lstrip("@"): line
        for line, text in page.scan.prose
        for match in _CITATION.findall(text)
        for key in match.split(";")
    }
    return [_Item(key, found[key]) for key in sorted(found)]
