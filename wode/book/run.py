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
            with _main(self.module), _limit(self.seconds - self.spent, self.page, self.seconds):
                return self._executors[block.kind](self, block)
        finally:
            self.spent += time.perf_counter() - started

    def _python(self, block: Block) -> str:
        __tracebackhide__ = True
        programs = list(compiled(block))
        with _captured() as out:
            for code, echo in programs:
                if echo:
                    value = eval(code, self.namespace)
                    if value is not None:
                        print(repr(value))
                else:
                    exec(code, self.namespace)
        self._compare(block, out.getvalue())
        return out.getvalue()

    def _ipython(self, block: Block) -> str:
        __tracebackhide__ = True
        if self._shell is None:
            self._shell = _ipython_shell(self.module)
        with _captured() as out:
            result = self._shell.run_cell(block.source, store_history=False)
        if error := result.error_before_exec or result.error_in_exec:
            raise error
        self._compare(block, out.getvalue())
        return out.getvalue()

    def _compare(self, block: Block, printed: str) -> None:
        __tracebackhide__ = True
        if block.output is None:
            return
        shown = "".join(line + "\n" for line in block.output.lines)
        printed = cleaned(printed)
        if matches(cleaned(shown), printed):
            return
        if not self.update:
            raise OutputDiffers(f"{self.where}:{block.output.line}", shown, printed)
        fence = block.output
        self.changes.append((fence.line + 1, fence.end - 1, fence.indent, printed))

    def _pycon(self, block: Block) -> str:
        """Each ``>>>`` example in turn, as doctest does."""
        __tracebackhide__ = True
        first = block.fence.line + 1
        examples = doctest.DocTestParser().get_examples(block.source, str(self.page.path))
        printed: list[str] = []
        for example in examples:
            line = first + example.lineno
            code = _single(example.source, self.page.path, line)
            with _captured() as out, _quiet_display():
                try:
                    exec(code, self.namespace)
                except Exception as error:
                    if example.exc_msg is None:
                        raise
                    got = "".join(traceback.format_exception_only(error))
                    if not matches(example.exc_msg, got):
                        where = f"{self.where}:{line}"
                        raise OutputDiffers(where, example.exc_msg, got) from error
                    continue
            got = cleaned(out.getvalue())
            printed.append(got)
            flags = sum(flag for flag, on in example.options.items() if on)
            if matches(cleaned(example.want), got, flags):
                continue
            if not self.update or example.exc_msg is not None:
                raise OutputDiffers(f"{self.where}:{line}", example.want, got)
            shown = line + example.source.count("\n")
            last = shown + example.want.count("\n") - 1
            wanted = re.sub(r"(?m)^$(?=\n)", "<BLANKLINE>", got)
            self.changes.append((shown, last, block.fence.indent, wanted))
        return "".join(printed)

    _executors: ClassVar[dict[str, Callable[["Run", Block], str]]] = {
        "python": _python,
        "pycon": _pycon,
        "ipython": _ipython,
    }


def compiled(block: Block) -> Iterator[tuple[types.CodeType, bool]]:
    """The block as code objects, each under the file and line it was written at.

    Yields:
        (code, echo): ``echo`` marks a trailing expression, which is shown as a notebook shows it.
    """
    tree = _parsed(block)
    body, last = tree.body, tree.body[-1] if tree.body else None
    ends_in_semicolon = block.source.rstrip().endswith(";")
    echoed = last if isinstance(last, ast.Expr) and not ends_in_semicolon else None
    for (path, offset), statements in groupby(
        (s for s in body if s is not echoed), key=lambda s: _origin(block, s)
    ):
        module = ast.Module(list(statements), type_ignores=[])
        yield compile(ast.increment_lineno(module, offset), str(path), "exec"), False
    if isinstance(echoed, ast.Expr):
        path, offset = _origin(block, echoed)
        expression = ast.Expression(echoed.value)
        yield compile(ast.increment_lineno(expression, offset), str(path), "eval"), True


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
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    last = statement.end_lineno or statement.lineno
    origins = {
        (block.lines[n - 1].path, block.lines[n - 1].number - n)
        for n in range(first, last + 1)
        if block.lines[n - 1].text.strip()
    }
    paths = {path for path, _ in origins}
    if len(paths) > 1:
        line = block.lines[first - 1]
        raise PageError(line.path, line.number, "an include must be whole statements")
    path = paths.pop()
    return path, block.lines[first - 1].number - first


def _single(source: str, path: Path, line: int) -> types.CodeType:
    tree = ast.increment_lineno(ast.parse(source, str(path), mode="single"), line - 1)
    return compile(tree, str(path), "single", dont_inherit=True)


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    """Take what is printed, and still pass it on, so that pytest shows it beside a failure."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            yield out
    finally:
        sys.stdout.write(out.getvalue())


@contextlib.contextmanager
def _quiet_display() -> Iterator[None]:
    """``>>>`` echoes without keeping the value in ``builtins._``."""
    before = sys.displayhook
    sys.displayhook = lambda value: None if value is None else print(repr(value))
    try:
        yield
    finally:
        sys.displayhook = before


@contextlib.contextmanager
def _main(module: types.ModuleType) -> Iterator[None]:
    """The page is ``__main__``, so that what it defines can be pickled and looked up."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@contextlib.contextmanager
def _limit(seconds: float, page: Page, whole: float) -> Iterator[None]:
    """Stop what runs too long, at the line where it is (on POSIX, in the main thread)."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    alarms = 0

    def stop(signum: int, frame: types.FrameType | None) -> None:
        nonlocal alarms
        alarms += 1
        error = PageTimeout(
            f"{page.name} took longer than {whole:g} s and was stopped at this line; "
            "an endless loop, or raise --page-seconds"
        )
        if alarms > 1:  # the page caught the first: raise once more, in what catches it
            _raise_at_next_line(frame, error)
        raise error

    tracing = sys.gettrace()
    before = signal.signal(signal.SIGALRM, stop)
    # Once a second from then on, for a loop that catches everything.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if alarms:
            sys.settrace(tracing)


def _raise_at_next_line(frame: types.FrameType | None, error: BaseException) -> None:
    def trace(frame: types.FrameType, event: str, argument: object) -> Any:
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
    hook, namespace = sys.displayhook, module.__dict__
    shell = InteractiveShell(config=config, user_module=module, user_ns=namespace)
    sys.displayhook = hook
    shell.set_hook("show_in_pager", as_hook(display_page), priority=90)
    return shell
