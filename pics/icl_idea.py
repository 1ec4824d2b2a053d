"""Two ways to learn from a prompt: look an example up, or compute from all of them."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("查找：找到相像的例子，抄它的答案", "计算：从全部例子算出答案", "问题"),
    "en": (
        "look up: find a like example, copy its answer",
        "compute: from all examples",
        "question",
    ),
}
SHAPES = ("o", "s", "^", "s")
ANSWERS = ("B", "A", "C", "?")


def draw(lang: str) -> Figure:
    above, below, question = TEXT[lang]
    figure, (top, bottom) = new_figure(5.6, 3.3, nrows=2, lang=lang, height_ratios=[1, 1.35])
    top.set_axis_off()
    top.set_xlim(0, 10)
    top.set_ylim(-1.3, 2.0)
    top.set_title(above, fontsize=11)
    for place, (shape, answer) in enumerate(zip(SHAPES, ANSWERS, strict=True)):
        x = 0.8 + 2.5 * place
        colour = PALETTE[1] if shape == "s" else PALETTE[0]
        top.plot(x, 0, shape, color=colour, markersize=15)
        top.text(x + 1.0, 0, answer, ha="center", va="center", fontsize=15)
    arrow: dict[str, Any] = {
        "arrowstyle": "-|>",
        "mutation_scale": 12,
        "linewidth": 1.6,
        "color": PALETTE[1],
    }
    top.add_patch(
        FancyArrowPatch((8.3, 0.45), (3.3, 0.45), connectionstyle="arc3,rad=0.3", **arrow)
    )
    top.add_patch(
        FancyArrowPatch((4.3, -0.4), (9.2, -0.4), connectionstyle="arc3,rad=0.15", **arrow)
    )
    x = np.array([-1.6, -0.8, 0.1, 0.9])
    bottom.set_title(below, fontsize=11)
    bottom.plot([-2, 2], [-1.4, 1.4], "--", color="black", linewidth=1)
    bottom.plot(x, 0.7 * x, "o", color=PALETTE[0], markersize=9)
    bottom.plot([1.6, 1.6], [-1.6, 1.12], ":", color=PALETTE[1], linewidth=2)
    bottom.plot(1.6, 1.12, "o", markerfacecolor="none", color=PALETTE[1], markersize=12)
    bottom.text(1.5, -1.5, question, ha="right", va="bottom", fontsize=10)
    bottom.text(1.25, 1.15, "?", ha="center", va="center", fontsize=15)
    bottom.set_xlim(-2, 2)
    bottom.set_ylim(-1.6, 1.6)
    bottom.set_xlabel("x")
    bottom.set_ylabel("y", rotation=0)
    bottom.set_xticks([])
    bottom.set_yticks([])
    return figure
