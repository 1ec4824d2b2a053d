"""Heads are a change of shape: six numbers a token, three heads of two, joined again."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("第 {} 个头", "线性层，切开", "接起来", "T 行，E 列", "权重 T×T"),
    "en": ("head {}", "linear, cut", "join", "T rows, E columns", "weights T×T"),
}
HATCHES = ("", "////", "....")
WEIGHTS = (
    ((1, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)),
    ((0.3, 0.3, 0.3, 0.3),) * 4,
    ((0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 0, 1)),
)


def draw(lang: str) -> Figure:
    head, cut, join, whole, weights = TEXT[lang]
    figure, axes = new_figure(5.6, 3.4, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 13.4)
    axes.set_ylim(0.2, 8.6)
    axes.set_aspect("equal")

    def grid(x: float, y: float, columns: int, part: int | None = None) -> None:
        for row in range(4):
            for column in range(columns):
                k = column // 2 if part is None else part
                axes.add_patch(
                    Rectangle(
                        (x + 0.4 * column, y + 0.4 * row),
                        0.4,
                        0.4,
                        facecolor="none" if HATCHES[k] else "#dddddd",
                        edgecolor=PALETTE[k],
                        hatch=HATCHES[k],
                        linewidth=1,
                    )
                )

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, linewidth=1))

    grid(0.1, 3.4, 6)
    axes.text(1.3, 2.9, whole, ha="center", va="top", fontsize=9)
    for k, y in enumerate((6.2, 3.4, 0.6)):
        arrow((2.6, 4.2), (4.2, y + 0.8))
        grid(4.4, y, 2, k)
        axes.text(4.8, y + 1.75, head.format(k + 1), ha="center", fontsize=9)
        arrow((5.4, y + 0.8), (6.1, y + 0.8))
        for row, values in enumerate(WEIGHTS[k]):
            for column, weight in enumerate(values):
                axes.add_patch(
                    Rectangle(
                        (6.3 + 0.4 * column, y + 1.2 - 0.4 * row),
                        0.4,
                        0.4,
                        facecolor=PALETTE[k],
                        alpha=float(weight),
                        linewidth=0,
                    )
                )
        axes.add_patch(Rectangle((6.3, y), 1.6, 1.6, facecolor="none", edgecolor="black"))
        arrow((8.1, y + 0.8), (9.7, 4.2))
    grid(9.9, 3.4, 6)
    axes.text(7.1, 8.0, weights, ha="center", fontsize=9)
    axes.text(2.9, 6.0, cut, ha="right", fontsize=9)
    axes.text(9.5, 6.1, join, ha="left", fontsize=9)
    axes.text(11.1, 2.9, r"$[H_1; H_2; H_3]$", ha="center", va="top", fontsize=9)
    arrow((12.4, 4.2), (13.3, 4.2))
    axes.text(12.9, 4.5, r"$W^O$", ha="center", fontsize=9)
    return figure
