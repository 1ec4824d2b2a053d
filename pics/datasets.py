"""A data set is a sorted list of names: item 2 is read when it is asked for, by one name."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.data import Digits
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("dataset.names：一个名字一项", "要第 2 项时才读", "图片", "标签"),
    "en": ("dataset.names: one name per item", "read when item 2 is asked for", "image", "label"),
}


def draw(lang: str) -> Figure:
    names, item, picture, label = TEXT[lang]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 11.2)
    axes.set_ylim(-0.7, 6.1)
    axes.text(2.1, 5.7, names, ha="center", va="center", fontsize=10)
    axes.text(8.0, 5.7, item, ha="center", va="center", fontsize=10)
    for row, name in enumerate(["0000.png", "0001.png", "0002.png", "…", "0099.png"]):
        y, colour = 4.2 - row, PALETTE[0]
        fill = (colour, 0.35 if row == 2 else 0.1)
        axes.add_patch(Rectangle((1.0, y), 2.2, 0.8, fc=fill, ec=colour))
        axes.text(2.1, y + 0.38, name, ha="center", va="center", fontsize=9.5)
        number = {3: "…", 4: "99"}.get(row, str(row))
        axes.text(0.7, y + 0.38, number, ha="center", va="center", fontsize=9.5)
    axes.text(2.1, -0.35, "len(dataset) = 100", ha="center", va="center", fontsize=9.5)
    for y, text, path in ((4.0, picture, "images/0002.png"), (0.6, label, "labels/0002.txt")):
        start, end = (3.3, 2.6), (5.1, y + 0.3)
        arrow = FancyArrowPatch(start, end, arrowstyle="->", mutation_scale=12, color="0.3")
        axes.add_patch(arrow)
        axes.text(5.2, y + 0.5, path, ha="left", va="center", fontsize=9.5)
        axes.text(5.2, y - 0.2, text, ha="left", va="center", fontsize=9.5, color="0.4")
    image, target = Digits(train=True)[2]
    shown = axes.inset_axes((8.7, 2.6, 2.3, 2.5), transform=axes.transData)
    shown.set_axis_off()
    heat(shown, np.asarray(image), cmap="Greys", vmax=255, aspect="auto")
    axes.add_patch(Rectangle((8.7, 2.6), 2.3, 2.5, fill=False, ec="0.3"))
    axes.text(9.85, 0.8, str(target), ha="center", va="center", fontsize=20)
    axes.text(9.85, -0.35, "dataset[2]", ha="center", va="center", fontsize=9.5)
    return figure
