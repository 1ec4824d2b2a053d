"""The gradient of the loss for each input, by its distance from the end, before any training."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {
        "attention": "注意力",
        "rnn_orthogonal_small": "RNN，正交，嵌入 × 0.1",
        "lstm_bias_2": "LSTM，遗忘偏置 2",
        "rnn_orthogonal": "RNN，正交",
        "gru": "GRU",
        "lstm": "LSTM",
        "rnn": "RNN",
    },
    "en": {
        "attention": "attention",
        "rnn_orthogonal_small": "RNN, orthogonal, embedding × 0.1",
        "lstm_bias_2": "LSTM, forget bias 2",
        "rnn_orthogonal": "RNN, orthogonal",
        "gru": "GRU",
        "lstm": "LSTM",
        "rnn": "RNN",
    },
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("vanishing_gradients")["numbers"]["gradients"]
    figure, axes = new_figure(5.6, 4.4, lang=lang)
    for k, (name, label) in enumerate(NAMES[lang].items()):
        axes.plot(
            table[name]["mean"],
            linestyle=LINESTYLES[k % len(LINESTYLES)],
            color=[*PALETTE[:6], "black"][k],
            marker=[*MARKERS[:6], "x"][k],
            markevery=(k, 10),
            markersize=5,
            label=label,
        )
    axes.set_yscale("log")
    axes.set_ylim(1e-13, 1)
    axes.set_xlim(0, 50)
    axes.set_xlabel("离末尾的距离" if zh else "distance from the end")
    axes.set_ylabel("损失对输入的梯度" if zh else "gradient of the loss")
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
