"""80 networks with the same training loss: two measures beside held-out accuracy."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("平坦：损失低于 0.35 的面积（%）", "离起点的距离", "留出图片的准确率（%）", "错标 {} %"),
    "en": (
        "flat: share of the grid under 0.35 (%)",
        "distance from the start",
        "held-out accuracy (%)",
        "{} % of labels wrong",
    ),
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("loss_landscape")["numbers"]["models"], TEXT[lang]
    wrong, accuracy = np.array(numbers["wrong"]), 100 * np.array(numbers["accuracy"])
    figure, panels = new_figure(5.6, 3.2, ncols=2, lang=lang, sharey=True)
    for axes, key, label in zip(panels, ("under", "moved"), text, strict=False):
        values = np.array(numbers[key]) * (100 if key == "under" else 1)
        for k, share in enumerate(sorted(set(wrong.tolist()))):
            there = wrong == share
            name = text[3].format(round(100 * share)) if key == "under" else None
            style = {"color": PALETTE[k], "markersize": 4.5, "alpha": 0.8, "label": name}
            axes.plot(values[there], accuracy[there], MARKERS[k], **style)
        axes.set_xlabel(label, fontsize=9)
        axes.grid(visible=True)
    panels[0].set_ylabel(text[2])
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, columnspacing=1.0)
    return figure
