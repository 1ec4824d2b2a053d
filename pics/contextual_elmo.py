"""ELMo at one word of a sentence: what each direction has read, and the mixture of the layers."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, chinese_font, new_figure

TOKENS, PLACE = ("他", "打", "了", "电", "话"), 1
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"rows": ("词向量 x", "第 1 层", "第 2 层"),
           "halves": ("从左读，猜下一个", "从右读，猜上一个"),
           "mixture": r"$\gamma\,(s_0 h_0 + s_1 h_1 + s_2 h_2)$"},
    "en": {"rows": ("words x", "layer 1", "layer 2"),
           "halves": ("from the left: says the next", "from the right: the one before"),
           "mixture": r"$\gamma\,(s_0 h_0 + s_1 h_1 + s_2 h_2)$"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    for half in (0, 1):
        left, color = half * 6.4, PALETTE[half]
        seen = range(PLACE + 1) if half == 0 else range(PLACE, len(TOKENS))
        for layer in range(3):
            for k in range(len(TOKENS)):
                known = k in seen
                axes.add_patch(
                    Rectangle(
                        (left + k * 1.15, layer * 1.3), 0.8, 0.55,
                        facecolor=color if known else "none",
                        edgecolor="none",
                        alpha=(0.9 if k == PLACE else 0.35) if known else 1.0,
                    )
                )  # fmt: skip
                axes.add_patch(
                    Rectangle((left + k * 1.15, layer * 1.3), 0.8, 0.55, fill=False,
                              edgecolor="black", lw=2 if k == PLACE else 0.6)
                )  # fmt: skip
                if layer and k + 1 < len(TOKENS):
                    ends = [left + k * 1.15 + 0.8, left + (k + 1) * 1.15]
                    start, end = ends if half == 0 else ends[::-1]
                    axes.add_patch(
                        FancyArrowPatch((start, layer * 1.3 + 0.28), (end, layer * 1.3 + 0.28),
                                        arrowstyle="->", mutation_scale=8, lw=1)
                    )  # fmt: skip
                if layer:
                    axes.add_patch(
                        FancyArrowPatch(
                            (left + k * 1.15 + 0.4, layer * 1.3 - 0.75),
                            (left + k * 1.15 + 0.4, layer * 1.3), arrowstyle="->",
                            mutation_scale=7, lw=0.7, color="gray",
                        )
                    )  # fmt: skip
        for k, token in enumerate(TOKENS):
            axes.text(left + k * 1.15 + 0.4, -0.45, token, ha="center", va="center", fontsize=10,
                      fontfamily=chinese_font())  # fmt: skip
        axes.text(left + 2.7, 3.6, text["halves"][half], ha="center", fontsize=9)
    for layer, name in enumerate(text["rows"]):
        axes.text(-0.25, layer * 1.3 + 0.28, name, ha="right", va="center", fontsize=9)
    axes.text(5.9, 4.35, text["mixture"], ha="center", fontsize=10)
    axes.set(xlim=(-2.1, 12.1), ylim=(-0.8, 4.8))
    axes.set_axis_off()
    return figure
