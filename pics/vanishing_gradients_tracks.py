"""Loss and ratio of the gradients while it trains on recall at 16, two seeds of six networks."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, PALETTE, new_figure

NAMES = {
    "zh": {
        "rnn_orthogonal_small": "RNN，正交，嵌入 × 0.1",
        "rnn_small": "RNN，嵌入 × 0.1",
        "gru": "GRU",
        "lstm_bias_2": "LSTM，遗忘偏置 2",
        "lstm": "LSTM",
        "rnn_orthogonal": "RNN，正交",
    },
    "en": {
        "rnn_orthogonal_small": "RNN, orthogonal,\nembedding × 0.1",
        "rnn_small": "RNN, embedding × 0.1",
        "gru": "GRU",
        "lstm_bias_2": "LSTM, forget bias 2",
        "lstm": "LSTM",
        "rnn_orthogonal": "RNN, orthogonal",
    },
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("vanishing_gradients")["numbers"]["tracks"]
    figure, panels = new_figure(5.6, 6.4, nrows=4, ncols=3, lang=lang, sharex=True)
    for k, (name, label) in enumerate(NAMES[lang].items()):
        top, bottom = panels[2 * (k // 3), k % 3], panels[2 * (k // 3) + 1, k % 3]
        for seed, run in enumerate(table[name]):
            steps = [25 * i + 12 for i in range(len(run["loss"]))]
            top.plot(steps, run["loss"], linestyle=LINESTYLES[seed], color=PALETTE[seed])
            bottom.plot(steps, run["ratio"], linestyle=LINESTYLES[seed], color=PALETTE[seed])
        top.set_ylim(0, 2.3)
        top.set_title(label, fontsize=9)
        bottom.set_yscale("log")
        bottom.set_ylim(1e-5, 30)
        bottom.set_yticks([1e-4, 1e-2, 1])
        for axes in (top, bottom):
            axes.grid(visible=True)
            axes.set_xticks([0, 250, 500])
        if k % 3 == 0:
            top.set_ylabel("损失" if zh else "loss")
            bottom.set_ylabel("梯度之比" if zh else "ratio")
        else:
            for axes in (top, bottom):
                axes.set_yticklabels([])
    for axes in panels[-1]:
        axes.set_xlabel("步数" if zh else "steps")
    return figure
