"""Scores as a table: a column for whoever asks, a row for each possible answer, one chosen."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

WORDS = ("Tom", "left", "Paris")
#: Panel titles; then who asks, in panels 1, 3 and 5; then the classes of panel 1.
TEXT = {
    "zh": (
        (
            "整个文本问，答一类",
            "每个词问，答一类",
            "文本问两次，答位置",
            "每个词问，答位置",
            "下一个词元，一次又一次",
        ),
        ("整句", ("起", "止"), ("1", "2", "3")),
        ("旅行", "付款"),
        ("汤姆", "离开", "巴黎", "…"),
    ),
    "en": (
        (
            "the text asks: a class",
            "each word asks: a class",
            "the text asks twice: places",
            "each word asks: a place",
            "the next token, again and again",
        ),
        ("the text", ("start", "end"), ("1", "2", "3")),
        ("travel", "payment"),
        ("Tom", "a", "quitté", "…"),
    ),
}
SAYS = {
    "zh": "一列 = 一个提问者\n一行 = 一种可能的回答\n涂色 = 选中的回答\n\n"
    "每一列做一次 softmax\n和交叉熵：损失只有一种",
    "en": "a column: who asks\na row: a possible answer\nfilled: the one chosen\n\n"
    "each column has its own\nsoftmax and cross-entropy:\none loss for all",
}


def panel(
    axes: Any, title: str, columns: Any, rows: Any, chosen: Any, shape: str, color: str
) -> None:
    """A table of cells; ``chosen`` is the row of each column."""
    wide, high = len(columns), len(rows)
    left, top = 3.3 - wide / 2 + 0.35, 2.0 + high / 2 * 0.62
    axes.set_axis_off()
    axes.set_xlim(0, 6.2)
    axes.set_ylim(-0.35, 5.0)
    axes.text(3.1, 4.72, title, ha="center", va="center", fontsize=9.8)
    for c, column in enumerate(columns):
        axes.text(left + c + 0.5, top + 0.3, column, ha="center", va="center", fontsize=9)
        for r in range(high):
            axes.add_patch(
                Rectangle(
                    (left + c + 0.05, top - 0.62 * (r + 1) + 0.04),
                    0.9,
                    0.54,
                    facecolor=color if r == chosen[c] else "none",
                    edgecolor="black",
                    linewidth=0.8,
                    alpha=0.85 if r == chosen[c] else 0.5,
                )
            )
    for r, row in enumerate(rows):
        axes.text(left - 0.12, top - 0.62 * (r + 0.5), row, ha="right", va="center", fontsize=9)
    axes.text(3.1, 0.0, shape, ha="center", va="center", fontsize=9.5, family="monospace")


def draw(lang: str) -> Figure:
    titles, (whole, ends, steps), classes, vocabulary = TEXT[lang]
    figure, grid = new_figure(5.6, 4.7, nrows=3, ncols=2, lang=lang)
    cells = [
        ((whole,), classes, (0,), "(B, C)"),
        (WORDS, ("B-person", "B-place", "O"), (0, 2, 1), "(B, C, T)"),
        (ends, WORDS, (2, 2), "(B, T, 2)"),
        (WORDS, WORDS, (1, 1, 1), "(B, T, T)"),
        (steps, vocabulary, (0, 1, 2), "(B, V, S)"),
    ]
    for number, (axes, title, cell) in enumerate(zip(grid.flat, titles, cells, strict=False)):
        panel(axes, title, *cell, PALETTE[number])
    last = grid.flat[4]
    for c in (0, 1):  # what was chosen is read before the next step
        x, y = 2.65 + c, 2.0 + 2 * 0.62 - 0.62 * (c + 0.5)
        last.add_patch(
            FancyArrowPatch(
                (x, y), (x + 0.9, 3.26), connectionstyle="arc3,rad=-0.3", arrowstyle="-|>",
                mutation_scale=8, linewidth=0.9, linestyle=":", color="black",
            )
        )  # fmt: skip
    legend = grid.flat[5]
    legend.set_axis_off()
    legend.set_xlim(0, 6.2)
    legend.set_ylim(-0.35, 5.0)
    says = SAYS[lang]
    legend.text(0.5, 2.3, says, ha="left", va="center", fontsize=9.5, linespacing=1.5)
    return figure
