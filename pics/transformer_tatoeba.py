"""BLEU on unseen real sentences by epoch, three seeds; beams; a dictionary; the nearest."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("轮", "BLEU", "贪心", "束搜索（4 束）", "逐字词典", "最近邻"),
    "en": ("epoch", "BLEU", "greedy", "beam search (4 beams)", "dictionary", "nearest neighbour"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("transformer_tatoeba")["numbers"]
    near = results.read("translation_rivals")["numbers"]["tatoeba"]["nearest"]
    x, y, greedy, beam, words, neighbour = TEXT[lang]
    runs = np.array(numbers["greedy_each"])  # (seeds, epochs)
    epochs = np.arange(1, runs.shape[1] + 1)
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    axes.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=PALETTE[0], alpha=0.2)
    axes.plot(epochs, runs.mean(axis=0), marker=MARKERS[0], color=PALETTE[0], label=greedy)
    axes.plot(
        np.full(len(numbers["beam_each"]), epochs[-1] + 0.3),
        numbers["beam_each"],
        MARKERS[1],
        markersize=6,
        color=PALETTE[1],
        label=beam,
    )
    axes.axhline(numbers["dictionary"], linestyle=LINESTYLES[2], color=PALETTE[2], label=words)
    axes.axhline(near, linestyle=LINESTYLES[3], color=PALETTE[3], label=neighbour)
    axes.set_xticks(epochs[::2])
    axes.set_ylim(bottom=0)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True)
    axes.legend(loc="upper left")
    return figure
