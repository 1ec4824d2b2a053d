"""What a surface is made of: points in a plane of weights, and the loss of the model at each."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("权重的空间", "每个点：放入权重，算损失", "{} 个权重\n= 一个点"),
    "en": ("the space of weights", "at each: put in, ask the loss", "{} weights\n= one point"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("loss_landscape")["numbers"]["pictures"]
    left, right, label = TEXT[lang]
    figure, (one, two) = new_figure(5.6, 2.9, ncols=2, lang=lang)
    w, d, e = np.array([0.0, 0.0]), np.array([1.0, 0.25]), np.array([-0.3, 0.9])
    for a in (-1, -0.5, 0, 0.5, 1):
        for b in (-1, -0.5, 0, 0.5, 1):
            one.plot(*(w + a * d + b * e), "o", color="0.65", markersize=4)
    for way, name, colour in ((d, "d", PALETTE[0]), (e, "e", PALETTE[2])):
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
        one.annotate("", way, w, arrowprops=arrow)
        one.text(*(1.14 * way), name, color=colour, weight="bold", ha="center", va="center")
    one.plot(*w, "o", color=PALETTE[1], markersize=8)
    one.text(0.05, -0.12, "w", color=PALETTE[1], weight="bold", va="top")
    one.text(-1.45, -1.75, label.format(2410), fontsize=9, va="bottom")
    one.set(title=left, xlim=(-1.5, 1.5), ylim=(-1.8, 1.4), xticks=[], yticks=[], aspect="equal")
    one.spines[["left", "bottom"]].set_visible(False)
    grid = np.array(numbers["grid"])[::10, ::10]  # of 41 × 41 steps
    two.pcolormesh(range(5), range(5), np.log(grid), cmap="Blues", vmin=-3.5, vmax=4)
    two.set_aspect("equal")
    for (b, a), loss in np.ndenumerate(grid):
        two.text(
            a, b, f"{loss:.2f}" if loss < 1 else f"{loss:.1f}", ha="center", va="center", fontsize=9
        )
    ticks = ["-1", "-.5", "0", ".5", "1"]
    two.set_xticks(range(5), ticks)
    two.set_yticks(range(5), ticks)
    two.set(title=right, xlabel="a", ylabel="b")
    return figure
