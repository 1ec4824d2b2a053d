"""Signal by depth under four initialisations, measured and by the formula."""

import math

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = {"he": "He", "xavier": "Xavier", "default": "nn.Linear", "small": "σ = 0.01"}
FACTOR = {"he": 1.0, "xavier": 1 / 2, "default": 1 / 6, "small": 64 * 0.01**2 / 2}  # n σ² / 2
TEXT = {
    "zh": {
        "x": "层",
        "y": "信号的大小（均方根）",
        "formula": "公式：每层乘以 √(nσ²/2)",
        "no_bias": "nn.Linear，偏置为 0",
        "difference": "nn.Linear：图片之间的差别",
    },
    "en": {
        "x": "layer",
        "y": "size of the signal (RMS)",
        "formula": "formula: × √(nσ²/2) a layer",
        "no_bias": "nn.Linear, biases 0",
        "difference": "nn.Linear: between images",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("initialisation")["numbers"], TEXT[lang]
    layers = range(1, numbers["depth"] + 1)
    signal = numbers["signal"]["plain"]
    figure, axes = new_figure(5.6, 3.9, lang=lang)
    for index, (name, label) in enumerate(NAMES.items()):
        sizes = signal[name]["size"]
        predicted = [sizes[0] * math.sqrt(FACTOR[name]) ** (layer - 1) for layer in layers]
        axes.plot(
            layers, predicted, "-", color="0.55", lw=1, label=None if index else text["formula"]
        )
        axes.plot(
            layers, sizes, ls="none", marker=MARKERS[index], ms=4, color=PALETTE[index], label=label
        )
    for values, key, marker in (
        (signal["no_bias"]["size"], "no_bias", "x"),
        (signal["default"]["difference"], "difference", "^"),
    ):
        axes.plot(
            layers, values, ls="none", marker=marker, ms=5, mfc="none", color=PALETTE[2],
            label=text[key],
        )  # fmt: skip
    axes.set(yscale="log", xlabel=text["x"], ylabel=text["y"], ylim=(1e-12, 1e1))
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    axes.grid(True)
    return figure
