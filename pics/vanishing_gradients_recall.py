"""Accuracy on recall at 16: recurrent networks, two embeddings; attention; CNN at 4."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {
        "attention": "注意力",
        "rnn": "RNN",
        "rnn_orthogonal": "RNN，正交",
        "lstm": "LSTM",
        "lstm_bias_2": "LSTM，遗忘偏置 2",
        "gru": "GRU",
        "cnn": "CNN，3 层，距离 4",
    },
    "en": {
        "attention": "attention",
        "rnn": "RNN",
        "rnn_orthogonal": "RNN, orthogonal",
        "lstm": "LSTM",
        "lstm_bias_2": "LSTM, forget bias 2",
        "gru": "GRU",
        "cnn": "CNN, 3 layers, distance 4",
    },
}
RATIO = {"zh": "比", "en": "ratio"}
LEGEND = {
    "zh": ("嵌入标准差 1", "嵌入 × 0.1"),
    "en": ("embedding of deviation 1", "embedding × 0.1"),
}


def draw(lang: str) -> Figure:
    table = results.read("vanishing_gradients")["numbers"]
    figure, axes = new_figure(5.6, 3.8, lang=lang)
    for row, name in enumerate(NAMES[lang]):
        for k, suffix in enumerate(("", "_small")):
            if name in ("attention", "cnn"):
                each = [] if suffix else table["recall"][name][0]["each"]
            else:
                each = table["causes"][name + suffix]["each"]
            rows = [row + 0.32 * (k - 0.5) + 0.03 * (i - 2) for i in range(len(each))]
            label = LEGEND[lang][k] if name == "rnn" else None
            axes.plot(
                each, rows, MARKERS[k], color=PALETTE[k], markersize=6, alpha=0.8, label=label
            )
            if each and name != "cnn":
                ratio = table["gradients"][name + suffix]["ratio_mean"]
                axes.text(1.12 + 0.26 * k, row, f"{ratio:.0e}", va="center", fontsize=9)
    axes.text(1.12, -1.15, RATIO[lang], fontsize=9)
    for k, start in enumerate(("× 1", "× 0.1")):
        axes.text(1.12 + 0.26 * k, -0.62, start, fontsize=9)
    axes.axvline(1 / 8, color="black", linewidth=1, linestyle=":")
    axes.axvline(1.08, color="black", linewidth=0.8)
    axes.set_yticks(range(len(NAMES[lang])), list(NAMES[lang].values()))
    axes.set_ylim(len(NAMES[lang]) - 0.5, -1.6)
    axes.set_xlim(0, 1.62)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.set_xlabel("准确率，距离 16" if lang == "zh" else "accuracy at distance 16")
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
