"""Where the few new weights stand: LoRA's two narrow matrices beside W; bottlenecks in a layer."""

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Polygon, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("LoRA", "瓶颈适配器", "冻结", "要学", "注意力", "前馈网络", "瓶颈", "一层 BERT"),
    "en": ("LoRA", "Bottleneck adapters", "frozen", "learns", "attention", "feed-forward",
           "bottleneck", "a layer of BERT"),
}  # fmt: skip
GREY, ORANGE = "#d9d9d9", PALETTE[1]


def arrow(axes: Axes, path: list[tuple[float, float]], color: str = "black") -> None:
    """A line over the points, with a head at its end."""
    for begin, end in pairwise(path[:-1]):
        axes.plot(*zip(begin, end, strict=True), color=color, linewidth=1)
    style: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 9, "linewidth": 1}
    axes.add_patch(FancyArrowPatch(path[-2], path[-1], color=color, shrinkA=0, shrinkB=0, **style))


def box(axes: Axes, x: float, y: float, w: float, h: float, text: str, learns: bool) -> None:
    """A rectangle with its name; what learns is orange and hatched."""
    axes.add_patch(
        Rectangle(
            (x, y),
            w,
            h,
            facecolor="none" if learns else GREY,
            edgecolor=ORANGE if learns else "black",
            hatch="////" if learns else None,
            linewidth=1.2,
        )
    )
    if text:
        back = {"facecolor": "white", "edgecolor": "none", "pad": 1} if learns else None
        axes.text(x + w / 2, y + h / 2, text, ha="center", va="center", fontsize=10, bbox=back)


def plus(axes: Axes, x: float, y: float) -> None:
    axes.add_patch(Circle((x, y), 0.22, facecolor="white", edgecolor="black", zorder=3))
    axes.text(x, y, "+", ha="center", va="center", fontsize=11, zorder=4)


def lora(axes: Axes, title: str, frozen: str, learns: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.text(2.6, 0.0, r"$\boldsymbol{x}$  (384)", ha="center", va="center", fontsize=11)
    box(axes, 0.1, 2.2, 2.8, 2.8, r"$\boldsymbol{W}$" + "\n384 × 384", learns=False)
    box(axes, 3.4, 2.0, 2.8, 0.22, "", learns=True)  # A, flat
    box(axes, 4.69, 3.0, 0.22, 2.8, "", learns=True)  # B, tall
    axes.text(5.0, 1.55, r"$\boldsymbol{A}$  8 × 384", ha="left", va="center", fontsize=10)
    axes.text(5.1, 4.4, r"$\boldsymbol{B}$" + "\n384 × 8", ha="left", va="center", fontsize=10)

    arrow(axes, [(2.2, 0.35), (1.5, 0.9), (1.5, 2.15)])
    arrow(axes, [(3.0, 0.35), (4.8, 0.9), (4.8, 1.95)])
    arrow(axes, [(4.8, 2.25), (4.8, 2.95)])
    arrow(axes, [(1.5, 5.05), (1.5, 6.6), (2.3, 6.6)])
    arrow(axes, [(4.8, 5.85), (4.8, 6.6), (2.8, 6.6)])
    axes.text(3.9, 6.85, r"$\times\,\alpha/r$", ha="center", va="bottom", fontsize=10)
    plus(axes, 2.55, 6.6)
    arrow(axes, [(2.55, 6.85), (2.55, 7.6)])
    axes.text(2.55, 7.9, r"$\boldsymbol{h}$  (384)", ha="center", va="center", fontsize=11)
    for x, name, new in ((0.2, frozen, False), (3.0, learns, True)):
        box(axes, x, -1.45, 0.5, 0.4, "", learns=new)
        axes.text(x + 0.7, -1.25, name, ha="left", va="center", fontsize=10)


def bottleneck(axes: Axes, names: tuple[str, ...]) -> None:
    title, attention, feed, narrow = names
    axes.set_title(title, fontsize=11)
    x = 2.4
    for y, name in ((0.0, attention), (4.1, feed)):
        arrow(axes, [(x, y - 0.75), (x, y)])
        box(axes, x - 1.5, y, 3.0, 0.75, name, learns=False)
        arrow(axes, [(x, y + 0.75), (x, y + 1.15)])
        shape = [(-1.5, 0), (-0.35, 0.45), (-1.5, 0.9), (1.5, 0.9), (0.35, 0.45), (1.5, 0)]
        corners = [(x + a, y + 1.15 + b) for a, b in shape]
        axes.add_patch(
            Polygon(corners, facecolor="none", edgecolor=ORANGE, hatch="////", linewidth=1.2)
        )
        arrow(axes, [(x, y + 2.05), (x, y + 2.33)])
        plus(axes, x, y + 2.55)
        arrow(axes, [(x, y - 0.4), (x - 2.1, y - 0.4), (x - 2.1, y + 2.55), (x - 0.22, y + 2.55)])
        axes.plot([x, x], [y + 2.77, y + 2.95], color="black", linewidth=1)
        box(axes, x - 1.5, y + 2.9, 3.0, 0.42, "", learns=True)
        axes.text(x + 1.7, y + 3.1, "LayerNorm", ha="left", va="center", fontsize=9)
        axes.text(x + 1.7, y + 1.6, narrow, ha="left", va="center", fontsize=9)
    arrow(axes, [(x, 7.42), (x, 8.1)])


def draw(lang: str) -> Figure:
    left, right, frozen, learns, attention, feed, narrow, _ = TEXT[lang]
    figure, (one, two) = new_figure(5.6, 4.6, ncols=2, lang=lang)
    for axes in (one, two):
        axes.set_axis_off()
    one.set_xlim(-0.1, 6.5)
    one.set_ylim(-1.6, 8.3)
    two.set_xlim(0.0, 6.3)
    two.set_ylim(-1.6, 8.3)
    lora(one, left, frozen, learns)
    bottleneck(two, (right, attention, feed, narrow))
    return figure
