"""Answers as two places and as a tag for each word: chosen freely, and one piece only."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (
        ("各选各的", "只许交一段"),
        ("两个位置", "每个词一个标签"),
        ("训练用的问题数", "答对的比例"),
    ),
    "en": (
        ("each chosen alone", "one piece only"),
        ("two places", "a tag for each word"),
        ("questions learned from", "answers right"),
    ),
}
KEYS = (("places", "tags"), ("places_kept", "tags_kept"))
HATCHES = (None, "//")


def draw(lang: str) -> Figure:
    numbers = results.read("tasks")["numbers"]["span"]
    titles, forms, (x, y) = TEXT[lang]
    counts = [key for key in numbers["mean"] if key.isdigit()]
    figure, both = new_figure(5.6, 2.7, ncols=2, lang=lang, sharey=True)
    for axes, keys, title in zip(both, KEYS, titles, strict=True):
        for n, (key, form) in enumerate(zip(keys, forms, strict=True)):
            for place, count in enumerate(counts):
                at = place + 0.36 * (n - 0.5)
                axes.bar(
                    at, numbers["mean"][count][key], 0.33, alpha=0.75, hatch=HATCHES[n],
                    edgecolor=PALETTE[n], facecolor="none" if HATCHES[n] else PALETTE[n],
                    label=form if place == 0 and axes is both[0] else None,
                )  # fmt: skip
                draws = [row[count][key] for row in numbers["seeds"].values()]
                axes.plot(np.full(len(draws), at), draws, MARKERS[n], color="black", markersize=2.5)
        axes.set_title(title)
        axes.set_xticks(range(len(counts)), counts)
        axes.set_xlabel(x)
        axes.grid(visible=True, axis="y")
    both[0].set_ylabel(y)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
