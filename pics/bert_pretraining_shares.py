"""Of 200 words 30 are chosen: 24 become [MASK], 3 another word, 3 stay as they are."""

import random

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": ["没选中：170", "[MASK]：24", "换成别的词：3", "选中，但不变：3"],
    "en": ["not chosen: 170", "[MASK]: 24", "another word: 3", "chosen, unchanged: 3"],
}
COLUMNS, ROWS = 25, 8
COLORS = ["#d9d9d9", PALETTE[0], PALETTE[1], PALETTE[2]]
MARKS = ["", "", "×", "="]


def draw(lang: str) -> Figure:
    kinds = [1] * 24 + [2] * 3 + [3] * 3 + [0] * 170
    random.Random(4).shuffle(kinds)
    figure, axes = new_figure(5.6, 2.3, lang=lang)

    def square(x: float, y: float, kind: int) -> None:
        axes.add_patch(Rectangle((x, y), 0.86, 0.86, facecolor=COLORS[kind], edgecolor="none"))
        axes.text(
            x + 0.43, y + 0.4, MARKS[kind], ha="center", va="center", color="white", fontsize=10
        )

    for n, kind in enumerate(kinds):
        square(n % COLUMNS, n // COLUMNS, kind)
    for n, text in enumerate(WORDS[lang]):
        x, y = 13.0 * (n % 2), -1.7 - 1.25 * (n // 2)
        square(x, y, n)
        axes.text(x + 1.3, y + 0.4, text, va="center", fontsize=9.5)
    axes.set_xlim(-0.2, COLUMNS)
    axes.set_ylim(-3.2, ROWS)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure
