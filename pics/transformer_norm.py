"""Training loss by epoch: layer norm last or first, with and without warm-up, three seeds."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "post_none": "后置，无预热",
        "post_warmup": "后置，预热",
        "pre_none": "前置，无预热",
        "pre_warmup": "前置，预热",
        "x": "轮",
        "y": "训练损失",
    },
    "en": {
        "post_none": "norm last, no warm-up",
        "post_warmup": "norm last, warm-up",
        "pre_none": "norm first, no warm-up",
        "pre_warmup": "norm first, warm-up",
        "x": "epoch",
        "y": "training loss",
    },
}
ORDER = ("post_none", "post_warmup", "pre_none", "pre_warmup")


def draw(lang: str) -> Figure:
    losses = results.read("transformer_norm")["numbers"]["losses"]
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    for k, name in enumerate(ORDER):
        runs = np.array(losses[name])  # (seeds, epochs)
        epochs = np.arange(1, runs.shape[1] + 1)
        axes.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=PALETTE[k], alpha=0.2)
        axes.plot(
            epochs,
            runs.mean(axis=0),
            LINESTYLES[k],
            marker=MARKERS[k],
            markersize=5,
            color=PALETTE[k],
            label=text[name],
        )
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_ylim(bottom=0)
    axes.grid(visible=True)
    axes.legend(loc="lower left", fontsize=9)
    return figure
