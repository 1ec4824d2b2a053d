"""A 3 and a 6 drawn as text, each beside the network's ten probabilities."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("inference")["numbers"]
    figure, row = new_figure(5.6, 1.55, ncols=4, width_ratios=(1, 1.7, 1, 1.7), lang=lang)
    for left, right, digit in ((row[0], row[1], 3), (row[2], row[3], 6)):
        pixels = np.array(numbers["drawings"]["pen"][digit]).reshape(8, 8)
        heat(left, pixels, cmap="Greys", vmax=2)
        left.set_xticks([])
        left.set_yticks([])
        left.spines[["top", "right"]].set_visible(True)
        probability = np.array(numbers["answers"]["pen"][digit])
        answer = probability.argmax()
        bars = right.bar(range(10), probability, color=PALETTE[0])
        if answer != digit:
            bars[answer].set(facecolor="none", edgecolor=PALETTE[1], hatch="///")
        right.set_xticks(range(10))
        right.set_yticks([0, 0.5, 1])
        right.set_ylim(0, 1)
        left.set_xlabel(f"画的是 {digit}" if zh else f"drawn: {digit}")
        right.set_xlabel(f"答 {answer}" if zh else f"answer: {answer}")
    row[1].set_title("概率" if zh else "probability", fontsize=9.5)
    row[3].set_title("概率" if zh else "probability", fontsize=9.5)
    return figure
