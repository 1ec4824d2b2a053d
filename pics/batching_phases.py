"""A prompt is read in one pass over the weights; an answer takes one pass a token."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("预填充：一遍读完", "解码：一个词元一遍", "全部权重", "提示的词元", "键值缓存"),
    "en": ("prefill: one pass", "decoding: one pass a token", "all weights", "prompt", "cache"),
}


def draw(lang: str) -> Figure:
    prefill, decoding, weights, prompt, cache = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    axes.axis("off")
    tokens(axes, 0, 5, PALETTE[0])
    tokens(axes, 0, 1, PALETTE[1], x=1.6, y=2.6)
    box(axes, 0, 1.0, 2.0, weights)
    axes.text(1.0, 3.5, prefill, ha="center", fontsize=10)
    axes.text(1.0, -0.75, prompt, ha="center", fontsize=9)
    for step in range(4):
        left = 3.2 + 1.15 * step
        box(axes, left, 1.0, 0.95, weights if lang == "zh" else "weights")
        tokens(axes, left, 1, PALETTE[1], x=0.3)
        tokens(axes, left, 1, PALETTE[1], x=0.3, y=2.6)
        if step < 3:
            axes.annotate(
                "", (left + 1.4, 0.2), (left + 0.75, 2.6),
                arrowprops={"arrowstyle": "->", "color": PALETTE[1], "linewidth": 1.2},
            )  # fmt: skip
    axes.annotate(
        "", (3.45, 0.2), (2.05, 2.7),
        arrowprops={"arrowstyle": "->", "color": PALETTE[1], "linewidth": 1.2},
    )  # fmt: skip
    axes.text(5.4, 3.5, decoding, ha="center", fontsize=10)
    axes.annotate(
        "", (7.7, -0.35), (2.2, -0.35), arrowprops={"arrowstyle": "->", "color": PALETTE[2]}
    )
    axes.text(5.4, -0.85, cache, ha="center", fontsize=9, color=PALETTE[2])
    axes.set_xlim(-0.2, 8.0)
    axes.set_ylim(-1.1, 3.9)
    return figure


def box(axes: Axes, left: float, bottom: float, width: float, text: str) -> None:
    axes.add_patch(
        Rectangle((left, bottom), width, 1.1, facecolor="none", edgecolor="black", linewidth=1.2)
    )
    axes.text(left + width / 2, bottom + 0.55, text, ha="center", va="center", fontsize=9)


def tokens(
    axes: Axes, left: float, count: int, color: str, x: float = 0.06, y: float = 0.0
) -> None:
    for k in range(count):
        axes.add_patch(
            Rectangle((left + x + 0.39 * k, y), 0.32, 0.5, facecolor=color, edgecolor="black")
        )
