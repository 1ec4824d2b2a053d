"""A word not seen, cut by doing the learned merges again: which fits, which does not."""

from itertools import pairwise

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure
from wode.subwords import frequency, learn, merged

COUNTS = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
WORDS = {
    "zh": ("开始", "合并 {}：{}+{}", "合并 {}–{}：", "没有这样的邻居"),
    "en": ("start", "merge {}: {}+{}", "merges {}–{}:", "no such neighbours"),
}


def draw(lang: str) -> Figure:
    start, fits, others, none = WORDS[lang]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    axes.axis("off")
    _, merges = learn(COUNTS, 7, frequency)
    symbols, rows = list("lowest"), [(start, list("lowest"), "")]
    for n, pair in enumerate(merges, 1):
        if pair in pairwise(symbols):
            symbols = merged(symbols, pair, "".join(pair))
            rows.append((fits.format(n, *pair), symbols, "".join(pair)))
    rest = "  ".join("+".join(pair) for pair in merges[len(rows) - 1 :])
    for row, (name, pieces, new) in enumerate(rows):
        axes.text(-0.4, -row, name, ha="right", va="center", fontsize=9)
        left = 0
        for piece in pieces:
            axes.add_patch(
                FancyBboxPatch(
                    (left + 0.06, -row - 0.36), len(piece) - 0.12, 0.72,
                    boxstyle="round,pad=0,rounding_size=0.12",
                    facecolor=PALETTE[1] if piece == new else "none",
                    edgecolor=PALETTE[1] if piece == new else "#808080",
                    alpha=0.45 if piece == new else 1, linewidth=1.1,
                )
            )  # fmt: skip
            axes.text(
                left + len(piece) / 2, -row - 0.03, piece, ha="center", va="center",
                fontsize=9, family="DejaVu Sans Mono",
            )  # fmt: skip
            left += len(piece)
    last = others.format(len(rows), len(merges))
    axes.text(-0.4, -len(rows), last, ha="right", va="center", fontsize=9)
    axes.text(0.06, -len(rows), f"{rest}  {none}", ha="left", va="center", fontsize=9)
    axes.set_xlim(-4, 10.4)
    axes.set_ylim(-len(rows) - 0.5, 0.5)
    return figure
