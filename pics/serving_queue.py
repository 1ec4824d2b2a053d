"""The wait for the first piece by how many ask at once; and of each of eight, as they come."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "kinds": ("逐个处理", "几个一起做"),
        "patterns": ("同时", "每 0.5 T 一个", "每 1.5 T 一个"),
        "axes": ("同时的请求数 $n$", "第几个请求", "等多久（单位 $T$）"),
    },
    "en": {
        "kinds": ("one by one", "several together"),
        "patterns": ("at once", "every 0.5 T", "every 1.5 T"),
        "axes": ("requests at once, $n$", "request", "wait, in $T$"),
    },
}


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    numbers = results.read("serving")["numbers"]
    counts = numbers["counts"]
    figure, (left, right) = new_figure(5.6, 2.8, ncols=2, lang=lang)
    own = numbers["wait_median"]["one_by_one"][0]
    queue = [(n - 1) / 2 + own for n in counts]
    left.plot(counts, queue, ":", color="black", label="$(n-1)/2$ + TTFT")
    for k, (name, label) in enumerate(zip(("one_by_one", "batched"), words["kinds"], strict=True)):
        runs = np.array(numbers["wait"][name])  # (repeats, counts)
        middle = np.median(runs, axis=0)
        reach = np.abs(np.stack([runs.min(axis=0), runs.max(axis=0)]) - middle)
        look = {"color": PALETTE[k], "marker": MARKERS[k], "linestyle": LINESTYLES[k]}
        left.errorbar(counts, middle, reach, capsize=3, label=label, **look)
    left.set_xscale("log", base=2)
    left.set_xticks(counts, [str(n) for n in counts])
    left.minorticks_off()
    places = range(1, 9)
    for k, (name, label) in enumerate(
        zip(("at_once", "half", "slower"), words["patterns"], strict=True)
    ):
        row = numbers["queues"][name]
        right.plot(places, row["told"], linestyle=LINESTYLES[k], color=PALETTE[k])
        look = {"color": PALETTE[k], "marker": MARKERS[k], "linestyle": "none"}
        right.plot(places, row["measured"], label=label, **look)
    right.set_xticks([1, 2, 4, 6, 8])
    for axes, name in zip((left, right), words["axes"][:2], strict=True):
        axes.set_xlabel(name)
        axes.set_ylim(-0.3, 8.5)
        axes.legend(loc="upper left", fontsize=9)
        axes.tick_params(labelsize=9)
    left.set_ylabel(words["axes"][2])
    return figure
