"""Where the labels come from, and in which order they are predicted: a model for each."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "columns": ("一个接一个（自回归）", "不分先后"),
        "rows": ("标签来自\n文本自己\n（自监督）", "标签\n由人写"),
        "cells": (("GPT、SmolLM2", "BERT"), ("Transformer 翻译", "MiniLM 加头")),
    },
    "en": {
        "columns": ("in order (autoregressive)", "in no order"),
        "rows": ("labels\nfrom the\ntext itself", "labels\nwritten\nby people"),
        "cells": (("GPT, SmolLM2", "BERT"), ("Transformer, zh to en", "MiniLM with a head")),
    },
}
FORMULAS = (
    (r"$\sum_t \log p(x_t\,|\,x_{<t})$", r"$\sum_{i \in M} \log p(x_i\,|\,\tilde{x})$"),
    (r"$\sum_m \log p(y_m\,|\,x, y_{<m})$", r"$\log p(c\,|\,x)$"),
)


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    axes.axis("off")
    for column, title in enumerate(text["columns"]):
        axes.text(column, 0.72, title, ha="center", va="center", fontsize=10)
    for row, title in enumerate(text["rows"]):
        axes.text(-0.62, -row, title, ha="center", va="center", fontsize=9.5)
        for column in (0, 1):
            color = PALETTE[0] if row == 0 else PALETTE[1]
            axes.add_patch(
                FancyBboxPatch(
                    (column - 0.42, -row - 0.36), 0.84, 0.72,
                    boxstyle="round,pad=0.03", facecolor="none", edgecolor=color, linewidth=1.5,
                    linestyle="-" if column == 0 else "--",
                )
            )  # fmt: skip
            name = text["cells"][row][column]
            axes.text(column, -row + 0.15, name, ha="center", va="center", fontsize=11)
            formula = FORMULAS[row][column]
            axes.text(column, -row - 0.16, formula, ha="center", va="center", fontsize=11)
    axes.set_xlim(-0.9, 1.5)
    axes.set_ylim(-1.45, 0.9)
    return figure
