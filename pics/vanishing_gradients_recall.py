"""Accuracy by distance on two tasks, recall and order, five seeds: RNN, CNN, attention."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {
        "rnn": "RNN",
        "cnn": "CNN，3 层",
        "attention": "注意力",
        "attention_positions": "注意力加位置",
    },
    "en": {
        "rnn": "RNN",
        "cnn": "CNN, 3 layers",
        "attention": "attention",
        "attention_positions": "attention + positions",
    },
}
TEXT = {
    "zh": ("记忆：那是哪一个？", "顺序：哪一个在先？", "距离", "准确率"),
    "en": ("recall: which one was it?", "order: which came first?", "distance", "accuracy"),
}


def draw(lang: str) -> Figure:
    table = results.read("sequence_encoding")["numbers"]["memory"]
    left, right, x, y = TEXT[lang]
    figure, panels = new_figure(5.8, 3.7, ncols=2, lang=lang, sharey=True)
    handles = []
    for axes, task, title in zip(panels, ("recall", "order"), (left, right), strict=True):
        for k, (name, label) in enumerate(NAMES[lang].items()):
            if name not in table["tasks"][task]:
                continue
            runs = np.array(table["tasks"][task][name]["each"])  # (distances, seeds)
            distances = table["distances"][-len(runs) :]
            low, high = runs.min(axis=1), runs.max(axis=1)
            axes.fill_between(distances, low, high, color=PALETTE[k], alpha=0.2)
            (line,) = axes.plot(
                distances,
                runs.mean(axis=1),
                linestyle=LINESTYLES[k],
                marker=MARKERS[k],
                markersize=5,
                color=PALETTE[k],
                label=label,
            )
            if task == "order":
                handles.append(line)
        axes.axhline(1 / 8, color="black", linewidth=1, linestyle=":")
        axes.set_xscale("log", base=2)
        axes.set_xticks([1, 4, 16, 64], ["1", "4", "16", "64"])
        axes.set_xlim(0.9, 72)
        axes.set_ylim(0, 1.05)
        axes.set_title(title)
        axes.set_xlabel(x)
        axes.grid(visible=True)
    panels[0].set_ylabel(y)
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)
    return figure
