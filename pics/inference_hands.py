"""Fifty drawn digits in five hands; where the network errs, its answer stands below."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

NAMES = {
    "pen": ("细笔", "pen"),
    "calculator": ("计算器", "calculator"),
    "slanted": ("斜体", "slanted"),
    "marker": ("粗笔", "marker"),
    "pencil": ("铅笔", "pencil"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("inference")["numbers"]
    figure, grid = new_figure(5.6, 3.7, nrows=5, ncols=10, lang=lang)
    for row, (hand, names) in zip(grid, NAMES.items(), strict=True):
        for digit, axes in enumerate(row):
            pixels = np.array(numbers["drawings"][hand][digit]).reshape(8, 8)
            heat(axes, pixels, cmap="Greys", vmax=2)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[["top", "right"]].set_visible(True)
            answer = int(np.argmax(numbers["answers"][hand][digit]))
            right = answer == digit
            axes.spines[:].set(
                color="0.6" if right else PALETTE[1], linewidth=0.8 if right else 2.2
            )
            axes.set_xlabel(
                "✓" if right else f"→ {answer}",
                color="0.4" if right else PALETTE[1],
                fontsize=9,
                labelpad=2,
                fontfamily="DejaVu Sans",
            )
        row[0].set_ylabel(names[lang == "en"], rotation=0, ha="right", va="center", fontsize=9.5)
    return figure
