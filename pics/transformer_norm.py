"""Digits written rightly by rate: norm first, last, last with warm-up, none, no residual."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "pre": "归一化在前",
        "post": "在后",
        "post_warmup": "在后，预热",
        "no_norm": "不归一化",
        "no_residual": "没有残差",
        "x": "学习率",
        "y": "写对的比例",
    },
    "en": {
        "pre": "norm first",
        "post": "norm last",
        "post_warmup": "norm last, warm-up",
        "no_norm": "no norm",
        "no_residual": "no residual",
        "x": "learning rate",
        "y": "share right",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("transformer_norm")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    for k, (kind, row) in enumerate(numbers["right"].items()):
        each = np.round(np.array(row["each"]), 3)  # (rates, seeds)
        style = {"color": PALETTE[k], "marker": MARKERS[k], "markersize": 5}
        style["linestyle"] = LINESTYLES[k % len(LINESTYLES)]
        axes.fill_between(
            numbers["rates"], each.min(axis=1), each.max(axis=1), color=PALETTE[k], alpha=0.2
        )
        axes.plot(numbers["rates"], each.mean(axis=1), label=text[kind], **style)
    axes.set_xscale("log")
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_ylim(0, 1.03)
    axes.grid(visible=True)
    figure.legend(fontsize=9, loc="outside upper center", ncols=3)
    return figure
