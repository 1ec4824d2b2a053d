"""One long row of tokens: linear layers take it whole, attention cuts it by group."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("线性层：整条", "注意力：一组一次", "接上", "(2, 8)，无掩码", "(1, 6)，分块掩码"),
    "en": (
        "linear layers: the row",
        "attention: by group",
        "joined",
        "(2, 8), no mask",
        "(1, 6), mask in blocks",
    ),
}
ROW = [0] * 8 + [2] * 8 + [1] * 3 + [3] * 2 + [4]


def draw(lang: str) -> Figure:
    linear, attention, joined, free, blocks = TEXT[lang]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    for y, text in ((4.0, linear), (1.9, attention), (0.0, joined)):
        axes.text(0, y + 0.85, text, fontsize=9)
        for place, sentence in enumerate(ROW):
            x = place + (1.5 if y == 1.9 and place >= 16 else 0)
            color = PALETTE[sentence % len(PALETTE)]
            axes.add_patch(
                Rectangle((x, y), 0.9, 0.7, facecolor=color, alpha=0.45, edgecolor="0.2", lw=0.6)
            )
            axes.text(x + 0.45, y + 0.33, str(sentence), ha="center", va="center", fontsize=9)
    axes.text(8, 1.35, free, ha="center", fontsize=9)
    axes.text(20.5, 1.35, blocks, ha="center", fontsize=9)
    for x in (8, 19):
        for y in (3.9, 1.25):
            axes.add_patch(
                FancyArrowPatch(
                    (x, y), (x, y - 0.5), arrowstyle="-|>", mutation_scale=8, color="0.35"
                )
            )
    axes.set_xlim(-0.3, 25)
    axes.set_ylim(-0.2, 5.5)
    axes.set_axis_off()
    return figure
