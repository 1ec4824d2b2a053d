"""The wait for the first piece and the gain in speed against the number of requests at once."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("serving")["numbers"]
    labels = {
        "one_by_one": "逐个处理" if zh else "one by one",
        "batched": "连续批处理" if zh else "continuous batching",
    }
    figure, (left, right) = new_figure(7.0, 3.0, ncols=2, lang=lang)
    counts = numbers["counts"]
    queue = [(n - 1) / 2 for n in counts]
    left.plot(counts, queue, ":", color="black", label="$(n-1)/2$")
    for k, (name, label) in enumerate(labels.items()):
        lines(left, counts, numbers["wait"][name], k, label)
    lines(right, counts, numbers["faster"], 1, None)
    right.axhline(1, color=PALETTE[0], linestyle=LINESTYLES[0])
    left.set_ylabel("等第一片（单位：一个回答）" if zh else "wait, in whole answers")
    right.set_ylabel("每秒词元（逐个处理 = 1）" if zh else "tokens a second (one by one = 1)")
    left.legend(loc="upper left")
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(counts, [str(n) for n in counts])
        axes.minorticks_off()
        axes.set_xlabel("同时的请求数 $n$" if zh else "requests at once, $n$")
        axes.set_ylim(bottom=0)
    return figure


def lines(axes: Any, counts: list[int], rows: list[list[float]], k: int, label: str | None) -> None:
    """The medians over the repeats, with bars from the least to the largest."""
    runs = np.array(rows)  # (repeats, counts)
    middle = np.median(runs, axis=0)
    reach = np.abs(np.stack([runs.min(axis=0), runs.max(axis=0)]) - middle)
    look = {"color": PALETTE[k], "marker": MARKERS[k], "linestyle": LINESTYLES[k]}
    axes.errorbar(counts, middle, reach, capsize=3, label=label, **look)
