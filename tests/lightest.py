"""Which chapters run again outside of ``pytest docs/``: of each part the lightest, another for each
way to run it."""

import math
from itertools import groupby
from pathlib import Path

import pytest

from wode.book import ROOT
from wode.book.memory import place
from wode.book.pages import all_paths, load

#: Every chapter with code, in Chinese.
CHAPTERS = [p for p in all_paths() if p.parent != ROOT / "docs" / "zh" and load(p).blocks]


def lightest(config: pytest.Config, nth: int) -> set[Path]:
    """Of each part the chapter that comes ``nth`` by weight: by the seconds that its last pass took
    in ``pytest docs/`` here, by its lines of code as long as it has not been run.
    """
    cache = getattr(config, "cache", None)

    def weight(path: Path) -> tuple[float, int]:
        page = load(path)
        last = cache and cache.get(place(page), None)
        seconds = last["seconds"] if last else math.inf
        return seconds, sum(len(block.lines) for block in page.blocks)

    parts = groupby(CHAPTERS, key=lambda path: path.parent)
    by_weight = [sorted(part, key=weight) for _, part in parts]
    return {part[nth % len(part)] for part in by_weight}
