"""Runs the pages: see ``wode/book/plugin.py``."""

import os

# Before torch is imported: spinning threads make small steps ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

pytest_plugins = ["wode.book.plugin"]
