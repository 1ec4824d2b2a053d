"""One storage, two tensors: a view reads the same numbers, a clone has its own."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

X = torch.tensor([[0, 5, 13], [3, 15, 2]])
TEXT = {
    "zh": ("x 的存储", "y = x.T：视图", "z = x.clone()：副本", "z 的存储"),
    "en": ("x's storage", "y = x.T: a view", "z = x.clone(): a copy", "z's storage"),
}


def grid(axes: Axes, left: float, top: float, values: torch.Tensor, places: torch.Tensor) -> None:
    """A table of numbers, each coloured by its place in the storage."""
    for i, row in enumerate(values.tolist()):
        for j, value in enumerate(row):
            corner = left + j, top - i - 1
            color = PALETTE[int(places[i, j])]
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=color, alpha=0.3, edgecolor="none"))
            axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor="black"))
            axes.text(left + j + 0.5, top - i - 0.5, str(value), ha="center", va="center")


def draw(lang: str) -> Figure:
    storage, view, clone, other = TEXT[lang]
    places = torch.arange(6).reshape(2, 3)
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    grid(axes, 0, 6.5, X, places)
    grid(axes, 6, 7, X.T, places.T)
    grid(axes, 13.5, 6.5, X, places)
    axes.text(1.5, 7.5, "x", ha="center", fontsize=10.5)
    axes.text(7, 7.5, view, ha="center", fontsize=10.5)
    axes.text(15, 7.5, clone, ha="center", fontsize=10.5)
    grid(axes, 1.5, 1, X.reshape(1, 6), places.reshape(1, 6))
    grid(axes, 12, 1, X.reshape(1, 6), places.reshape(1, 6))
    axes.text(4.5, -0.3, storage, ha="center", va="top", fontsize=10.5)
    axes.text(15, -0.3, other, ha="center", va="top", fontsize=10.5)
    for start, end in (((1.5, 4.2), (3.6, 1.3)), ((7, 3.7), (5.4, 1.3)), ((15, 4.2), (15, 1.3))):
        axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "linewidth": 1.4})
    axes.set(xlim=(-0.3, 18.8), ylim=(-1.3, 8.2), aspect="equal")
    axes.axis("off")
    return figure
