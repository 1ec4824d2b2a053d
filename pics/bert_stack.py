"""BERT from bottom to top: three vectors added, six layers, a vector a token, the pooler."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("词", "位置", "A/B", "自注意力", "前馈网络", "× 6 层", "pooler", "每个词一个向量"),
    "en": (
        "word",
        "position",
        "A/B",
        "self-attention",
        "feed-forward",
        "× 6 layers",
        "pooler",
        "a vector a token",
    ),
}
TOKENS = ["[CLS]", "the", "dog", "bit", "[SEP]"]


def box(axes: Axes, x: float, y: float, width: float, text: str, color: str = "none") -> None:
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(
        FancyBboxPatch((x, y), width, 0.5, boxstyle=style, facecolor=color, edgecolor="0.3", lw=0.8)
    )
    axes.text(x + width / 2, y + 0.23, text, ha="center", va="center", fontsize=9.5)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=8, color="0.35", lw=0.8)
    )


def draw(lang: str) -> Figure:
    word, position, sentence, look, forward, times, pooler, each = TEXT[lang]
    figure, axes = new_figure(5.6, 3.05, lang=lang)
    for n, token in enumerate(TOKENS):
        x = 1.5 + 1.15 * n
        axes.text(x + 0.5, -0.3, token, ha="center", va="center", fontsize=9.5)
        for row, text in enumerate((f"$e_{{{n}}}$", f"$p_{{{n}}}$", "$s_A$")):
            box(axes, x, 0.55 * row, 1.0, text, PALETTE[row % len(PALETTE)] + "33")
        arrow(axes, (x + 0.5, 1.58), (x + 0.5, 2.02))
        arrow(axes, (x + 0.5, 3.42), (x + 0.5, 3.86))
        box(axes, x, 3.86, 1.0, f"$h_{{{n}}}$", "0.92")
    for row, text in enumerate((word, position, sentence)):
        axes.text(1.3, 0.55 * row + 0.23, text, ha="right", va="center", fontsize=9.5)
    style = "round,pad=0,rounding_size=0.12"
    axes.add_patch(
        FancyBboxPatch((1.35, 2.02), 5.9, 1.4, boxstyle=style, fc="none", ec="0.3", lw=1.4)
    )
    box(axes, 1.5, 2.14, 5.6, look, PALETTE[0] + "33")
    box(axes, 1.5, 2.8, 5.6, forward, PALETTE[0] + "33")
    axes.text(1.2, 2.7, times, ha="right", va="center", fontsize=9.5)
    axes.text(1.3, 4.09, each, ha="right", va="center", fontsize=9.5)
    box(axes, 1.5, 4.75, 1.0, pooler, PALETTE[1] + "33")
    arrow(axes, (2.0, 4.37), (2.0, 4.75))
    axes.set_xlim(-0.9, 7.4)
    axes.set_ylim(-0.55, 5.3)
    axes.set_axis_off()
    return figure
