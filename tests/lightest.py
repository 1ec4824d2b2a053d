"""Which chapters run again outside of ``pytest docs/``: of each part the lightest, another for each
way to run it."""

import math
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from wode.book import ROOT, results
from wode.book.memory import place
from wode.book.pages import Page, all_paths, load

#: Every chapter with code, in Chinese.
CHAPTERS = [p for p in all_paths() if p.parent != ROOT / "docs" / "zh" and load(p).blocks]


@cache
def lightest(config: pytest.Config, nth: int) -> set[Path]:
    """Of each part the chapter that comes ``nth`` by weight: by the seconds that its last pass took
    in ``pytest docs/`` here, or took when they were measured; a page without them is the heaviest.

    Only the power of two counts of the seconds, so that a busy machine seldom chooses another page.
    """
    kept = getattr(config, "cache", None)
    measured = results.read("install")["numbers"]["pages"]

    def weight(page: Page) -> tuple[int, int]:
        last = (kept and kept.get(place(page), None)) or {}
        seconds = last.get("seconds", measured.get(page.name, 1e6))
        return math.frexp(max(seconds, 0.05))[1], sum(len(block.lines) for block in page.blocks)

    parts = groupby(map(load, CHAPTERS), key=lambda page: page.path.parent)
    by_weight = [sorted(part, key=weight) for _, part in parts]
    return {part[nth % len(part)].path for part in by_weight}
