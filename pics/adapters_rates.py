"""Accuracy on the development set against the learning rate, one seed: each method has its own."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("全部权重", "瓶颈 16", "LoRA 1", "LoRA 8", "LoRA 32", "偏置", "学习率",
           "准确率（开发集）"),
    "en": ("all weights", "bottleneck 16", "LoRA 1", "LoRA 8", "LoRA 32", "biases",
           "learning rate", "accuracy (development set)"),
}  # fmt: skip
METHODS = ["full", "houlsby16", "lora1", "lora8", "lora32", "bias"]


def draw(lang: str) -> Figure:
    numbers = results.read("adapters")["numbers"]["methods"]
    *names, across, up = TEXT[lang]
    figure, axes = new_figure(5.6, 3.6, lang=lang)
    for i, (method, name) in enumerate(zip(METHODS, names, strict=True)):
        scores = {float(rate): score for rate, score in numbers[method]["dev"].items()}
        rates = sorted(scores)
        axes.plot(
            rates,
            [scores[rate] for rate in rates],
            color=PALETTE[i],
            marker=MARKERS[i],
            linestyle=LINESTYLES[i],
            markersize=5,
            markerfacecolor="none",
            label=name,
        )
    axes.set_xscale("log")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True, axis="y")
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return figure
