"""The same page, by the paper and by its program: whole pages first, or lines first."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("论文：先看整页", "程序：先看每一行", "有 {：整页丢掉", "行末没有标点：丢掉这一行",
           "剩下的行里没有 {", "什么也不剩", "留下三句"),
    "en": ("the paper: pages first", "the program: lines first", "has {: the page goes",
           "no end mark: the line goes", "no { in the lines left", "nothing is left",
           "three sentences are left"),
}  # fmt: skip
LINES = (
    "It rained all day long.", "Nobody was out there yet.", "if (wet) { stay(); }",
    "We slept until it stopped.",
)  # fmt: skip
CODE, GONE, STEP = 2, PALETTE[1], 0.5


def page(axes: Axes, x: float, top: float, gone: tuple[int, ...], title: str) -> None:
    """Four lines, those that are gone struck out."""
    axes.text(x, top + 0.35, title, ha="center", va="center", fontsize=9)
    for n, line in enumerate(LINES):
        y = top - 0.2 - STEP * n
        axes.text(
            x, y, line, ha="center", va="center", fontsize=9, color=GONE if n in gone else "black"
        )
        if n in gone:
            axes.plot([x - 1.12, x + 1.12], [y, y], color=GONE, linewidth=1.2)
    left, right, low, high = x - 1.35, x + 1.35, top - 0.2 - STEP * 3 - 0.3, top + 0.08
    axes.plot([left, right, right, left, left], [low, low, high, high, low], color="black", lw=0.8)


def arrow(axes: Axes, x: float, begin: float, end: float) -> None:
    axes.annotate("", (x, end), (x, begin), arrowprops={"arrowstyle": "-|>", "color": "black"})


def draw(lang: str) -> Figure:
    paper, program, has, no_end, none, nothing, three = TEXT[lang]
    figure, axes = new_figure(5.6, 3.7, lang=lang)
    axes.axis("off")
    for x, name in ((1.4, paper), (4.6, program)):
        axes.text(x, 6.0, name, ha="center", va="center", fontsize=10)
    page(axes, 1.4, 5.0, (0, 1, 2, 3), has)
    page(axes, 4.6, 5.0, (CODE,), no_end)
    arrow(axes, 1.4, 2.9, 2.3)
    arrow(axes, 4.6, 2.9, 2.3)
    axes.text(1.4, 2.0, nothing, ha="center", va="center", fontsize=9, color=GONE)
    axes.text(4.6, 2.0, none, ha="center", va="center", fontsize=9)
    arrow(axes, 4.6, 1.75, 1.2)
    axes.text(4.6, 0.9, three, ha="center", va="center", fontsize=9)
    axes.set_xlim(0, 6)
    axes.set_ylim(0.6, 6.2)
    return figure
