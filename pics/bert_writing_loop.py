"""Training: one pass, all predictions. Writing: a pass for each piece, read in the next one."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("训练：一遍", "写：第 1 遍", "写：第 2 遍", "写：第 3 遍"),
    "en": ("training: one pass", "writing: pass 1", "writing: pass 2", "writing: pass 3"),
}
SOURCE = ["[CLS]", "x", "[SEP]"]
TARGET = ["1954", "5", "7"]
ROWS = [3, 0, 1, 2]  # pieces of y that are in the input


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 4.6, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.2, 6.3)
    axes.set_ylim(11.1, -1.6)
    for row, (name, there) in enumerate(zip(TEXT[lang], ROWS, strict=True)):
        y = row * 3.3
        axes.text(-0.1, y - 1.0, name, va="center", fontsize=13)
        pieces = SOURCE + TARGET[:there]
        axes.add_patch(
            Rectangle((-0.1, y - 0.15), len(pieces) + 0.2, 1.1, facecolor="none", edgecolor="gray")
        )
        for place, piece in enumerate(pieces):
            new = place >= len(SOURCE)
            axes.add_patch(
                FancyBboxPatch(
                    (place + 0.08, y + 0.05),
                    0.84,
                    0.7,
                    boxstyle="round,pad=0.02,rounding_size=0.08",
                    facecolor="none",
                    edgecolor=PALETTE[1] if new else PALETTE[0],
                    linestyle="--" if new else "-",
                    linewidth=1.3,
                )
            )
            axes.text(place + 0.5, y + 0.4, piece, ha="center", va="center", fontsize=13)
        says = range(len(SOURCE) - 1, len(pieces)) if row == 0 else [len(pieces) - 1]
        for place in says:
            word = [*TARGET, "[SEP]"][place - len(SOURCE) + 1]
            axes.annotate(
                "",
                (place + 0.5, y - 0.75),
                (place + 0.5, y - 0.12),
                arrowprops={"arrowstyle": "-|>", "linewidth": 1.1},
            )
            axes.text(
                place + 0.5, y - 1.1, word, ha="center", va="center", fontsize=13, color=PALETTE[1]
            )
    return figure
