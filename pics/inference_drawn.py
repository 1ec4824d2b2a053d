"""A 3 and a 6 drawn as text, each beside the network's ten probabilities."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("inference")["numbers"]
    figure, grid = new_figure(5.6, 2.9, nrows=2, ncols=2, width_ratios=(1, 2), lang=lang)
    for (left, right), digit in zip(grid, (3, 6), strict=True):
        pixels = np.array(numbers["drawings"]["pen"][digit]).reshape(8, 8)
        left.imshow(pixels, cmap="Greys", vmin=0, vmax=2, interpolation="none")
        left.set_xticks([])
        left.set_yticks([])
        left.spines[["top", "right"]].set_visible(True)
        probability = np.array(numbers["answers"]["pen"][digit])
        answer = probability.argmax()
        bars = right.bar(range(10), probability, color=PALETTE[0])
        if answer != digit:
            bars[answer].set(facecolor="none", edgecolor=PALETTE[1], hatch="///")
        right.set_xticks(range(10))
        right.set_ylim(0, 1)
        right.set_ylabel("概率" if zh else "probability")
        left.set_xlabel(f"画的是 {digit}" if zh else f"drawn: {digit}")
        right.set_xlabel(f"答 {answer}" if zh else f"answer: {answer}")
    return figure
