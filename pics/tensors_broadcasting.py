"""Broadcasting: a column (3, 1) and a row (4,) meet in a table (3, 4)."""

from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

COLUMN = torch.tensor([[0], [10], [20]])  # (3, 1)
ROW = torch.tensor([1, 2, 3, 4])  # (4,)
CENTRED: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10.5}


def grid(axes: Axes, left: float, top: float, values: torch.Tensor, own: torch.Tensor) -> None:
    """Cells of a table; where ``own`` is False the value is a repetition and drawn pale."""
    for i, row in enumerate(values.tolist()):
        for j, value in enumerate(row):
            real = bool(own[i, j])
            axes.add_patch(
                Rectangle(
                    (left + j, top - i - 1),
                    1,
                    1,
                    facecolor=PALETTE[4] if real else "none",
                    alpha=0.55 if real else 1,
                    edgecolor="black",
                    linewidth=1.1 if real else 0.6,
                    linestyle="-" if real else (0, (2, 2)),
                )
            )
            alpha = 1 if real else 0.55
            axes.text(left + j + 0.5, top - i - 0.5, str(value), alpha=alpha, **CENTRED)


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    figure, axes = new_figure(5.6, 1.8, lang=lang)
    a, b = torch.broadcast_tensors(COLUMN, ROW)
    first_column = torch.zeros(3, 4, dtype=torch.bool)
    first_column[:, 0] = True
    first_row = torch.zeros(3, 4, dtype=torch.bool)
    first_row[0] = True
    for left, values, own, title in (
        (0.0, a, first_column, "a : (3, 1) → (3, 4)"),
        (5.2, b, first_row, "b : (4,) → (1, 4) → (3, 4)"),
        (10.4, COLUMN + ROW, torch.ones(3, 4, dtype=torch.bool), "a + b : (3, 4)"),
    ):
        grid(axes, left, 3, values, own)
        axes.text(left + 2, 3.25, title, ha="center", va="bottom", fontsize=9.5)
    axes.text(4.6, 1.5, "+", ha="center", va="center", fontsize=16)
    axes.text(9.8, 1.5, "=", ha="center", va="center", fontsize=16)
    note = (
        "实线格子是存储里的数，虚线格子只是重复读取，不占内存"
        if zh
        else "Solid cells are in storage; dashed cells are read again and take no memory"
    )
    axes.text(7.2, -0.45, note, ha="center", va="top", fontsize=10)
    axes.set(xlim=(-0.1, 14.5), ylim=(-1.1, 3.9), aspect="equal")
    axes.axis("off")
    return figure
