"""Three learning rates by epoch, and the test accuracy that every rate of the grid ends with."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("training")["numbers"]["rates"]
    figure, (left, right) = new_figure(5.6, 2.2, ncols=2, lang=lang)
    for k, rate in enumerate(("0.001", "0.1", "3.0")):
        runs = np.array(table["by_epoch"][rate])  # (seeds, epochs)
        epochs = np.arange(1, runs.shape[1] + 1)
        left.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=PALETTE[k], alpha=0.2)
        left.plot(
            epochs,
            runs.mean(axis=0),
            LINESTYLES[k],
            marker=MARKERS[k],
            markersize=3,
            color=PALETTE[k],
            label=rate.removesuffix(".0"),
        )
    left.set_xlabel("轮" if zh else "epoch")
    left.set_ylabel("训练损失" if zh else "training loss")
    left.set_xticks([1, 5, 10, 15, 20])
    left.set_ylim(0, 3.4)
    left.legend(title="学习率" if zh else "learning rate", ncols=3, fontsize=9, columnspacing=0.8)
    runs = np.array(table["last"]["each"])  # (rates, seeds)
    right.fill_between(
        table["rates"], runs.min(axis=1), runs.max(axis=1), color=PALETTE[0], alpha=0.2
    )
    right.semilogx(table["rates"], runs.mean(axis=1), "-o", markersize=5, color=PALETTE[0])
    right.axhline(0.1, color="black", linestyle=":", linewidth=1)
    right.text(0.001, 0.08, "瞎猜" if zh else "chance", va="top", fontsize=9)
    right.set_xlabel("学习率" if zh else "learning rate")
    right.set_ylabel("测试准确率" if zh else "test accuracy")
    right.set_ylim(0, 1.02)
    right.grid(visible=True)
    left.grid(visible=True)
    return figure
