"""The pages as pytest sees them: a page is a file, a block is a test, and one more test says that
the page left nothing behind.

Loaded by ``docs/conftest.py``. Options: ``--update-docs``, ``--run-twins``, ``--page-seconds``.
"""

import ast
import contextlib
import linecache
import reprlib
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionInfo, TerminalRepr, Traceback

from wode.book.fences import PageError
from wode.book.outputs import OutputDiffers, rewrite
from wode.book.pages import Block, load
from wode.book.parity import same_program
from wode.book.run import PageTimeout, Run
from wode.book.state import PageState

_HERE = Path(__file__).parent
_TWIN = "verified by its twin"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("the book")
    group.addoption(
        "--update-docs", action="store_true", help="rewrite the outputs on the pages that differ"
    )
    group.addoption(
        "--run-twins",
        action="store_true",
        help="run a page in both languages even where the program is the same",
    )
    group.addoption(
        "--page-seconds", type=float, default=120.0, help="how long one page may run (default 120)"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "PageFile | None":
    return PageFile.from_parent(parent, path=file_path) if file_path.suffix == ".md" else None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hypothesis' plugin imports all of Hypothesis (a second) to sum up a run without it."""
    manager = session.config.pluginmanager
    if "hypothesis" not in sys.modules and manager.has_plugin("hypothesispytest"):
        manager.unregister(name="hypothesispytest")


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    if report.when == "call" and report.passed and (_TWIN, True) in report.user_properties:
        return _TWIN, "t", "TWIN"
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What a failing block printed or logged is shown with it: its last lines, on one screen."""
    report: Any = yield
    if isinstance(item, _PageItem):
        report.sections = [(title, _last_lines(text)) for title, text in report.sections]
    return report


def _last_lines(text: str, most: int = 10) -> str:
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    return "\n".join([f"… {len(lines) - most} lines before", *lines[-most:], ""])


class PageFile(pytest.File):
    """One page. It is run once, from top to bottom, as far as its selected blocks ask."""

    run: Run
    state: PageState | None = None
    blocks: list[Block]
    done = 0  # how many blocks have been run
    failed: Block | None = None

    def collect(self) -> Iterator[pytest.Item]:
        self.page = load(self.path, self.config.rootpath)
        self.blocks = self.page.blocks
        for index, block in enumerate(self.blocks):
            yield BlockItem.from_parent(self, name=f"line {block.line}", index=index)
        if self.blocks:
            yield CleanItem.from_parent(self, name="leaves nothing behind")

    def setup(self) -> None:
        self.run = Run(
            self.page,
            update=self.config.getoption("--update-docs"),
            seconds=self.config.getoption("--page-seconds"),
        )

    def teardown(self) -> None:
        if self.state is not None:  # the page failed, or its last test was not selected
            self.state.leave()
            self.state = None
        if self.run.changes:
            rewrite(self.path, self.run.changes)
        if self.failed is None and self.done:
            self.config.stash.setdefault(_RAN, {})[self.path] = self.done

    def verified_by_twin(self, upto: int) -> bool:
        """Whether the twin holds the same program and has run at least ``upto`` of its blocks."""
        if self.config.getoption("--run-twins") or self.config.getoption("--update-docs"):
            return False
        if self.config.stash.get(_RAN, {}).get(self.page.twin, 0) < upto:
            return False
        return self.same_as_twin

    @cached_property
    def same_as_twin(self) -> bool:
        return same_program(self.page, load(self.page.twin, self.config.rootpath))

    def run_up_to(self, index: int) -> None:
        """Run the blocks that have not run yet, up to and with ``index``."""
        __tracebackhide__ = True
        if self.failed is not None:
            pytest.skip(f"{self.path.name}:{self.failed.line} failed, so what follows was not run")
        if self.state is None:
            state = PageState()
            state.enter()
            self.state = state
        while self.done <= index:
            block = self.blocks[self.done]
            self.done += 1
            if block.skip is None:
                try:
                    self.run.execute(block)
                except BaseException:
                    self.failed = block
                    raise

    def repr_failure(self, excinfo: ExceptionInfo[BaseException]) -> str | TerminalRepr:
        if isinstance(excinfo.value, PageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


_RAN = pytest.StashKey[dict[Path, int]]()


class _PageItem(pytest.Item):
    @property
    def file(self) -> PageFile:
        assert isinstance(self.parent, PageFile)
        return self.parent

    def verified(self, upto: int) -> bool:
        if self.file.done == 0 and self.file.verified_by_twin(upto):
            self.user_properties.append((_TWIN, True))
            return True
        return False


class BlockItem(_PageItem):
    """One block of a page."""

    def __init__(self, *, index: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.index = index
        self.block = self.file.blocks[index]

    def runtest(self) -> None:
        __tracebackhide__ = True
        if self.block.skip is not None:
            pytest.skip(self.block.skip)
        if not self.verified(self.index + 1):
            self.file.run_up_to(self.index)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.block.line - 1, f"{self.file.page.name} {self.name}"

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        if isinstance(excinfo.value, OutputDiffers | PageError):
            return f"{excinfo.value}{_hint(excinfo.value)}"
        with contextlib.chdir(self.config.invocation_params.dir):  # paths as the reader types them
            representation = excinfo.getrepr(
                style="short", tbfilter=self._traceback_filter, chain=self._has_own_cause(excinfo)
            )
        if isinstance(excinfo.value, AssertionError | PageTimeout):
            lines = _values(_without_alarm(excinfo))
            if lines:
                representation.addsection("values in the failing line", "\n".join(lines))
        return representation

    def _traceback_filter(self, excinfo: ExceptionInfo[BaseException]) -> Traceback:
        """The page's own frames, those of the project's code, and the one that raised.

        What runs the page, and what lies between in libraries, is of no interest to its reader.
        """
        entries = list(_without_alarm(excinfo))
        runner = next((i for i, e in enumerate(entries) if Path(e.path) == _HERE / "run.py"), 0)
        for index in range(runner, len(entries)):
            if _HERE not in Path(entries[index].path).parents:
                own = [entry for entry in entries[index:-1] if self._is_own(entry.path)]
                return Traceback([*own, entries[-1]])
        return excinfo.traceback

    def _has_own_cause(self, excinfo: ExceptionInfo[BaseException]) -> bool:
        """Whether the error was raised from another one that passed through the project's code."""
        error = excinfo.value
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None or cause.__traceback__ is None:
            return False
        frames = ExceptionInfo.from_exception(cause).traceback
        paths = [Path(entry.path) for entry in frames]
        return any(self._is_own(path) and _HERE not in path.parents for path in paths)

    def _is_own(self, path: Path | str) -> bool:
        path = Path(path)
        return path.is_relative_to(self.config.rootpath) and "site-packages" not in path.parts


class CleanItem(_PageItem):
    """The page has put everything back."""

    def runtest(self) -> None:
        __tracebackhide__ = True
        if self.verified(len(self.file.blocks)):
            return
        self.file.run_up_to(len(self.file.blocks) - 1)
        assert self.file.state is not None
        state, self.file.state = self.file.state, None
        if complaints := state.leave():
            raise PageError(
                self.path,
                self.file.blocks[-1].line,
                "after this page\n  " + "\n  ".join(complaints),
            )

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.file.blocks[-1].fence.end - 1, f"{self.file.page.name} {self.name}"

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        if isinstance(excinfo.value, PageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


def _hint(error: BaseException) -> str:
    if isinstance(error, OutputDiffers):
        return "\nIf the code is right, pytest --update-docs writes what it printed into the page."
    return ""


def _without_alarm(excinfo: ExceptionInfo[BaseException]) -> Traceback:
    """The frames without those of the alarm that stopped the page."""
    entries = list(excinfo.traceback)
    if isinstance(excinfo.value, PageTimeout):
        while len(entries) > 1 and Path(entries[-1].path) == _HERE / "run.py":
            entries.pop()
    return Traceback(entries)


def _values(traceback: Traceback) -> list[str]:
    """The names in the failing statement and what they held."""
    entry = traceback[-1]
    names = []
    text = linecache.getline(str(entry.path), entry.lineno + 1).strip()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    short = reprlib.Repr()
    short.maxstring = short.maxother = 120
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in (
            scope := {**entry.frame.f_globals, **entry.frame.f_locals}
        ):
            value = scope[node.id]
            if not callable(value) and type(value).__name__ != "module":
                names.append(f"{node.id} = {short.repr(value)}")
    return list(dict.fromkeys(names))
