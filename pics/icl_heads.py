"""The strongest matching head on one prompt, and what silencing such heads costs, three seeds."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "map": "最强的头在看哪里",
        "x": "例子（名字）",
        "y": "问题（类）",
        "cost": "八个以上例子的准确率",
        "without_none": "完整",
        "without_matching": "关掉相配的",
        "without_others": "关掉同样多别的",
        "seed": "种子",
        "chance": "瞎猜",
    },
    "en": {
        "map": "where the strongest head looks",
        "x": "examples (names)",
        "y": "questions (classes)",
        "cost": "accuracy, 8 and more examples",
        "without_none": "whole",
        "without_matching": "without the matching",
        "without_others": "without as many others",
        "seed": "seed",
        "chance": "by chance",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("in_context_learning")["numbers"]["classes"]
    text = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 3.0, ncols=2, lang=lang)
    name = np.array(table["episode"]["name"])
    weights = np.array(table["episode"]["weights"])[:, 1::2]  # (questions, examples)
    heat(left, weights)
    match = (name[:, None] == name[None, :-1]) & (np.arange(13)[:, None] > np.arange(12))
    rows, columns = match.nonzero()
    left.plot(columns, rows, "o", markerfacecolor="none", color=PALETTE[1], markersize=9)
    left.set_xticks(np.arange(12), name[:-1].tolist(), fontsize=9)
    left.set_yticks(np.arange(13), name.tolist(), fontsize=9)
    left.tick_params(length=0)
    left.set_title(text["map"], fontsize=10)
    left.set_xlabel(text["x"])
    left.set_ylabel(text["y"])
    for number, key in enumerate(("without_none", "without_others", "without_matching")):
        values = table[key]
        right.plot(
            np.arange(len(values)) + 0.12 * (number - 1),
            values,
            MARKERS[number],
            color=PALETTE[number],
            label=text[key],
        )
    right.axhline(0.25, color="black", linestyle=":", linewidth=1)
    right.text(2.4, 0.26, text["chance"], ha="right", va="bottom", fontsize=9)
    right.set_ylim(-0.25, 1.05)
    right.set_yticks([0, 0.5, 1])
    right.set_xlim(-0.5, 2.5)
    right.set_xticks([0, 1, 2])
    right.set_xlabel(text["seed"])
    right.set_title(text["cost"], fontsize=10)
    right.grid(visible=True, axis="y")
    right.legend(loc="lower left", fontsize=9)
    return figure
