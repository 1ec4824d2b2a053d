"""A buffer of four shuffles a stream: a random one leaves, the next item takes its place."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("还在流里", "缓冲区，4 格", "随机换出一个", "已经输出"),
    "en": ("still in the stream", "buffer of 4", "a random one leaves", "has come out"),
}


def cell(axes: Axes, x: float, y: float, text: str, colour: str, alpha: float) -> None:
    axes.add_patch(Rectangle((x, y), 0.9, 0.9, fc=(colour, alpha), ec=colour, lw=1.3))
    axes.text(x + 0.45, y + 0.43, text, ha="center", va="center", fontsize=10.5)


def draw(lang: str) -> Figure:
    stream, buffer, leaves, out = TEXT[lang]
    figure, axes = new_figure(5.6, 2.0, lang=lang)
    for k, item in enumerate((9, 8, 7)):
        cell(axes, k, 1, str(item), "#666666", 0.08)
    for k, item in enumerate((4, 1, 6, 3)):
        leaving = item == 1
        cell(axes, 5 + k, 1, str(item), PALETTE[1 if leaving else 0], 0.45 if leaving else 0.2)
    for k, item in enumerate((5, 0, 2)):
        cell(axes, 11.3 + k, 1, str(item), PALETTE[2], 0.2)
    arrow = {"arrowstyle": "-|>", "color": "black", "lw": 1.4}
    axes.annotate("", (4.9, 1.45), (3.1, 1.45), arrowprops=arrow)
    bend = arrow | {"connectionstyle": "arc3,rad=0.35"}
    axes.annotate("", (11.25, 1.0), (6.45, 0.95), arrowprops=bend)
    for x, y, text in ((0, 2.4, stream), (5, 2.4, buffer), (11.3, 2.4, out), (7.3, -0.45, leaves)):
        axes.text(x, y, text, fontsize=10, va="center")
    axes.set(xlim=(-0.2, 15.2), ylim=(-0.8, 2.8))
    axes.axis("off")
    return figure
