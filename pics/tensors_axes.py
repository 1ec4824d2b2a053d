"""What each dimension of (1797, 8, 8) counts; cat and stack on two digits."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("images：(1797, 8, 8)", "第 0 维\n哪一张", "第 1 维：行", "第 2 维：列"),
    "en": ("images: (1797, 8, 8)", "dim 0:\nwhich\npicture", "dim 1: row", "dim 2: column"),
}


def card(axes: Axes, left: float, bottom: float, image: list[list[int]], layer: int) -> None:
    """One picture, eight units wide, on a white card."""
    x, y = [left + k for k in range(9)], [bottom + 8 - k for k in range(9)]
    axes.pcolormesh(
        x, y, image, cmap="gray_r", edgecolors="face", linewidth=0.2, vmax=16, zorder=layer
    )
    axes.plot(
        [left, left + 8, left + 8, left, left],
        [bottom, bottom, bottom + 8, bottom + 8, bottom],
        color="black",
        linewidth=1,
        zorder=layer + 0.5,
    )


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": PALETTE[1], "linewidth": 1.8},
    )


def draw(lang: str) -> Figure:
    title, which, row, column = TEXT[lang]
    first = results.read("tensors")["numbers"]["figure"]["first"]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    for k in range(4, -1, -1):
        card(axes, 3 + 1.5 * k, 1.5 * k, first[k], 10 - 2 * k)
    axes.text(0, 17.2, title, fontsize=11)
    arrow(axes, (2.2, 8), (2.2, 0))
    axes.text(1.6, 4, row, rotation=90, va="center", ha="right", fontsize=10)
    arrow(axes, (3, -0.8), (11, -0.8))
    axes.text(7, -1.5, column, va="top", ha="center", fontsize=10)
    arrow(axes, (11.8, -0.4), (17.8, 5.6))
    axes.text(15.6, 2.2, which, va="top", fontsize=10, linespacing=1.3)
    card(axes, 24.5, 8, first[0], 1)
    card(axes, 32.5, 8, first[1], 1)
    axes.text(24.5, 17.2, "cat(dim=1)\n(8, 16)", fontsize=10, linespacing=1.4)
    card(axes, 24.5, -2.5, first[1], 1)
    card(axes, 26.5, -4.5, first[0], 3)
    axes.text(36, 0, "stack\n(2, 8, 8)", va="center", fontsize=10, linespacing=1.4)
    axes.set(xlim=(-0.8, 43.5), ylim=(-4.8, 20.2), aspect="equal")
    axes.axis("off")
    return figure
