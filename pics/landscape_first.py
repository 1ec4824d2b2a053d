"""The loss around a small network's weights: along one direction, and over the plane of two."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("沿一个方向", "两个方向上的平面", "损失", "训练好的权重"),
    "en": ("along one direction", "over two directions", "loss", "the trained weights"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("loss_landscape")["numbers"]["pictures"]
    steps, grid = numbers["steps"], np.array(numbers["grid"])
    left, right, loss, here = TEXT[lang]
    figure, (one, two) = new_figure(5.6, 2.7, ncols=2, lang=lang)
    one.plot(steps, numbers["line"], color=PALETTE[0], linewidth=2)
    one.plot(0, numbers["line"][len(steps) // 2], "o", color=PALETTE[1])
    one.annotate(
        here, (0, 0.08), (0, 0.75), ha="center", fontsize=9, arrowprops={"arrowstyle": "-"}
    )
    one.set(xlabel="a", ylabel=loss, title=left, ylim=(0, None), xticks=[-1, 0, 1])
    one.grid(visible=True)
    levels = [0.1, 0.2, 0.5, 1, 2, 4]
    colours = colormaps["viridis"](np.linspace(0.75, 0, len(levels)))  # no yellow
    lines = two.contour(steps, steps, grid, levels, colors=colours, linewidths=1.6)
    two.clabel(lines, fontsize=9, fmt="%g")
    two.plot(0, 0, "o", color=PALETTE[1])
    two.set(
        xlabel="a", ylabel="b", title=right, xticks=[-1, 0, 1], yticks=[-1, 0, 1], aspect="equal"
    )
    return figure
