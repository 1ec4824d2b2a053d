"""Hands the pages to pytest by Sybil: ``wode/book/document.py`` says what a page is, what fails
and how it reads is in ``wode/book/plugin.py``.
"""

import os
from collections import defaultdict

# Before torch is imported: spinning threads make small steps ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
from sybil import Sybil

from wode.book.document import PageDocument, blocks, close

pytest_plugins = ["wode.book.plugin"]
pytest_collect_file = Sybil(
    parsers=[blocks],
    pattern="*.md",
    document_types={".md": PageDocument},
    fixtures=["pytestconfig"],  # its options
    teardown=close,
    encoding="utf-8-sig",
).pytest()

_seconds: defaultdict[str, float] = defaultdict(float)  # by page


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid.partition("::")[0]] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep how long each page has taken, at most: ``tests/lightest.py`` picks by it."""
    if cache := getattr(session.config, "cache", None):
        known = cache.get("pages/seconds", {})
        most = {page: max(seconds, known.get(page, 0.0)) for page, seconds in _seconds.items()}
        cache.set("pages/seconds", known | most)
