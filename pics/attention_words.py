"""Four words of two numbers each, and the weight that each gives to each."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.plotting import new_figure

TEXT = {
    "zh": (["猫", "饿", "了", "它"], "被看的词", "发问的词"),
    "en": (["cat", "hungry", "so", "it"], "word looked at", "word that looks"),
}
WORDS = np.array([[3.0, 0.0], [0.0, 3.0], [0.0, 0.0], [2.0, 0.0]])


def draw(lang: str) -> Figure:
    words, columns, rows = TEXT[lang]
    scores = np.exp(WORDS @ WORDS.T / np.sqrt(2))
    weights = (scores / scores.sum(axis=1, keepdims=True)).round(2)
    figure, axes = new_figure(3.6, 2.5, lang=lang)
    heat(axes, weights)
    for (row, column), weight in np.ndenumerate(weights):
        colour = "white" if float(weight) > 0.6 else "black"
        axes.text(column, row, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=10)
    axes.set_xticks(range(4), words)
    axes.set_yticks(range(4), words)
    axes.tick_params(length=0)
    axes.set_xlabel(columns)
    axes.set_ylabel(rows)
    return figure
