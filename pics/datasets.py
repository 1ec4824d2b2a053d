"""A data set is a sorted list of names: the listing, the list, one item."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.data import Digits
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("文件夹里的顺序", "排好序，一个名字一项", "要第 2 项时才读", "标签"),
    "en": ("the folder's own order", "sorted: one name per item", "item 2, read when asked for",
           "label"),
}  # fmt: skip
LISTING = [3, 0, 4, 1, 2]


def draw(lang: str) -> Figure:
    folder, names, item, label = TEXT[lang]
    digits = Digits(train=True)
    figure, axes = new_figure(6.4, 2.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 12.8)
    axes.set_ylim(-0.6, 6.2)
    for x, text in ((1.35, folder), (6.0, names), (11.1, item)):
        axes.text(x, 5.7, text, ha="center", va="center", fontsize=10)
    for row in range(5):
        y = 4.2 - row
        for x, number, colour in ((0.3, LISTING[row], "#777777"), (5.0, row, PALETTE[0])):
            chosen = x > 1 and row == 2
            box = Rectangle((x, y), 2.1, 0.8, fc=(colour, 0.35 if chosen else 0.1), ec=colour)
            axes.add_patch(box)
            axes.text(
                x + 1.05, y + 0.38, f"000{number}.png", ha="center", va="center", fontsize=9.5
            )
        axes.text(4.65, y + 0.38, str(row), ha="center", va="center", fontsize=9.5)
        axes.plot([2.5, 4.35], [4.6 - LISTING.index(row), 4.6 - row], color="0.6", lw=0.8, zorder=0)
    arrow = FancyArrowPatch((7.2, 2.6), (9.7, 2.9), arrowstyle="->", mutation_scale=12, color="0.3")
    axes.add_patch(arrow)
    axes.text(8.4, 3.0, "dataset[2]", ha="center", va="bottom", fontsize=9.5)
    image, target = digits[2]
    pixels = 255 - np.asarray(image)
    axes.imshow(
        pixels, cmap="gray", vmin=0, vmax=255, extent=(9.9, 12.3, 1.6, 4.6), aspect="auto", zorder=1
    )
    axes.add_patch(Rectangle((9.9, 1.6), 2.4, 3.0, fill=False, ec="0.3"))
    axes.text(11.1, 1.2, f"{label}: {target}", ha="center", va="center", fontsize=10)
    return figure
