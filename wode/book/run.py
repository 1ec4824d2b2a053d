"""Run a page: its blocks from top to bottom in one namespace, each under its own file and line."""

import ast
import contextlib
import doctest
import io
import re
import signal
import sys
import threading
import time
import traceback
import types
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import pytest

from wode.book.fences import PageError
from wode.book.outputs import OutputDiffers, cleaned, matches
from wode.book.pages import Block, Page

#: A rewriting of a page: first and last line, indentation, new text.
Change = tuple[int, int, str, str]


class PageTimeout(BaseException):
    """A page ran longer than it may. No ``except Exception`` on the page swallows it."""


class Run:
    """One execution of a page.

    Args:
        page: what to run.
        update: collect what differs in ``changes`` instead of failing on it.
        seconds: how long the whole page may take.
    """

    def __init__(self, page: Page, *, update: bool = False, seconds: float = 120.0) -> None:
        self.page, self.update, self.seconds = page, update, seconds
        self.module = types.ModuleType("__main__")
        self.namespace: dict[str, Any] = self.module.__dict__
        self.changes: list[Change] = []
        self.where = (
            page.path.relative_to(page.root) if page.path.is_relative_to(page.root) else page.path
        )
        self.spent = 0.0
        self._shell: Any = None

    def execute(self, block: Block) -> str:
        """Run one block; return what it printed.

        Raises:
            OutputDiffers: it printed something else than the page shows.
            PageTimeout: the page's time is over.
            Exception: whatever the block raises, with the block's own lines in the traceback.
        """
        __tracebackhide__ = True
        started = time.perf_counter()
        try:
            with pytest.MonkeyPatch.context() as patch, self._limit():
                # What the page defines can be pickled and looked up, as it is ``__main__``.
                patch.setitem(sys.modules, "__main__", self.module)
                patch.setattr(sys, "displayhook", _display)
                printed = self._executors[block.kind](self, block)
            if (fence := block.output) is not None:
                shown, got = "".join(line + "\n" for line in fence.lines), cleaned(printed)
                change = (fence.line + 1, fence.end - 1, fence.indent, got)
                self._compare(fence.line, shown, got, change)
            return printed
        finally:
            self.spent += time.perf_counter() - started

    def _python(self, block: Block) -> str:
        __tracebackhide__ = True
        programs = list(compiled(block))
        with _captured() as out:
            for code in programs:
                exec(code, self.namespace)
        return out.getvalue()

    def _ipython(self, block: Block) -> str:
        __tracebackhide__ = True
        with _captured() as out:
            if self._shell is None:
                self._shell = _ipython_shell(self.module)
            result = self._shell.run_cell(block.source, store_history=False)
        result.raise_error()
        return out.getvalue()

    def _pycon(self, block: Block) -> str:
        """Each ``>>>`` example in turn, as doctest does."""
        __tracebackhide__ = True
        path, printed = self.page.path, ""
        for example in doctest.DocTestParser().get_examples(block.source, str(path)):
            line = block.line + 1 + example.lineno
            tree = ast.increment_lineno(ast.parse(example.source, mode="single"), line - 1)
            code = compile(tree, str(path), "single", dont_inherit=True)
            with _captured() as out:
                try:
                    exec(code, self.namespace)
                except Exception as error:
                    if example.exc_msg is None:
                        raise
                    got = "".join(traceback.format_exception_only(error))
                    self._compare(line, example.exc_msg, got)
                    continue
            got = cleaned(out.getvalue())
            printed += got
            shown = line + example.source.count("\n")
            last = shown + example.want.count("\n") - 1
            wanted = re.sub(r"(?m)^$(?=\n)", "<BLANKLINE>", got)
            change = (shown, last, block.fence.indent, wanted)
            flags = sum(flag for flag, on in example.options.items() if on)
            self._compare(line, example.want, got, None if example.exc_msg else change, flags)
        return printed

    def _compare(
        self, line: int, shown: str, printed: str, change: Change | None = None, flags: int = 0
    ) -> None:
        """Note the change that would mend a difference, or refuse it."""
        __tracebackhide__ = True
        if matches(cleaned(shown), printed, flags):
            return
        if change is None or not self.update:
            raise OutputDiffers(f"{self.where}:{line}", shown, printed)
        self.changes.append(change)

    @contextlib.contextmanager
    def _limit(self) -> Iterator[None]:
        """Stop what runs too long, at the line where it is (on POSIX, in the main thread)."""
        main = threading.current_thread() is threading.main_thread()
        if not (main and hasattr(signal, "setitimer")):
            yield
            return

        alarms = 0

        def stop(signum: int, frame: types.FrameType | None) -> None:
            __tracebackhide__ = True
            nonlocal alarms
            alarms += 1
            error = PageTimeout(
                f"{self.page.name} took longer than {self.seconds:g} s and was stopped at this "
                "line; an endless loop, or raise --page-seconds"
            )
            if alarms > 1:  # the page caught the first: raise once more, in what catches it
                _raise_at_next_line(frame, error)
            raise error

        tracing = sys.gettrace()
        before = signal.signal(signal.SIGALRM, stop)
        # Once a second from then on, for a loop that catches everything.
        signal.setitimer(signal.ITIMER_REAL, max(self.seconds - self.spent, 0.001), 1.0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            if alarms:
                sys.settrace(tracing)

    _executors: ClassVar[dict[str, Callable[["Run", Block], str]]] = {
        "python": _python,
        "pycon": _pycon,
        "ipython": _ipython,
    }


def compiled(block: Block) -> Iterator[types.CodeType]:
    """The block as code objects, each under the file and line it was written at.

    A trailing expression is one that displays its value, as a notebook does.
    """
    body = _parsed(block).body
    displays = body and isinstance(body[-1], ast.Expr) and not block.source.rstrip().endswith(";")
    for (path, offset, single), statements in groupby(
        body, key=lambda s: (*_origin(block, s), displays and s is body[-1])
    ):
        if single:
            tree: ast.Module | ast.Interactive = ast.Interactive(list(statements))
        else:
            tree = ast.Module(list(statements), type_ignores=[])
        mode = "single" if single else "exec"
        yield compile(ast.increment_lineno(tree, offset), str(path), mode)


def _parsed(block: Block) -> ast.Module:
    try:
        return ast.parse(block.source)
    except SyntaxError as error:
        if error.lineno is not None and 1 <= error.lineno <= len(block.lines):
            line = block.lines[error.lineno - 1]
            error.filename, error.lineno = str(line.path), line.number
            error.end_lineno = None
        raise


def _origin(block: Block, statement: ast.stmt) -> tuple[Path, int]:
    """The file a statement was written in, and by how much its line numbers differ there."""
    first = min(node.lineno for node in [statement, *getattr(statement, "decorator_list", [])])
    lines = [line for line in block.lines[first - 1 : statement.end_lineno] if line.text.strip()]
    if len({line.path for line in lines}) > 1:
        raise PageError(lines[0].path, lines[0].number, "an include must be whole statements")
    return lines[0].path, lines[0].number - first


def _display(value: object) -> None:
    """As ``sys.displayhook``, without keeping the value in ``builtins._``."""
    if value is not None:
        print(repr(value))


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    """Take what is printed, and still pass it on, so that pytest shows it beside a failure."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            yield out
    finally:
        sys.stdout.write(out.getvalue())


def _raise_at_next_line(frame: types.FrameType | None, error: BaseException) -> None:
    def trace(frame: types.FrameType, event: str, argument: object) -> Any:
        __tracebackhide__ = True
        if event == "line":
            raise error
        return trace

    while frame is not None and Path(frame.f_code.co_filename) != Path(__file__):
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(lambda *_: None)


def _ipython_shell(module: types.ModuleType) -> Any:
    """A real IPython shell on the page's namespace; ``?`` and ``??`` print instead of paging."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.page import as_hook, display_page
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell(config=config, user_module=module, user_ns=module.__dict__)
    shell.set_hook("show_in_pager", as_hook(display_page), priority=90)
    return shell
