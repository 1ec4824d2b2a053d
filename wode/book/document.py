"""The pages as Sybil sees them: a page is a document, a block an example, and one more example at
the page's end says that it left nothing behind. ``docs/conftest.py`` hands them to pytest.
"""

import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sybil import Document, Example, Region
from sybil.example import NotEvaluated

from wode.book import ROOT
from wode.book.fences import PageError
from wode.book.memory import Memory, Pass, inputs
from wode.book.outputs import OutputDiffers, rewrite
from wode.book.pages import Block, Page, load
from wode.book.parity import same_program
from wode.book.run import Run
from wode.book.state import PageState
from wode.book.watch import watch


class Passed(NamedTuple):
    """How many of a page's blocks have passed, and the pass to keep if they are all."""

    page: Page
    blocks: int
    kept: Pass | None


_PASSED = pytest.StashKey[dict[Path, Passed]]()


class PageDocument(Document):
    """One page. It is run once, from top to bottom, as far as the selected examples ask."""

    selected = 0  # how many of its examples pytest is to run

    run: Run | None = None
    state: PageState | None = None
    done = 0  # how many blocks have been run
    failed: Block | None = None
    left: list[str] | None = None  # what it left behind, a sentence each
    seen: Pass | None = None  # its pass in this session
    same_as_twin: bool | None = None
    since = 0.0  # when it began, in seconds since the epoch

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text, path)
        root = next((p.parent for p in Path(path).parents if p.name == "docs"), ROOT)
        try:
            self.page = load(path, root)
        except PageError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        self.by_twin: set[int] = set()  # the starts of the examples that the twin has verified
        self.last: Pass | None = None  # the earlier pass that stands for a run
        self.recalled = False
        self.namespace["page"] = self  # the program has a namespace of its own, in its run
        self.push_evaluator(self.pass_over)

    @property
    def config(self) -> pytest.Config:
        return self.namespace["pytestconfig"]

    @property
    def memory(self) -> Memory:
        return Memory(self.config)

    @property
    def whole(self) -> bool:
        """Whether all of its examples were selected."""
        return self.selected == len(self.page.blocks) + 1

    def pass_over(self, example: Example) -> None:
        """Skip what follows a failure; let pass what an earlier session or the twin has verified.

        Raises:
            NotEvaluated: the example is to be run.
        """
        if self.failed is not None:
            place = f"{Path(self.path).name}:{self.failed.line}"
            pytest.skip(f"{place} failed, so what follows was not run")
        if self.done:
            raise NotEvaluated
        if self._verified_before():
            block = example.parsed < len(self.page.blocks) and self.page.blocks[example.parsed]
            if block and block.skip is not None:
                raise NotEvaluated  # which says again why it is skipped
        elif self._verified_by_twin(upto=example.parsed + 1):
            self.by_twin.add(example.start)
        else:
            raise NotEvaluated

    def _verified_before(self) -> bool:
        """Whether the page has passed before and all that it rests on is as it was."""
        options = map(self.config.getoption, ("--fresh", "--run-twins", "--update-docs"))
        if not self.recalled and self.whole and not any(options):
            self.last = self.memory.recall(self.page)
        self.recalled = True
        return self.last is not None

    def _verified_by_twin(self, upto: int) -> bool:
        """Whether the twin holds the same program and has run at least ``upto`` of its blocks."""
        if self.config.getoption("--run-twins") or self.config.getoption("--update-docs"):
            return False
        twin = self.config.stash.get(_PASSED, {}).get(self.page.twin)
        if twin is None or twin.blocks < min(upto, len(self.page.blocks)):
            return False
        if self.same_as_twin is None:
            self.same_as_twin = same_program(self.page, twin.page)
        return self.same_as_twin

    def run_up_to(self, index: int) -> None:
        """Run the blocks that have not run yet, up to and with ``index``."""
        __tracebackhide__ = True
        if self.run is None or self.state is None:
            update, seconds = map(self.config.getoption, ("--update-docs", "--page-seconds"))
            self.run = Run(self.page, update=update, seconds=seconds)
            self.state = PageState(inputs=inputs(self.page))
            self.memory.forget(self.page)
            self.since = time.time()
            self.state.enter()
        for block in self.page.blocks[self.done : index + 1]:
            self.done += 1
            if block.skip is None:
                try:
                    self.run.execute(block)
                except BaseException:
                    self.failed = block
                    raise

    def leave(self) -> list[str]:
        """Put everything back; say what the page left behind."""
        if self.state is not None and self.run is not None:
            self.left, self.state = self.state.leave(), None
            read, spent = watch().read(), self.run.spent
            self.seen = self.memory.seen(self.page, read, self.since, spent)
        return self.left or []

    def close(self) -> None:
        """After the page's last example, also where it failed or others were not selected."""
        self.leave()
        if self.run is not None and self.run.changes:
            rewrite(Path(self.path), self.run.changes)
        session, count = self.config.stash.setdefault(_PASSED, {}), len(self.page.blocks)
        if self.last is not None:
            session[self.page.path] = Passed(self.page, count, self.last)
            return
        if self.run is not None:
            if self.failed is not None or self.left or self.run.changes:
                self.memory.forget(self.page, self.page.other)  # it may be the same program
                return
            passed = session[self.page.path] = Passed(self.page, self.done, self.seen)
        elif len(self.by_twin) == count + 1:
            passed = session[self.page.twin]
        else:
            return
        if self.whole and passed.blocks == count and passed.kept is not None:
            self.memory.keep(self.page, passed.kept)


def blocks(document: Document) -> Iterator[Region]:
    """Sybil's parser: a region a block, its number in it, and one at the end of the page."""
    assert isinstance(document, PageDocument)
    starts = [0, *accumulate(len(line) + 1 for line in document.text.split("\n"))]
    page = document.page
    for index, block in enumerate(page.blocks):
        end = min(starts[block.fence.end], document.end)
        yield Region(starts[block.fence.line - 1], end, index, _run)
    if page.blocks:
        yield Region(document.end, document.end, len(page.blocks), _leave)


def close(namespace: dict[str, Any]) -> None:
    """Sybil's teardown of a page."""
    namespace["page"].close()


def _run(example: Example) -> str | None:
    __tracebackhide__ = True
    document: Any = example.document
    block: Block = document.page.blocks[example.parsed]
    if block.skip is not None:
        pytest.skip(block.skip)
    try:
        document.run_up_to(example.parsed)
    except OutputDiffers as error:
        return f"{error}\nIf the code is right, --update-docs writes what it printed into the page."
    return None


def _leave(example: Example) -> str | None:
    __tracebackhide__ = True
    document: Any = example.document
    document.run_up_to(example.parsed)
    if complaints := document.leave():
        place = f"{document.run.where}:{document.page.blocks[-1].line}"
        return f"{place}: after this page\n  " + "\n  ".join(complaints)
    return None
