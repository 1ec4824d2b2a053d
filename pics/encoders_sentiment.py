"""SST-2: test accuracy of each encoder, every seed, and what is held against them."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("bag", "lstm", "lstm_mean", "attention", "left", "right", "balanced")
TEXT = {
    "zh": {
        "names": ("词袋（词向量的平均）", "LSTM，最后的状态", "LSTM，状态的平均", "自注意力",
                  "二叉树，向左分叉", "二叉树，向右分叉", "二叉树，平衡"),
        "counts": "数词频", "x": "测试集准确率",
    },
    "en": {
        "names": ("bag (mean of word vectors)", "LSTM, last state", "LSTM, mean of states",
                  "self-attention", "binary tree, left", "binary tree, right",
                  "binary tree, balanced"),
        "counts": "word counts", "x": "test accuracy",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("encoders")["numbers"]["sentiment"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    for n, way in enumerate(WAYS):
        y, tree = len(WAYS) - n, n > 3
        found = numbers["ways"][way]["test"]
        axes.scatter(
            found["seeds"], [y] * len(found["seeds"]), s=26, alpha=0.7,
            color=PALETTE[2 if tree else 0], marker="^" if tree else "o",
        )  # fmt: skip
        axes.plot([found["mean"]] * 2, [y - 0.3, y + 0.3], color="black", linewidth=1.6)
    axes.axvline(numbers["counts"], color="gray", linestyle=":", linewidth=1.2)
    axes.text(numbers["counts"], len(WAYS) + 0.6, text["counts"], ha="center", fontsize=9)
    axes.set_yticks([len(WAYS) - n for n in range(len(WAYS))], text["names"])
    axes.set_xlabel(text["x"])
    axes.set_ylim(0.4, len(WAYS) + 1.1)
    axes.grid(visible=True, axis="x")
    return figure
