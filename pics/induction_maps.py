"""Weights on a sequence said twice: the two heads built by hand, and SmolLM2's strongest."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure

TEXT = {
    "zh": ("手搭：前一个词", "手搭：归纳头", "SmolLM2 最强的头", "被看的位置", "在看的位置"),
    "en": (
        "by hand: previous",
        "by hand: induction",
        "SmolLM2's strongest",
        "looked at",
        "looking",
    ),
}


def by_hand(n: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """<begin>, n words, the same n words: what each place looks at in the two layers."""
    length = 2 * n + 1
    previous, induction = np.zeros((length, length)), np.zeros((length, length))
    for t in range(length):
        previous[t, max(t - 1, 0)] = 1
        if t > n:
            induction[t, t - n + 1] = 1
        else:
            induction[t, : t + 1] = 1 / (t + 1)
    return previous, induction


def draw(lang: str) -> Figure:
    table = results.read("induction_heads")["numbers"]["smollm2"]
    *titles, looked_at, looking = TEXT[lang]
    real = np.array([list(map(int, row.split())) for row in table["map"]]) / 100
    figure, panels = new_figure(5.6, 2.5, ncols=3, lang=lang)
    for axes, weights, title in zip(panels, (*by_hand(), real), titles, strict=True):
        heat(axes, weights)
        axes.set_title(title, fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
    panels[0].set_ylabel(looking)
    panels[1].set_xlabel(looked_at)
    return figure
