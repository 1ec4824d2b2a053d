"""The book's options of pytest, and how a failing block reads: on one screen, its own lines only.

Loaded by ``docs/conftest.py``, where Sybil collects and runs the pages.
"""

import ast
import contextlib
import inspect
import linecache
import reprlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionInfo, TerminalRepr, Traceback, TracebackEntry
from sybil.example import SybilFailure

from wode.book.document import PageDocument
from wode.book.fences import PageError
from wode.book.memory import surroundings
from wode.book.run import PageTimeout

_HERE = Path(__file__).parent
_RUNNER = _HERE / "run.py"
_BY_TWIN = ("verified by its twin", True)
_BEFORE = "verified on"  # a property of a test that an earlier session stands for: the date


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("the book")
    group.addoption(
        "--update-docs", action="store_true", help="rewrite the outputs on the pages that differ"
    )
    group.addoption(
        "--fresh",
        action="store_true",
        help="run also the pages that have passed before and rest on nothing that has changed",
    )
    group.addoption(
        "--run-twins",
        action="store_true",
        help="run a page in both languages even where the program is the same",
    )
    group.addoption(
        "--page-seconds", type=float, default=120.0, help="how long one page may run (default 120)"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hypothesis' plugin imports all of Hypothesis (a second) to sum up a run without it."""
    manager = session.config.pluginmanager
    if "hypothesis" not in sys.modules and manager.has_plugin("hypothesispytest"):
        manager.unregister(name="hypothesispytest")


def pytest_collection_finish(session: pytest.Session) -> None:
    pages = [page for page in map(_document, session.items) if page is not None]
    for page in pages:
        page.selected += 1
    if pages:
        surroundings()  # as they are now: a page may import what is edited while another runs


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    if report.when == "call" and report.passed:
        if _BY_TWIN in report.user_properties:
            return _BY_TWIN[0], "t", "TWIN"
        if date := dict(report.user_properties).get(_BEFORE):
            return f"{_BEFORE} {date}", "v", "VERIFIED"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any(category.startswith(_BEFORE) for category in terminalreporter.stats):
        terminalreporter.write_line(
            "What was verified on an earlier run rests on nothing that has changed since, and was "
            "not run; --fresh runs all."
        )


def _document(item: pytest.Item) -> PageDocument | None:
    """The page that a test is an example of."""
    document = getattr(getattr(item, "example", None), "document", None)
    return document if isinstance(document, PageDocument) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failing block is shown by its own lines, with the last of what it printed or logged."""
    if (document := _document(item)) is None:
        return (yield)
    error = call.excinfo
    shown = None if error is None else _shown(error, item.config)
    with _alone(error):
        report: Any = yield
    if report.failed and error is not None and not isinstance(error.value, SybilFailure):
        report.longrepr = shown
    if document.last is not None:
        report.user_properties.append((_BEFORE, document.last.date))
    elif getattr(item, "example").start in document.by_twin:  # noqa: B009 (Sybil's own attribute)
        report.user_properties.append(_BY_TWIN)
    report.sections = [(title, _last_lines(text)) for title, text in report.sections]
    return report


@contextlib.contextmanager
def _alone(excinfo: ExceptionInfo[BaseException] | None) -> Iterator[None]:
    """The error without the ones it came from: of these Sybil 10.1's report ends in an IndexError,
    as their tracebacks never pass through it."""
    error = excinfo.value if excinfo else BaseException()
    chain = error.__cause__, error.__context__, error.__suppress_context__
    error.__cause__ = error.__context__ = None
    try:
        yield
    finally:
        error.__cause__, error.__context__, error.__suppress_context__ = chain


def _last_lines(text: str, most: int = 10) -> str:
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    return "\n".join([f"… {len(lines) - most} lines before", *lines[-most:], ""])


def _shown(excinfo: ExceptionInfo[BaseException], config: pytest.Config) -> str | TerminalRepr:
    if isinstance(excinfo.value, PageError):
        return str(excinfo.value)
    root = config.rootpath
    with contextlib.chdir(config.invocation_params.dir):  # paths as the reader types them
        representation = excinfo.getrepr(
            style="short",
            tbfilter=lambda error: _own_lines(error, root),
            chain=_has_own_cause(excinfo, root),
        )
    told = isinstance(excinfo.value, AssertionError | PageTimeout)
    if told and (lines := _values(_own_lines(excinfo, root)[-1])):
        representation.addsection("values in the failing line", "\n".join(lines))
    return representation


def _own_lines(excinfo: ExceptionInfo[BaseException], root: Path) -> Traceback:
    """The page's own frames, those of the project's code, and the one that raised.

    What runs the page, and what lies between in libraries, is of no interest to its reader.
    """
    ours = excinfo.traceback.cut(path=_RUNNER).cut(excludepath=_HERE)
    *between, last = ours.filter(excinfo) or ours  # without the alarm that stopped the page
    return Traceback([*(entry for entry in between if _is_own(entry, root)), last])


def _has_own_cause(excinfo: ExceptionInfo[BaseException], root: Path) -> bool:
    """Whether the error was raised from another one that passed through the project's code."""
    error = excinfo.value
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is None or cause.__traceback__ is None:
        return False
    return any(_is_own(entry, root) for entry in ExceptionInfo.from_exception(cause).traceback)


def _is_own(entry: TracebackEntry, root: Path) -> bool:
    path = Path(entry.path)
    return path.is_relative_to(root) and "site-packages" not in path.parts and path != _RUNNER


def _values(entry: TracebackEntry) -> list[str]:
    """The names in the failing statement and what they held."""
    try:
        tree = ast.parse(linecache.getline(str(entry.path), entry.lineno + 1).strip())
    except SyntaxError:
        return []
    scope = {**entry.frame.f_globals, **entry.frame.f_locals}
    names = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    short = reprlib.Repr()
    short.maxstring = short.maxother = 120
    return [
        f"{name} = {short.repr(scope[name])}"
        for name in names
        if name in scope and not callable(scope[name]) and not inspect.ismodule(scope[name])
    ]
