"""Where the decoder looks in the source when it writes each digit backwards."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure

TEXT = {
    "zh": ("原文的第几个数字", "写第几个数字"),
    "en": ("digit of the source", "digit being written"),
}


def draw(lang: str) -> Figure:
    looks = np.round(
        np.array(results.read("transformer_reversal")["numbers"]["looks"]), 2
    )  # (T, S)
    x, y = TEXT[lang]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    heat(axes, looks, cmap="Greys", aspect="auto")
    for row in range(6):
        for column in range(6):
            value = looks[row, column]
            color = "white" if value > 0.5 else "black"
            axes.text(
                column, row, f"{value:.2f}", ha="center", va="center", fontsize=9, color=color
            )
    axes.set_xticks(range(6), [str(k) for k in range(1, 7)])
    axes.set_yticks(range(6), [str(k) for k in range(1, 7)])
    axes.set_xlabel(x)
    axes.set_ylabel(y, labelpad=12)
    axes.grid(visible=False)
    return figure
