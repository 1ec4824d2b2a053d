"""Swapping two sentences: the angle between their vectors stays, the difference turns round."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": ["原来的顺序", "对调之后"],
    "en": ["as they stand", "swapped"],
}
ONE, TWO = (1.9, 0.35), (0.7, 1.35)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str, style: str
) -> None:
    shape = {"arrowstyle": "-|>", "color": color, "lw": 1.8, "linestyle": style}
    axes.annotate("", end, start, arrowprops={**shape, "shrinkA": 0, "shrinkB": 0})


def draw(lang: str) -> Figure:
    figure, panels = new_figure(5.6, 1.75, lang=lang, ncols=2)
    for n, axes in enumerate(panels):
        arrow(axes, (0, 0), ONE, PALETTE[0], "-")
        arrow(axes, (0, 0), TWO, PALETTE[0], "-")
        first, second = (ONE, TWO) if n == 0 else (TWO, ONE)
        arrow(axes, second, first, PALETTE[1], "--")
        for (x, y), name in ((first, "a"), (second, "b")):
            axes.text(x + 0.12, y + 0.02, f"$\\mathbf{{{name}}}$", fontsize=12)
        axes.text(1.45, 0.95, r"$\mathbf{a}-\mathbf{b}$", fontsize=12, color=PALETTE[1])
        axes.text(0.33, 0.2, "θ", fontsize=11)
        axes.set_title(WORDS[lang][n], fontsize=10)
        axes.set_xlim(-0.2, 2.6)
        axes.set_ylim(-0.1, 1.6)
        axes.set_aspect("equal")
        axes.axis("off")
    return figure
