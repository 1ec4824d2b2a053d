"""A page as a program: its blocks in order, includes resolved, each with the output it shows."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from wode.book import LANGUAGES, ROOT
from wode.book.fences import EXECUTED, Fence, PageError, Scan, scan
from wode.book.includes import Line, includes

_SKIP = re.compile(r"^skip:\s*next\b\s*(?P<reason>.*)$", re.S)
_MUTATION = re.compile(r"^mutation:(?P<rest>.*)$", re.S)


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
    """A change of one file that must make the page fail."""

    file: str
    old: str
    new: str
    line: int


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
    def lang(self) -> str:
        """The language, by the folder under ``docs``; Chinese for a page that stands elsewhere."""
        try:
            first = self.path.relative_to(self.root / "docs").parts[0]
        except ValueError:
            return LANGUAGES[0]
        return first if first in LANGUAGES else LANGUAGES[0]

    @property
    def name(self) -> str:
        """The page's name, the same in both languages: ``0_Pytorch_basics/tensors``."""
        try:
            inside = self.path.relative_to(self.root / "docs").with_suffix("")
        except ValueError:
            return self.path.stem
        return "/".join(inside.parts[1:] if inside.parts[0] in LANGUAGES else inside.parts)

    @property
    def twin(self) -> Path:
        """Where the same page stands in the other language."""
        other = LANGUAGES[1 - LANGUAGES.index(self.lang)]
        return self.root / "docs" / other / f"{self.name}.md"


def load(path: Path | str, root: Path = ROOT) -> Page:
    """Read a page.

    Raises:
        PageError: an unclosed fence, an include that cannot be resolved or stands in no fence, a
            skip without a reason, an ``output`` fence that follows no block: with the page's line.
    """
    path = Path(path).resolve()
    text = path.read_text(encoding="utf-8")
    page = Page(path, text, scan(text, path), root=root)
    skips = _directives(page)
    previous: Fence | None = None
    for fence in page.scan.fences:
        if fence.kind == "output":
            if not (page.blocks and page.blocks[-1].fence is previous and previous is not None):
                raise PageError(
                    path, fence.line, "this output fence directly follows no python block"
                )
            _only_blank_between(page, previous, fence)
            page.blocks[-1] = _with_output(page.blocks[-1], fence)
        elif fence.kind in EXECUTED:
            lines, included = _resolved(fence, path, root)
            skip = next(
                (reason for line, reason in skips if _next_fence(page, line) is fence), None
            )
            page.blocks.append(Block(fence.kind, fence, lines, included, None, skip))
        previous = fence
    for line, _ in skips:
        following = _next_fence(page, line)
        if following is None or following.kind not in EXECUTED:
            raise PageError(path, line, "a skip stands before a python fence; none follows here")
    return page


def all_paths(root: Path = ROOT, lang: str = "zh") -> list[Path]:
    """Every Markdown page of one language, in the order of their names."""
    return sorted((root / "docs" / lang).rglob("*.md"))


def _directives(page: Page) -> list[tuple[int, str]]:
    """The skips (line, reason); mutations are put on the page."""
    skips = []
    for comment in page.scan.comments:
        if match := _SKIP.match(comment.text):
            reason = match["reason"].strip().strip("\"'").strip()
            if not reason:
                raise PageError(
                    page.path, comment.line, 'a skip needs a reason: <!-- skip: next "reason" -->'
                )
            skips.append((comment.end, reason))
        elif match := _MUTATION.match(comment.text):
            parts = [part.strip() for part in match["rest"].split(" | ")]
            if len(parts) != 3 or not all(parts[:2]):
                raise PageError(
                    page.path,
                    comment.line,
                    "expected <!-- mutation: file | old text | new text -->",
                )
            page.mutations.append(Mutation(*parts, line=comment.line))
    return skips


def _next_fence(page: Page, line: int) -> Fence | None:
    return next((fence for fence in page.scan.fences if fence.line > line), None)


def _only_blank_between(page: Page, first: Fence, second: Fence) -> None:
    for number, text in page.scan.prose:
        if first.end < number < second.line and text.strip():
            raise PageError(
                page.path,
                second.line,
                f"text stands between the block and its output (line {number})",
            )


def _with_output(block: Block, output: Fence) -> Block:
    return Block(block.kind, block.fence, block.lines, block.includes, output, block.skip)


def _resolved(fence: Fence, path: Path, root: Path) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    lines: list[Line] = []
    included: list[str] = []
    for number, line, found in includes(fence, path, root):
        if found and fence.kind != "python":
            message = f"an include stands in a python fence, not in {fence.kind}"
            raise PageError(path, number, message)
        lines += found.lines if found else [Line(line, path, number)]
        included += [found.target] if found else []
    return tuple(lines), tuple(included)
