"""Accuracy on recall by distance: RNN, LSTM, GRU, CNN and attention, three seeds."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {
        "attention": "注意力",
        "rnn_orthogonal_small": "RNN，正交，嵌入 × 0.1",
        "rnn_small": "RNN，嵌入 × 0.1",
        "lstm_bias_2": "LSTM，遗忘偏置 2",
        "gru": "GRU",
        "rnn_orthogonal": "RNN，正交",
        "lstm": "LSTM",
        "cnn": "CNN，3 层",
    },
    "en": {
        "attention": "attention",
        "rnn_orthogonal_small": "RNN, orthogonal, embedding × 0.1",
        "rnn_small": "RNN, embedding × 0.1",
        "lstm_bias_2": "LSTM, forget bias 2",
        "gru": "GRU",
        "rnn_orthogonal": "RNN, orthogonal",
        "lstm": "LSTM",
        "cnn": "CNN, 3 layers",
    },
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("vanishing_gradients")["numbers"]
    figure, panels = new_figure(5.6, 4.6, ncols=2, lang=lang, sharey=True)
    for k, (name, label) in enumerate(NAMES[lang].items()):
        axes = panels[k // 4]
        runs = np.array([one["each"] for one in table["recall"][name]])  # (distances, seeds)
        distances = table["recall_distances"][: len(runs)]
        style = {"color": PALETTE[k % 4], "marker": MARKERS[k % 4], "markersize": 5}
        axes.fill_between(
            distances, runs.min(axis=1), runs.max(axis=1), color=PALETTE[k % 4], alpha=0.2
        )
        axes.plot(distances, runs.mean(axis=1), LINESTYLES[k % 4], label=label, **style)
    for axes in panels:
        axes.axhline(1 / 8, color="black", linewidth=1, linestyle=":")
        axes.set_xscale("log", base=2)
        axes.set_xticks(table["recall_distances"], [str(d) for d in table["recall_distances"]])
        axes.set_ylim(0, 1.05)
        axes.set_xlabel("距离" if zh else "distance")
        axes.grid(visible=True)
        axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.22), fontsize=9)
    panels[0].set_ylabel("准确率" if zh else "accuracy")
    return figure
