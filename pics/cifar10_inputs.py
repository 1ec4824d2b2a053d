"""Accuracy after five epochs by learning rate, three ranges of pixels (results/cifar10.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "raw": "0 到 255",
        "scaled": "0 到 1",
        "normal": "标准化",
        "rate": "学习率",
        "accuracy": "测试准确率",
    },
    "en": {
        "raw": "0 to 255",
        "scaled": "0 to 1",
        "normal": "normalized",
        "rate": "learning rate",
        "accuracy": "test accuracy",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("cifar10")["numbers"]["inputs"]
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    rates = numbers["rates"]
    for kind, colour, marker, line in zip(
        ("normal", "scaled", "raw"), PALETTE, MARKERS, LINESTYLES, strict=False
    ):
        runs = numbers[kind]
        axes.fill_between(rates, runs["low"], runs["high"], color=colour, alpha=0.15, lw=0)
        axes.plot(rates, runs["mean"], color=colour, marker=marker, ls=line, label=text[kind])
    axes.set_xscale("log")
    decades = [1e-4, 1e-3, 1e-2, 0.1, 1.0]
    axes.set_xticks(decades, [f"{rate:g}" for rate in decades])
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    axes.grid(visible=True)
    axes.set_xlabel(text["rate"])
    axes.set_ylabel(text["accuracy"])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
