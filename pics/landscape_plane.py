"""The plane through the start, the end, and another task's end: training and held-out loss."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("训练损失", "留出图片的损失", "起点", "终点", "a：到认数字的终点", "b：到分奇偶的终点"),
    "en": (
        "training loss",
        "held-out loss",
        "start",
        "end",
        "a: towards digits",
        "b: towards odd/even",
    ),
}


def draw(lang: str) -> Figure:
    numbers = results.read("loss_landscape")["numbers"]["pictures"]
    along, plane, path = numbers["along"], np.array(numbers["plane"]), np.array(numbers["path"])
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 3.4, ncols=2, lang=lang, sharey=True)
    for k, axes in enumerate(panels):
        levels = [0.1, 0.3, 0.5, 1, 2, 4, 8]
        colours = colormaps["viridis"](np.linspace(0.75, 0, len(levels)))  # no yellow
        lines = axes.contour(along, along, plane[..., k], levels, colors=colours, linewidths=1.4)
        axes.clabel(lines, fontsize=9, fmt="%g")
        axes.plot(path[:, 0], path[:, 1], ".-", color=PALETTE[1], markersize=5)
        for (a, b), name, side in ((path[0], text[2], "right"), (path[-1], text[3], "left")):
            axes.text(
                a + (-0.06, 0.06)[side == "left"], b - 0.12, name, fontsize=9, ha=side, va="top"
            )
        axes.plot(0, 1, "x", color=PALETTE[2], markersize=8, markeredgewidth=2)
        axes.set(title=text[k], xlabel=text[4], aspect="equal", xticks=[0, 1], yticks=[0, 1])
    panels[0].set_ylabel(text[5])
    return figure
