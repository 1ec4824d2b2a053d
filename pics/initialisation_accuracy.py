"""Test accuracy by learning rate: four initialisations, three networks, two budgets."""

import statistics

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {"he": "He", "xavier": "Xavier", "default": "nn.Linear", "small": "σ = 0.01"}
TEXT = {
    "zh": {
        "plain": "什么也不加",
        "batch_norm": "加批量归一化",
        "residual": "加残差连接",
        "x": "学习率",
        "epochs": "{} 轮：测试准确率",
    },
    "en": {
        "plain": "plain",
        "batch_norm": "batch norm",
        "residual": "residual",
        "x": "learning rate",
        "epochs": "test accuracy, {} epochs",
    },
}


def draw(lang: str) -> Figure:
    accuracy, text = results.read("initialisation")["numbers"]["accuracy"], TEXT[lang]
    figure, grid = new_figure(5.6, 5.0, nrows=2, ncols=3, lang=lang, sharex=True, sharey=True)
    for row, epochs in zip(grid, ("10", "60"), strict=True):
        for axes, (kind, by_name) in zip(row, accuracy.items(), strict=True):
            for index, (name, label) in enumerate(NAMES.items()):
                rates = [float(rate.replace("_", ".")) for rate in by_name[name]]
                values = [found[epochs] for found in by_name[name].values()]
                middle = [statistics.median(v) for v in values]
                shifted = [rate * 1.07 ** (index - 1.5) for rate in rates]
                axes.vlines(
                    shifted, [min(v) for v in values], [max(v) for v in values],
                    color=PALETTE[index], lw=1,
                )  # fmt: skip
                axes.plot(
                    shifted, middle, ls=LINESTYLES[index], marker=MARKERS[index], ms=4.5, lw=1.2,
                    color=PALETTE[index], label=label,
                )  # fmt: skip
            axes.axhline(0.1, color="0.5", lw=0.8, ls=":")
            axes.set(xscale="log", ylim=(0, 1.03), xlim=(2e-4, 4.5e-2))
            if epochs == "10":
                axes.set_title(text[kind], fontsize=10)
            else:
                axes.set_xlabel(text["x"])
        row[0].set_ylabel(text["epochs"].format(epochs))
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure
