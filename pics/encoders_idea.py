"""One expression as three encoders read it: a chain, all pairs, a tree; how far the 7 has to go."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wode.listops import binary, parse, tokens
from wode.plotting import PALETTE, new_figure

TREE = parse("[MAX 2 9 [MIN 4 7 ] 0 ]")
WORDS = tokens(TREE)
FROM = WORDS.index("7")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"titles": ("链：LSTM", "两两相看：自注意力", "树：Tree-LSTM"), "out": "向量"},
    "en": {
        "titles": ("a chain: LSTM", "all pairs: self-attention", "a tree: Tree-LSTM"),
        "out": "vector",
    },
}


def words(axes: Axes) -> None:
    for x, word in enumerate(WORDS):
        color = PALETTE[1] if x == FROM else "black"
        axes.text(x, -0.45, word, ha="center", va="top", fontsize=10, color=color)


def dot(axes: Axes, x: float, y: float, on: bool, out: bool = False) -> None:
    axes.plot(
        x, y, marker="s" if out else "o", markersize=9 if out else 7,
        markerfacecolor=PALETTE[1] if on else "white", markeredgecolor="black", zorder=3,
    )  # fmt: skip


def line(axes: Axes, start: tuple[float, float], end: tuple[float, float], on: bool) -> None:
    style: dict[str, Any] = (
        {"color": PALETTE[1], "linewidth": 2.2, "zorder": 2}
        if on
        else {"color": "gray", "linewidth": 0.8, "zorder": 1}
    )
    axes.plot(*zip(start, end, strict=True), **style)


def chain(axes: Axes, name: str) -> None:
    last = len(WORDS) - 1
    for x in range(last):
        line(axes, (x, 0.3), (x + 1, 0.3), x >= FROM)
    for x in range(last + 1):
        dot(axes, x, 0.3, x >= FROM, x == last)
    axes.text(last + 0.35, 0.3, name, va="center", fontsize=9)
    axes.set_ylim(-1.5, 1.0)


def pairs(axes: Axes, name: str) -> None:
    last = len(WORDS)
    for a in range(last):
        for b in range(last):
            line(axes, (a, 0.0), (b, 2.0), a == FROM and b == 0)
    for x in range(last):
        dot(axes, x, 0.0, x == FROM)
        dot(axes, x, 2.0, x == 0, x == 0)
    axes.text(-0.35, 2.0, name, va="center", ha="right", fontsize=9)
    axes.set_ylim(-1.5, 2.4)


def tree(axes: Axes, name: str) -> None:
    places, whole = iter(range(len(WORDS))), binary(TREE)

    def draw(node: Any) -> tuple[float, float, bool]:
        if isinstance(node, str):
            x = next(places)
            dot(axes, x, 0.0, x == FROM)
            return x, 0.0, x == FROM
        ends = [draw(child) for child in node]
        x = sum(one[0] for one in ends) / 2
        y = max(one[1] for one in ends) + 0.55
        on = any(one[2] for one in ends)
        for end in ends:
            line(axes, end[:2], (x, y), end[2])
        dot(axes, x, y, on, node == whole)
        return x, y, on

    x, y, _ = draw(whole)
    axes.text(x + 0.35, y, name, va="center", fontsize=9)
    axes.set_ylim(-1.5, y + 0.4)


def draw(lang: str) -> Figure:
    figure, panels = new_figure(
        5.6, 3.7, nrows=3, ncols=1, lang=lang, gridspec_kw={"height_ratios": [1, 1.5, 2.4]}
    )
    text = TEXT[lang]
    for axes, title, one in zip(panels, text["titles"], (chain, pairs, tree), strict=True):
        one(axes, text["out"])
        words(axes)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlim(-1.4, len(WORDS) + 0.2)
        axes.set_axis_off()
    return figure
