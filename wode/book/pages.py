"""A page as a program: its blocks in order, includes resolved, each with the output it shows."""

import re
from bisect import bisect
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from wode.book import LANGUAGES, ROOT
from wode.book.fences import EXECUTED, Fence, PageError, Scan, scan
from wode.book.includes import Line, includes

_SKIP = re.compile(r"^skip:\s*next\b\s*(?P<reason>.*)$", re.S)
_NOT_RUN = re.compile(r"\s*<.*\blanguage-i?py")
_MUTATION = re.compile(r"^mutation:(?P<rest>.*)$", re.S)
#: What a mutation breaks: a formula, a baseline or control of the experiment, a stated cause.
KINDS = ("formula", "baseline", "cause")


@dataclass(frozen=True)
class Block:
    """One executed fence of a page."""

    kind: str
    fence: Fence
    lines: tuple[Line, ...]  # includes resolved
    includes: tuple[str, ...]
    output: Fence | None  # the fence that shows what it prints
    skip: str | None  # the reason why it is not executed

    @property
    def line(self) -> int:
        return self.fence.line

    @cached_property
    def source(self) -> str:
        return "".join(line.text + "\n" for line in self.lines)


@dataclass(frozen=True)
class Mutation:
    """A change of one file, which may be the page itself, that must make the page fail."""

    file: str
    old: str
    new: str
    line: int
    kind: str = ""  # one of KINDS, or nothing


@dataclass
class Page:
    """A page of the book in one language."""

    path: Path
    text: str
    scan: Scan
    blocks: list[Block] = field(default_factory=list)
    mutations: list[Mutation] = field(default_factory=list)
    root: Path = ROOT

    @property
    def _inside(self) -> tuple[str, ...]:
        """Where the page stands under ``docs``; for a page that stands elsewhere its name."""
        path, docs = self.path.with_suffix(""), self.root / "docs"
        return path.relative_to(docs).parts if path.is_relative_to(docs) else (path.name,)

    @property
    def lang(self) -> str:
        """The language, by the folder under ``docs``; Chinese for a page that stands elsewhere."""
        return self._inside[0] if self._inside[0] in LANGUAGES else LANGUAGES[0]

    @property
    def name(self) -> str:
        """The page's name, the same in both languages: ``0_Pytorch_basics/tensors``."""
        return "/".join(self._inside[self._inside[0] in LANGUAGES :])

    @property
    def other(self) -> str:
        """The other language."""
        return LANGUAGES[1 - LANGUAGES.index(self.lang)]

    @property
    def twin(self) -> Path:
        """Where the same page stands in the other language."""
        return self.root / "docs" / self.other / f"{self.name}.md"


def load(path: Path | str, root: Path = ROOT) -> Page:
    """Read a page.

    Raises:
        PageError: a fence or an include that ``scan`` or ``includes`` refuses, a skip without a
            reason, an ``output`` fence that follows no block, a session with lines that are not
            compared: each with the page's line.
    """
    path = Path(path).resolve()
    text = path.read_text(encoding="utf-8-sig")
    page = Page(path, text, scan(text, path), root=root)
    for number, line in page.scan.prose:
        if _NOT_RUN.match(line):
            raise PageError(path, number, f"expected code in a fence, got {line.strip()!r}")
    skips = _directives(page)
    for previous, fence in zip([None, *page.scan.fences], page.scan.fences, strict=False):
        if fence.kind == "output":
            block = page.blocks[-1] if page.blocks else None
            if block is None or block.fence is not previous or block.kind == "pycon":
                raise PageError(path, fence.line, "this output directly follows no python block")
            first, end = (bisect(page.scan.prose, (edge,)) for edge in (block.line, fence.line))
            for number, line in page.scan.prose[first:end]:
                if line.strip():
                    between = f"text stands between the block and its output (line {number})"
                    raise PageError(path, fence.line, between)
            page.blocks[-1] = replace(block, output=fence)
        elif fence.kind in EXECUTED:
            lines, included = _resolved(fence, path, root)
            if fence.kind == "pycon":
                _only_examples(fence, path)
            skip = skips.get(fence.line)
            page.blocks.append(Block(fence.kind, fence, lines, included, None, skip))
    return page


def all_paths(root: Path = ROOT, lang: str = "zh") -> list[Path]:
    """Every Markdown page of one language, in the order of their names."""
    return sorted((root / "docs" / lang).rglob("*.md"))


def _directives(page: Page) -> dict[int, str]:
    """Why a fence is skipped, by the fence's line; mutations are put on the page."""
    skips = {}
    for comment in page.scan.comments:
        if match := _SKIP.match(comment.text):
            reason = match["reason"].strip().strip("\"'").strip()
            if not reason:
                wanted = 'a skip needs a reason: <!-- skip: next "reason" -->'
                raise PageError(page.path, comment.line, wanted)
            after = next((fence for fence in page.scan.fences if fence.line > comment.end), None)
            if after is None or after.kind not in EXECUTED:
                wanted = "a skip stands before a python fence; none follows here"
                raise PageError(page.path, comment.line, wanted)
            skips[after.line] = reason
        elif match := _MUTATION.match(comment.text):
            parts = [part.strip() for part in match["rest"].split(" | ")]
            kind = parts.pop(0) if parts[0] in KINDS else ""
            if len(parts) != 3 or not all(parts[:2]):
                wanted = "expected <!-- mutation: file | old text | new text -->, before the file "
                wanted += f"perhaps {' or '.join(KINDS)}"
                raise PageError(page.path, comment.line, wanted)
            page.mutations.append(Mutation(*parts, line=comment.line, kind=kind))
    return skips


def _only_examples(fence: Fence, path: Path) -> None:
    """Refuse the lines of a session that doctest would pass over."""
    for paragraph in re.split(r"\n(?:\s*\n)+", "\n".join(fence.lines).strip()):
        if not paragraph.lstrip().startswith(">>>"):
            first = paragraph.partition("\n")[0]
            raise PageError(path, fence.line, f"expected a >>> line, got {first!r}")


def _resolved(fence: Fence, path: Path, root: Path) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    lines: list[Line] = []
    included: list[str] = []
    for number, line, code in includes(fence, path, root):
        if code and fence.kind != "python":
            message = f"an include stands in a python fence, not in {fence.kind}"
            raise PageError(path, number, message)
        lines += code.lines if code else [Line(line, path, number)]
        included += [code.target] if code else []
    return tuple(lines), tuple(included)
