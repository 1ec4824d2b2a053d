"""Hands the pages to pytest by Sybil: ``wode/book/document.py`` says what a page is, what fails
and how it reads is in ``wode/book/plugin.py``.
"""

import os

# Before torch is imported: spinning threads make small steps ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

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
