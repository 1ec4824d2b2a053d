"""Read all so far, get a probability for each word, draw one, write it behind, read again."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("到现在为止的词", "每个词是下一个的概率", "抽一个", "接在后面，再读一遍"),
    "en": ("the words so far", "how likely each word is next", "draw one", "append it, read again"),
}
BARS = (("a", 0.26), ("three", 0.25), ("two", 0.25), ("five", 0.18), ("an", 0.05))


def draw(lang: str) -> Figure:
    so_far, likely, one, again = TEXT[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 11.2)
    axes.set_ylim(0, 5)
    for place, word in enumerate((".", "she", "bought")):
        _box(axes, 0.75 + 1.25 * place, 2.6, 1.1, 0.8, "black", word)
    axes.text(2.0, 3.5, so_far, ha="center", fontsize=9)
    _box(axes, 5.3, 2.6, 1.2, 1.5, PALETTE[0], "GPT")
    _arrow(axes, (3.9, 2.6), (4.65, 2.6))
    _arrow(axes, (5.95, 2.6), (6.6, 2.6))
    for place, (word, share) in enumerate(BARS):
        y = 3.9 - 0.62 * place
        chosen = word == "two"
        axes.barh(y, 5 * share, 0.42, left=7.7, color=PALETTE[1 if chosen else 4])
        axes.text(7.6, y, word, ha="right", va="center", fontsize=10)
    axes.text(8.1, 4.5, likely, ha="center", fontsize=9)
    _box(axes, 10.4, 2.66, 1.1, 0.8, PALETTE[1], "two")
    _arrow(axes, (9.1, 2.66), (9.8, 2.66))
    axes.text(10.4, 3.5, one, ha="center", fontsize=9)
    axes.plot([10.4, 10.4, 4.28, 4.28], [2.2, 0.55, 0.55, 2.2], "--", color="black", linewidth=1)
    _arrow(axes, (4.28, 2.1), (4.28, 2.5))
    axes.text(7.4, 0.35, again, ha="center", va="top", fontsize=9)
    return figure


def _box(
    axes: Axes, x: float, y: float, width: float, height: float, colour: str, text: str
) -> None:
    style: dict[str, Any] = {
        "boxstyle": "round,pad=0,rounding_size=0.12",
        "fc": "none",
        "ec": colour,
        "lw": 1.5,
    }
    axes.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, **style))
    axes.text(x, y, text, ha="center", va="center", fontsize=10)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "black"})
