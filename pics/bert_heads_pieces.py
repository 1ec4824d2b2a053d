"""Words, their pieces, and the labels that the pieces get: -100 where the loss does not look."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

ROWS = {"zh": ("词", "词片", "标签"), "en": ("words", "pieces", "labels")}
WORDS = [("Ivan", 1, 1), ("Petrov", 2, 2), ("lives", 4, 1), ("in", 5, 1), ("Oslo", 6, 1)]
PIECES = ["[CLS]", "ivan", "pet", "##rov", "lives", "in", "oslo", "[SEP]"]
LABELS = ["-100", "B-person", "I-person", "-100", "O", "O", "B-place", "-100"]


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-1.0, 8.0)
    axes.set_ylim(-0.5, 2.6)
    for y, name in zip((2.1, 1.1, 0.0), ROWS[lang], strict=True):
        axes.text(-1.0, y, name, va="center", fontsize=9)
    for word, first, count in WORDS:
        x = first + count / 2
        axes.text(x, 2.1, word, ha="center", va="center", fontsize=10)
        for place in range(first, first + count):
            axes.plot([x, place + 0.5], [1.86, 1.4], color="black", linewidth=0.8)
    for place, (piece, label) in enumerate(zip(PIECES, LABELS, strict=True)):
        x, counted = place + 0.5, label != "-100"
        axes.add_patch(
            FancyBboxPatch(
                (x - 0.42, 0.87),
                0.84,
                0.46,
                boxstyle="round,pad=0.02,rounding_size=0.08",
                facecolor="none",
                edgecolor=PALETTE[0] if counted else "gray",
                linestyle="-" if counted else "--",
                linewidth=1.4,
            )
        )
        axes.text(x, 1.1, piece, ha="center", va="center", fontsize=9)
        axes.annotate("", (x, 0.3), (x, 0.8), arrowprops={"arrowstyle": "-|>", "linewidth": 0.8})
        color = PALETTE[1] if counted else "gray"
        axes.text(x, 0.0, label, ha="center", va="center", fontsize=9, color=color)
    return figure
