"""Accuracy on the order task at distance 8, three seeds: what attention needs to know it."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {
        "attention": "注意力，一层",
        "two_layers": "两层",
        "attention_left_only": "一层，只看左边",
        "two_layers_left_only": "两层，只看左边",
        "attention_positions": "一层，加位置",
        "rnn_orthogonal_small": "RNN",
    },
    "en": {
        "attention": "attention, one layer",
        "two_layers": "two layers",
        "attention_left_only": "one layer, left only",
        "two_layers_left_only": "two layers, left only",
        "attention_positions": "one layer, positions",
        "rnn_orthogonal_small": "RNN",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("vanishing_gradients")["numbers"]["order"]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    for row, name in enumerate(NAMES[lang]):
        first = table[name][0]
        axes.barh(row, first["mean"], color=PALETTE[0], alpha=0.35, edgecolor=PALETTE[0])
        axes.plot(
            first["each"], [row - 0.2, row, row + 0.2], MARKERS[0], color="black", markersize=4
        )
    axes.axvline(1 / 2, color="black", linewidth=1, linestyle="--")
    axes.axvline(1 / 8, color="black", linewidth=1, linestyle=":")
    axes.set_yticks(range(len(NAMES[lang])), list(NAMES[lang].values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.03)
    axes.set_xlabel("准确率，距离 8" if lang == "zh" else "accuracy at distance 8")
    return figure
