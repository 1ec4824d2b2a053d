"""Accuracy of one attention on recall: a sharp start, long steps, both, by size and rate."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "scaled": r"除以 $\sqrt{d}$",
        "start": "只有起点尖",
        "step": "只有步子大",
        "plain": "不除：两样都有",
        "x": "学习率",
        "y": "准确率",
        "chance": "瞎猜",
    },
    "en": {
        "scaled": r"divided by $\sqrt{d}$",
        "start": "sharp start alone",
        "step": "long steps alone",
        "plain": "not divided: both",
        "x": "learning rate",
        "y": "accuracy",
        "chance": "chance",
    },
}


def draw(lang: str) -> Figure:
    sizes = results.read("attention")["numbers"]["recall"]["size"]
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    cases = [(size, rate) for size in sizes for rate in range(len(sizes[size]["rates"]))]
    for k, way in enumerate(("scaled", "start", "step", "plain")):
        for place, (size, rate) in enumerate(cases):
            each = sizes[size][way]["each"][rate]
            axes.plot(
                np.full(len(each), place + 0.14 * (k - 1.5)),
                each,
                linestyle="none",
                color=PALETTE[k],
                marker=MARKERS[k],
                markersize=6,
                label=text[way] if place == 0 else None,
            )
    axes.set_xticks(
        range(len(cases)),
        [f"d = {size}\n{sizes[size]['rates'][rate]:g}" for size, rate in cases],
        fontsize=9,
    )
    axes.set_xlabel(text["x"])
    axes.axhline(1 / 16, color="black", linestyle=":", linewidth=1)
    axes.text(-0.45, 1 / 16 + 0.02, text["chance"], fontsize=9)
    axes.set_xlim(-0.5, len(cases) - 0.5)
    axes.set_ylim(0, 1.05)
    axes.set_ylabel(text["y"])
    axes.grid(visible=True, axis="y")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
