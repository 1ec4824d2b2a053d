"""Without positions: where the decoder looks, and how many sentences come out right."""

import runpy
from pathlib import Path

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("没有位置", "整句全对（%）", ("新句子", "汉字打乱", "谁对谁"), ("有位置", "没有位置")),
    "en": (
        "without positions", "sentences right, %", ("new", "shuffled", "who"),
        ("with positions", "without"),
    ),
}  # fmt: skip


def draw(lang: str) -> Figure:
    draw_map = runpy.run_path(str(Path(__file__).with_name("translation_attention.py")))["draw_map"]
    ways = results.read("translation_task")["numbers"]["ways"]
    blind, title, tests, names = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.6, ncols=2, lang=lang)
    draw_map(left, "no_positions", 0)
    left.set_title(blind)
    for k, (way, name) in enumerate(zip(("base", "no_positions"), names, strict=True)):
        for place, test in enumerate(("sentences", "shuffled", "who")):
            each = ways[way][test]["exact"]["each"]
            right.plot(
                [place + 0.3 * (k - 0.5) + 0.06 * (n - 1) for n in range(len(each))],
                [100 * one for one in each],
                MARKERS[k], color=PALETTE[k], label=None if place else name,
            )  # fmt: skip
    right.set_xticks(range(3), tests)
    right.set_xlim(-0.5, 2.5)
    right.set_ylim(0, 105)
    right.set_title(title)
    right.grid(visible=True, axis="y")
    right.legend(loc="lower left")
    return figure
