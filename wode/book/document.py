"""The pages as Sybil sees them: a page is a document, a block an example, and one more example at
the page's end says that it left nothing behind. ``docs/conftest.py`` hands them to pytest.
"""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Example, Region
from sybil.example import NotEvaluated

from wode.book import ROOT
from wode.book.fences import PageError
from wode.book.outputs import OutputDiffers, rewrite
from wode.book.pages import Block, Page, load
from wode.book.parity import same_program
from wode.book.run import Run
from wode.book.state import PageState

_RAN = pytest.StashKey[dict[Path, tuple[int, Page]]]()  # how many of a page's blocks have passed


class PageDocument(Document):
    """One page. It is run once, from top to bottom, as far as the selected examples ask."""

    run: Run | None = None
    state: PageState | None = None
    done = 0  # how many blocks have been run
    failed: Block | None = None
    same_as_twin: bool | None = None

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text, path)
        root = next((p.parent for p in Path(path).parents if p.name == "docs"), ROOT)
        try:
            self.page = load(path, root)
        except PageError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        self.by_twin: set[int] = set()  # the starts of the examples that the twin has verified
        self.namespace["page"] = self  # the program has a namespace of its own, in its run
        self.push_evaluator(self.pass_over)

    @property
    def config(self) -> pytest.Config:
        return self.namespace["pytestconfig"]

    def pass_over(self, example: Example) -> None:
        """Skip what follows a failure; let pass what the twin has verified.

        Raises:
            NotEvaluated: the example is to be run.
        """
        if self.failed is not None:
            place = f"{Path(self.path).name}:{self.failed.line}"
            pytest.skip(f"{place} failed, so what follows was not run")
        if self.done or not self._verified_by_twin(upto=example.parsed + 1):
            raise NotEvaluated
        self.by_twin.add(example.start)

    def _verified_by_twin(self, upto: int) -> bool:
        """Whether the twin holds the same program and has run at least ``upto`` of its blocks."""
        if self.config.getoption("--run-twins") or self.config.getoption("--update-docs"):
            return False
        passed, twin = self.config.stash.get(_RAN, {}).get(self.page.twin, (0, self.page))
        if passed < min(upto, len(self.page.blocks)):
            return False
        if self.same_as_twin is None:
            self.same_as_twin = same_program(self.page, twin)
        return self.same_as_twin

    def run_up_to(self, index: int) -> None:
        """Run the blocks that have not run yet, up to and with ``index``."""
        __tracebackhide__ = True
        if self.run is None or self.state is None:
            update, seconds = map(self.config.getoption, ("--update-docs", "--page-seconds"))
            self.run, self.state = Run(self.page, update=update, seconds=seconds), PageState()
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
        state, self.state = self.state, None
        return state.leave() if state is not None else []

    def close(self) -> None:
        """After the page's last example, also where it failed or others were not selected."""
        self.leave()
        if self.run is not None and self.run.changes:
            rewrite(Path(self.path), self.run.changes)
        if self.failed is None and self.done:
            self.config.stash.setdefault(_RAN, {})[self.page.path] = self.done, self.page


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
