"""NSP: the next sentence or a stranger. SOP: two neighbours as they stand or swapped."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": {
        "document": "一篇文章",
        "other": "另一篇",
        "rows": ["NSP（BERT）", "SOP（ALBERT）"],
        "follows": "是下一句：0",
        "stranger": "外来的：1",
        "order": "原来的顺序：0",
        "swapped": "对调了：1",
    },
    "en": {
        "document": "a document",
        "other": "another one",
        "rows": ["NSP (BERT)", "SOP (ALBERT)"],
        "follows": "it follows: 0",
        "stranger": "a stranger: 1",
        "order": "as they stand: 0",
        "swapped": "swapped: 1",
    },
}


def sentence(axes: Axes, x: float, y: float, text: str, kind: int) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - 0.32, y - 0.24), 0.64, 0.48, boxstyle="round,pad=0.02", linewidth=1.4,
            facecolor=PALETTE[kind], alpha=0.3, linestyle=("-", "--")[kind],
            edgecolor=PALETTE[kind],
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=10)


def draw(lang: str) -> Figure:
    words = WORDS[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    for n in range(3):
        sentence(axes, 1.1 + 0.8 * n, 3.0, str(n + 1), 0)
        sentence(axes, 5.0 + 0.8 * n, 3.0, f"{n + 1}'", 1)
    axes.text(1.9, 3.55, words["document"], ha="center", fontsize=9.5)
    axes.text(5.8, 3.55, words["other"], ha="center", fontsize=9.5)
    rows = (
        (1.75, 0, (("1", 0), ("2", 0), "follows"), (("1", 0), ("3'", 1), "stranger")),
        (0.45, 1, (("1", 0), ("2", 0), "order"), (("2", 0), ("1", 0), "swapped")),
    )
    for y, n, *pairs in rows:
        axes.text(0.55, y, words["rows"][n], ha="right", va="center", fontsize=9.5)
        for x, (first, second, label) in zip((1.3, 5.2), pairs, strict=True):
            sentence(axes, x, y, *first)
            sentence(axes, x + 0.8, y, *second)
            axes.text(x + 1.25, y, words[label], va="center", fontsize=9.5)
    axes.set_xlim(-1.4, 7.9)
    axes.set_ylim(0, 3.9)
    axes.axis("off")
    return figure
