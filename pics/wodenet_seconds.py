"""Test accuracy against the CPU seconds of training, epoch by epoch."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

KINDS = ["wodenet", "neither", "no_norm", "wide", "two_layers"]
TEXT = {
    "zh": {
        "wodenet": "WodeNet",
        "no_norm": "去掉批量归一化",
        "wide": "两层线性，1256 宽",
        "two_layers": "TwoLayers",
        "neither": "拉平，也去掉归一化",
        "seconds": "训练用去的 CPU 秒数",
        "accuracy": "测试准确率",
    },
    "en": {
        "wodenet": "WodeNet",
        "no_norm": "without batch norm",
        "wide": "two layers, 1256 wide",
        "two_layers": "TwoLayers",
        "neither": "flattened, no batch norm",
        "seconds": "CPU seconds of training",
        "accuracy": "test accuracy",
    },
}


def draw(lang: str) -> Figure:
    text, kinds = TEXT[lang], results.read("wodenet")["numbers"]["kinds"]
    figure, axis = new_figure(5.6, 3.4, lang=lang)
    for index, kind in enumerate(KINDS):
        numbers = kinds[kind]
        seconds = [numbers["epoch_seconds"] * (n + 1) for n in range(len(numbers["by_epoch"]))]
        axis.plot(
            seconds, numbers["by_epoch"], label=text[kind], marker=MARKERS[index],
            ls=LINESTYLES[index], color=PALETTE[index], ms=4, lw=1.4,
            markevery=max(1, len(seconds) // 10),
        )  # fmt: skip
    axis.set(xscale="log", xlabel=text["seconds"], ylabel=text["accuracy"], ylim=(0.8, 1.0))
    axis.grid()
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
