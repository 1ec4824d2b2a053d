"""Accuracy of one attention layer on recall after training, with and without √d, five seeds."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("头的维数 d", "准确率", "不缩放", r"除以 $\sqrt{d}$", "瞎猜"),
    "en": ("head size d", "accuracy", "not scaled", r"divided by $\sqrt{d}$", "by chance"),
}


def draw(lang: str) -> Figure:
    table = results.read("attention")["numbers"]["recall"]
    x, y, plain, scaled, chance = TEXT[lang]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    places = np.arange(len(table["sizes"]))
    axes.axhline(1 / 16, color="black", linestyle=LINESTYLES[3], linewidth=1)
    axes.text(places[-1] + 0.42, 1 / 16 + 0.02, chance, ha="right", fontsize=9)
    for k, (way, label) in enumerate((("scaled", scaled), ("plain", plain))):
        each = np.array(table["each"][way])  # (sizes, seeds)
        offset = -0.08 if k == 0 else 0.08
        axes.plot(
            places + offset,
            each.mean(axis=1),
            LINESTYLES[k],
            color=PALETTE[k],
            marker=MARKERS[k],
            label=label,
        )
        for place, values in zip(places, each, strict=True):
            axes.plot(
                np.full(len(values), place + offset),
                values,
                "_",
                color=PALETTE[k],
                markersize=10,
                alpha=0.8,
            )
    axes.set_xticks(places, [str(size) for size in table["sizes"]])
    axes.set_xlim(-0.5, places[-1] + 0.5)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True, axis="y")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.1))
    return figure
