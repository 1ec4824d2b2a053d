"""A small book in a temporary folder, and its pages run by pytest as a reader runs them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

# Imported here because pytester drops what its runs import first, and torch loads only once.
import IPython.core.interactiveshell  # noqa: F401
import matplotlib.backends.backend_svg  # noqa: F401
import pytest
import torch  # noqa: F401

import wode.book.plugin
import wode.plotting  # noqa: F401
from wode.book import ROOT

# The plugin is imported above, before pytest could rewrite its assertions; it has none to show.
_REWRITTEN = "ignore::pytest.PytestAssertRewriteWarning"
# Plugins that no page needs: to import and rewrite Hypothesis anew takes each run two seconds.
_UNUSED = ("hypothesispytest", "nbmake", "anyio", "logging", "xdist", "xdist.looponfail")
_QUICK = ("-W", _REWRITTEN, "--assert=plain", *(f"-pno:{name}" for name in _UNUSED))


@dataclass
class SmallBook:
    """Pages and snippets of a book of its own; ``run`` is ``pytest docs`` on it."""

    pytester: pytest.Pytester

    @property
    def root(self) -> Path:
        return self.pytester.path

    def page(self, text: str, lang: str = "zh", name: str = "p") -> Path:
        path = self.root / "docs" / lang / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def snippet(self, text: str, name: str = "snippets/s.py") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.remembering("-p", "no:cacheprovider", *arguments)

    def remembering(self, *arguments: str) -> pytest.RunResult:
        """``run`` with pytest's cache, in which the book keeps what has passed."""
        return self.pytester.runpytest_inprocess(*_QUICK, *arguments, no_reraise_ctrlc=True)


@pytest.fixture
def book(pytester: pytest.Pytester) -> SmallBook:
    pytester.makeini("[pytest]\naddopts = -ra\n")
    docs = pytester.mkdir("docs")
    shutil.copy(ROOT / "docs" / "conftest.py", docs)
    return SmallBook(pytester)


@pytest.fixture
def said() -> Callable[[pytest.RunResult], str]:
    """What pytest printed."""
    return lambda result: result.stdout.str()
