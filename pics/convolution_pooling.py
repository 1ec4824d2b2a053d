"""Max pooling: of each 2 × 2 square the largest number stays."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

VALUES = np.array([[1, 5, 2, 0], [3, 0, 1, 4], [7, 2, 0, 1], [1, 6, 3, 2]])
TEXT = {
    "zh": ("4×4 个数", "每个 2×2 只留最大的", "2×2 个数"),
    "en": ("4×4 numbers", "the largest of each 2×2", "2×2 numbers"),
}


def draw(lang: str) -> Figure:
    figure, axis = new_figure(5.6, 1.9, lang=lang)
    axis.set(xlim=(-0.1, 12), ylim=(4.15, -0.9), aspect="equal")
    axis.axis("off")
    for index in range(4):
        top, left = 2 * (index // 2), 2 * (index % 2)
        square = VALUES[top : top + 2, left : left + 2]
        colour = PALETTE[index]
        for i in range(2):
            for j in range(2):
                largest = square[i, j] == square.max()
                axis.add_patch(
                    Rectangle((left + j, top + i), 1, 1, fc="white", ec="0.6", lw=0.6, zorder=1)
                )
                axis.text(
                    left + j + 0.5, top + i + 0.53, square[i, j], ha="center", va="center",
                    fontsize=13 if largest else 10, color="black" if largest else "0.45",
                    zorder=4,
                )  # fmt: skip
        axis.add_patch(Rectangle((left, top), 2, 2, fc=colour, alpha=0.22, ec="none", zorder=2))
        axis.add_patch(Rectangle((left, top), 2, 2, fill=False, ec=colour, lw=2, zorder=3))
        x, y = 9.5 + index % 2, 1 + index // 2
        axis.add_patch(Rectangle((x, y), 1, 1, fc="white", ec="none", zorder=1))
        axis.add_patch(Rectangle((x, y), 1, 1, fc=colour, alpha=0.22, ec="none", zorder=2))
        axis.add_patch(Rectangle((x, y), 1, 1, fill=False, ec=colour, lw=2, zorder=3))
        axis.text(x + 0.5, y + 0.53, square.max(), ha="center", va="center", fontsize=13, zorder=4)
    before, how, after = TEXT[lang]
    axis.text(2, -0.5, before, ha="center", va="center")
    axis.text(10.5, 0.45, after, ha="center", va="center")
    axis.text(6.75, 1.5, how, ha="center", va="center", fontsize=9.5)
    axis.text(6.75, 2.15, "→", ha="center", va="center", fontsize=16)
    return figure
