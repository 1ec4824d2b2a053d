"""A soft lookup: one query against three keys, softmax, the weighted mean of the values."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("查询", "键", "分数", "权重", "值", "加权平均"),
    "en": ("query", "key", "score", "weight", "value", "weighted\nmean"),
}
SCORES = (0.0, 3.0, 0.0)
WEIGHTS = (0.05, 0.91, 0.05)
VALUES = (10, 20, 60)


def draw(lang: str) -> Figure:
    query, key, score, weight, value, mean = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(-0.4, 4.3)

    def box(x: float, y: float, text: str, colour: int, width: float = 1.3) -> None:
        axes.add_patch(
            FancyBboxPatch(
                (x - width / 2, y - 0.34),
                width,
                0.68,
                boxstyle="round,pad=0.02,rounding_size=0.1",
                facecolor="none",
                edgecolor=PALETTE[colour],
                linewidth=1.6,
            )
        )
        axes.text(x, y, text, ha="center", va="center", fontsize=10)

    def arrow(start: tuple[float, float], end: tuple[float, float], width: float = 1.0) -> None:
        axes.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=10, color="black", linewidth=width
            )
        )

    box(0.8, 2.0, "(0, 3)", 0)
    axes.text(0.8, 2.6, query, ha="center", fontsize=10)
    for x, title in ((3.0, key), (4.75, score), (6.2, weight), (7.65, value)):
        axes.text(x, 4.0, title, ha="center", fontsize=10)
    for row, y in enumerate((3.3, 2.0, 0.7)):
        box(3.0, y, ("(1, 0)", "(0, 1)", "(-1, 0)")[row], 1)
        arrow((1.5, 2.0), (2.3, y))
        arrow((3.7, y), (4.4, y))
        axes.text(4.75, y, f"{SCORES[row]:.0f}", ha="center", va="center", fontsize=10)
        axes.text(6.2, y + 0.22, f"{WEIGHTS[row]:.2f}", ha="center", va="center", fontsize=10)
        axes.barh(y - 0.18, WEIGHTS[row] * 1.1, height=0.2, left=5.65, color=PALETTE[2])
        box(7.65, y, str(VALUES[row]), 3, 0.9)
        arrow((8.15, y), (9.0, 2.0), 0.6 + 2.4 * WEIGHTS[row])
    arrow((5.0, 2.0), (5.6, 2.0))
    axes.text(5.3, 2.25, "softmax", ha="center", fontsize=9)
    axes.text(9.45, 2.0, "21.4", ha="center", va="center", fontsize=12)
    axes.text(9.45, 1.65, mean, ha="center", va="top", fontsize=9)
    return figure
