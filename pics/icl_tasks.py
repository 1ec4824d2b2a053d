"""Error on the lines trained on and on new ones, by how many lines there were to train on."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (
        "练过的直线",
        "新的直线",
        "训练里有几条直线",
        "每次都是新的",
        "误差（8 个例子）",
        "总答 0",
    ),
    "en": (
        "lines trained on",
        "new lines",
        "lines in the training",
        "always new",
        "error (8 examples)",
        "always 0",
    ),
}


def draw(lang: str) -> Figure:
    table = results.read("in_context_learning_seeds")["numbers"]["tasks"]
    known, new, x, always, y, zero = TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    keys = [*map(str, table["numbers"]), "0"]
    places = np.arange(len(keys))
    for number, (key, label) in enumerate((("known", known), ("new", new))):
        colour = PALETTE[number]
        for place, name in zip(places, keys, strict=True):
            each = table[name][key]["each"]
            axes.plot([place] * len(each), each, "_", color=colour, markersize=9, alpha=0.7)
        axes.plot(
            places,
            [table[name][key]["mean"] for name in keys],
            "-" if number else "--",
            color=colour,
            marker=MARKERS[number],
            label=label,
        )
    axes.axhline(1, color="black", linestyle=":", linewidth=1)
    axes.text(places[-1] + 0.3, 1.02, zero, ha="right", va="bottom", fontsize=9)
    axes.set_xticks(places, [*keys[:-1], always], fontsize=9)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(0, None)
    axes.grid(visible=True, axis="y")
    axes.legend(loc="upper right", fontsize=9)
    return figure
