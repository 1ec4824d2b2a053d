"""Four views of one storage: shape, strides and offset differ, the memory does not."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

X = torch.arange(6).reshape(2, 3)
VIEWS = {
    "x": X,
    "x.T": X.T,
    "x[:, 1:]": X[:, 1:],
    "x[0].expand(3, 3)": X[0].expand(3, 3),
}


def cell(axes: Axes, x: float, y: float, index: int) -> None:
    """One number, coloured by its place in the storage."""
    color = PALETTE[index % len(PALETTE)]
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=color, alpha=0.3, edgecolor="none"))
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor="none", edgecolor="black", linewidth=1))
    axes.text(x + 0.5, y + 0.5, str(index), ha="center", va="center", fontsize=12)


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    figure, axes = new_figure(6.4, 3.0, lang=lang)
    left = 0.0
    for (name, view), width in zip(VIEWS.items(), (5.0, 4.4, 4.6, 5.0), strict=True):
        rows, columns = view.shape
        start = left + (width - columns) / 2
        for i in range(rows):
            for j in range(columns):
                place = int(view[i, j])  # the storage holds 0, 1, 2 ... in order
                assert place == view.storage_offset() + i * view.stride(0) + j * view.stride(1)
                cell(axes, start + j, 6 - i, place)
        axes.text(left + width / 2, 7.3, name, ha="center", family="monospace", fontsize=10)
        facts = (
            f"{'形状' if zh else 'shape'} {tuple(view.shape)}\n"
            f"{'步幅' if zh else 'strides'} {view.stride()}\n"
            f"{'起点' if zh else 'offset'} {view.storage_offset()}"
        )
        axes.text(left + width / 2, 3.7, facts, ha="center", va="top", fontsize=11, linespacing=1.4)
        left += width
    for k in range(6):
        cell(axes, 6.5 + k, 0, k)
    label = "同一块存储" if zh else "one storage"
    axes.text(6.2, 0.5, label, ha="right", va="center", fontsize=11)
    axes.set(xlim=(-0.1, left + 0.1), ylim=(-0.2, 7.9), aspect="equal")
    axes.axis("off")
    return figure
