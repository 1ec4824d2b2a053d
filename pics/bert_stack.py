"""BERT from bottom to top: three vectors added, layers of two halves with residuals, the pooler."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (
        "词",
        "位置",
        "A/B",
        "自注意力",
        "+ 残差，层归一化",
        "前馈网络",
        "× 6 层",
        "pooler",
        "每个词一个向量",
    ),
    "en": (
        "word",
        "position",
        "A/B",
        "self-attention",
        "+ residual, layer norm",
        "feed-forward",
        "× 6 layers",
        "pooler",
        "a vector a token",
    ),
}
TOKENS = ["[CLS]", "the", "dog", "bit", "[SEP]"]


def box(axes: Axes, x: float, y: float, width: float, text: str, color: str = "white") -> None:
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(
        FancyBboxPatch((x, y), width, 0.5, boxstyle=style, facecolor=color, edgecolor="0.3", lw=0.8)
    )
    axes.text(x + width / 2, y + 0.23, text, ha="center", va="center", fontsize=9)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: str = "arc3"
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            connectionstyle=bend,
            mutation_scale=8,
            color="0.35",
            lw=0.8,
        )
    )


def draw(lang: str) -> Figure:
    word, position, sentence, look, norm, forward, times, pooler, each = TEXT[lang]
    figure, axes = new_figure(5.6, 4.4, lang=lang)
    for n, token in enumerate(TOKENS):
        x = 1.5 + 1.15 * n
        axes.text(x + 0.5, -0.3, token, ha="center", va="center", fontsize=9)
        for row, text in enumerate((f"$e_{{{n}}}$", f"$p_{{{n}}}$", "$s_A$")):
            box(axes, x, 0.55 * row, 1.0, text, PALETTE[row % len(PALETTE)] + "33")
        arrow(axes, (x + 0.5, 1.62), (x + 0.5, 2.05))
        arrow(axes, (x + 0.5, 4.98), (x + 0.5, 5.35))
        box(axes, x, 5.35, 1.0, f"$h_{{{n}}}$", "0.92")
    for row, text in enumerate((word, position, sentence)):
        axes.text(1.3, 0.55 * row + 0.23, text, ha="right", va="center", fontsize=9)
    for row, text in enumerate((look, norm, forward, norm)):
        color = PALETTE[0] + "33" if row % 2 == 0 else "white"
        box(axes, 1.5, 2.08 + 0.73 * row, 5.6, text, color)
        if row:
            arrow(axes, (4.3, 2.08 + 0.73 * row - 0.22), (4.3, 2.08 + 0.73 * row))
    for low in (1.95, 3.42):
        arrow(axes, (7.1, low), (7.1, low + 1.1), "arc3,rad=0.9")
    axes.text(1.3, 3.4, times, ha="right", va="center", fontsize=9)
    axes.text(1.3, 5.58, each, ha="right", va="center", fontsize=9)
    box(axes, 1.5, 6.2, 1.0, pooler, PALETTE[1] + "33")
    arrow(axes, (2.0, 5.87), (2.0, 6.2))
    axes.set_xlim(-0.9, 8.0)
    axes.set_ylim(-0.6, 6.9)
    axes.set_axis_off()
    return figure
