"""SmolLM2 on 25 random tokens said twice: the loss of each token."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("第几个词元", "损失（奈特）", "第一遍", "第二遍"),
    "en": ("token", "loss (nats)", "first time", "second time"),
}


def draw(lang: str) -> Figure:
    table = results.read("induction_heads")["numbers"]["smollm2"]["whole"]
    x, y, first, second = TEXT[lang]
    loss = np.array(table["by_position"])  # of tokens 2 … 50
    places = np.arange(2, len(loss) + 2)
    half = (len(loss) + 1) // 2
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    axes.plot(places[: half - 1], loss[: half - 1], "o-", color=PALETTE[0], markersize=4)
    axes.plot(places[half - 1 :], loss[half - 1 :], "s-", color=PALETTE[1], markersize=4)
    axes.axvline(half + 0.5, color="black", linestyle=":", linewidth=1)
    axes.text(half / 2, 1, first, ha="center", color=PALETTE[0])
    axes.text(1.6 * half, loss.max() * 0.9, second, ha="center", color=PALETTE[1])
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(0, None)
    axes.grid(visible=True, axis="y")
    return figure
