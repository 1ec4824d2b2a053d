"""A time-out counts silence; and what a server computes for a client that gave up."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "slow": "慢，但一直有",
        "mute": "一声不吭",
        "limit": "1 秒",
        "again": "再问",
        "error": "报错",
        "seconds": "秒",
        "title": "服务器花的处理器时间",
        "kinds": ("好好问一次", "超时三次", "关掉的流"),
    },
    "en": {
        "slow": "slow but steady",
        "mute": "silent",
        "limit": "1 s",
        "again": "again",
        "error": "error",
        "seconds": "seconds",
        "title": "the server's processor time",
        "kinds": ("patient", "timed out 3×", "stream closed"),
    },
}


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    numbers = results.read("serving_failures")["numbers"]
    figure, (left, right) = new_figure(5.6, 2.3, ncols=2, lang=lang)
    left.plot([0, 1.25], [1, 1], color="0.7", linewidth=1)
    left.plot([0.25 * k for k in range(1, 6)], [1] * 5, "o", color=PALETTE[2])
    left.text(0, 1.25, words["slow"], fontsize=9)
    left.text(0, 0.25, words["mute"], fontsize=9)
    for start in (0, 1.44):
        bar(left, start, start + 1, words["limit"])
    left.text(1.22, 0.17, words["again"], ha="center", fontsize=9)
    left.text(2.5, 0.17, words["error"], fontsize=9, color=PALETTE[1])
    left.plot([2.44], [0], "X", color=PALETTE[1], markersize=9)
    left.set_xlim(-0.05, 3.1)
    left.set_ylim(-0.5, 1.6)
    left.set_yticks([])
    left.set_xlabel(words["seconds"])
    left.spines["left"].set_visible(False)
    for k, name in enumerate(("once", "given_up", "closed")):
        right.barh(2 - k, numbers["nobody"][name], height=0.55, color=PALETTE[k], alpha=0.6)
        runs = [run[name] / run["once"] for run in numbers["nobody_runs"]]
        right.plot(runs, [2 - k] * len(runs), MARKERS[k], color="black", markersize=4)
    right.set_yticks([2, 1, 0], words["kinds"], fontsize=9)
    right.set_title(words["title"], fontsize=10)
    right.set_xlim(0, 3.3)
    for axes in (left, right):
        axes.tick_params(labelsize=9)
    return figure


def bar(axes: Any, start: float, end: float, label: str) -> None:
    axes.annotate("", (start, 0), (end, 0), arrowprops={"arrowstyle": "|-|", "color": PALETTE[1]})
    axes.text((start + end) / 2, -0.12, label, ha="center", va="top", fontsize=9)
