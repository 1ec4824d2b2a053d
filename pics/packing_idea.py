"""A batch padded, and the same tokens end to end with a mask for those that share a sequence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

LENGTHS = (8, 3, 8, 2, 1)
TEXT = {
    "zh": ("补齐", "接起来", "两句同长，一组", "三句合用一个序列", "它的掩码"),
    "en": ("padded", "packed", "two of one length: a group", "three share a sequence", "its mask"),
}


def tokens(axes: Axes, sentence: int, x: float, y: float, length: int) -> None:
    for place in range(length):
        color = PALETTE[sentence % len(PALETTE)]
        axes.add_patch(
            Rectangle(
                (x + place, y), 0.9, 0.8, facecolor=color, alpha=0.45, edgecolor="0.2", lw=0.6
            )
        )
        axes.text(x + place + 0.45, y + 0.38, str(sentence), ha="center", va="center", fontsize=9)


def draw(lang: str) -> Figure:
    padded, packed, group, shared, mask = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, lang=lang)
    for row, length in enumerate(LENGTHS):
        tokens(left, row, 0, -row, length)
        for place in range(length, max(LENGTHS)):
            left.add_patch(
                Rectangle(
                    (place, -row), 0.9, 0.8, facecolor="0.88", edgecolor="0.6", hatch="///", lw=0
                )
            )
    tokens(right, 0, 0, 0, 8)
    tokens(right, 2, 0, -1, 8)
    right.text(0, 1.05, group, fontsize=9)
    for sentence, x, length in ((1, 0, 3), (3, 3, 2), (4, 5, 1)):
        tokens(right, sentence, x, -2.9, length)
    right.text(0, -1.85, shared, fontsize=9)
    seen = np.zeros((6, 6), dtype=bool)
    for begin, end in ((0, 3), (3, 5), (5, 6)):
        seen[begin:end, begin:end] = True
    right.text(0, -3.75, mask, fontsize=9)
    for row in range(6):
        for column in range(6):
            right.add_patch(
                Rectangle(
                    (2.6 + 0.55 * column, -4.5 - 0.45 * row),
                    0.5,
                    0.4,
                    facecolor=PALETTE[0] if seen[row, column] else "white",
                    edgecolor="0.5",
                    lw=0.5,
                )
            )
    for axes, title in ((left, padded), (right, packed)):
        axes.set_title(title, fontsize=10)
        axes.set_xlim(-0.2, 8.3)
        axes.set_axis_off()
    left.set_ylim(-7.2, 1.6)
    right.set_ylim(-7.2, 1.6)
    return figure
