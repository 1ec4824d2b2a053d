"""A class written as a word by SmolLM2, beside a head that was given the same examples."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WAYS = ("written", "chosen", "calibrated", "head")
TEXT = {
    "zh": (
        ("影评，两类", "来信，四类"),
        ("写出来", "只在标签里选", "选，并校准", "MiniLM 的头"),
        ("例子的个数", "准确率", "瞎猜"),
    ),
    "en": (
        ("reviews, two classes", "letters, four classes"),
        ("written", "chosen among the labels", "chosen, calibrated", "a head on MiniLM"),
        ("examples", "accuracy", "chance"),
    ),
}
HATCHES = (None, "//", "..", None)


def draw(lang: str) -> Figure:
    numbers = results.read("tasks")["numbers"]["prompt"]
    titles, ways, (x, y, chance) = TEXT[lang]
    figure, both = new_figure(5.6, 3.6, ncols=2, lang=lang, sharey=True)
    for axes, task, title in zip(both, ("reviews", "letters"), titles, strict=True):
        shots = [k for k in numbers["mean"][task] if k.isdigit()]
        for place, k in enumerate(shots):
            for n, way in enumerate(WAYS):
                if way not in numbers["mean"][task][k]:
                    continue
                at = place + 0.2 * (n - 1.5)
                seeds = [row[task][k][way] for row in numbers["seeds"].values()]
                axes.bar(
                    at, np.mean(seeds), 0.18, alpha=0.75, hatch=HATCHES[n], edgecolor=PALETTE[n],
                    facecolor="none" if HATCHES[n] else PALETTE[n],
                )  # fmt: skip
                axes.plot(np.full(len(seeds), at), seeds, MARKERS[n], color="black", markersize=2.5)
        line = axes.axhline(
            numbers["mean"][task]["chance"], color="0.4", linestyle=":", linewidth=1
        )
        axes.set_title(title)
        axes.set_xticks(range(len(shots)), shots)
        axes.set_xlabel(x)
        axes.grid(visible=True, axis="y")
    both[0].set_ylabel(y)
    both[0].set_ylim(0, 1.05)
    bars = [
        both[0].bar(
            np.nan, 0, hatch=HATCHES[n], edgecolor=PALETTE[n],
            facecolor="none" if HATCHES[n] else PALETTE[n],
        )
        for n in range(4)
    ]  # fmt: skip
    figure.legend([*bars, line], [*ways, chance], loc="outside lower center", ncols=2, fontsize=9)
    return figure
