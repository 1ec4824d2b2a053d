"""Four numbers of one word on their way through an encoder layer; the first one is followed."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ["输入 x", "＋注意力", "归一化", "＋前馈", "归一化"],
    "en": ["input x", "+ attention", "norm", "+ feed forward", "norm"],
}


def draw(lang: str) -> Figure:
    rows = np.round(np.array(results.read("transformer_reversal")["numbers"]["steps"]["rows"]), 2)
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    heat(axes, rows, cmap="RdBu", vmin=-3.5, vmax=3.5, aspect="auto")
    for row in range(5):
        for column in range(4):
            axes.text(
                column, row, f"{rows[row, column]:.2f}", ha="center", va="center", fontsize=10
            )
        axes.add_patch(
            Rectangle(
                (-0.48, row - 0.46), 0.96, 0.92, fill=False, edgecolor=PALETTE[1], linewidth=2
            )
        )
    axes.set_xticks(range(4), range(4))
    axes.set_yticks(range(5), TEXT[lang], fontsize=10)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    return figure
