"""Test accuracy of a 20-layer network, four initialisations, without and with batch norm."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = {"small": "σ = 0.01", "default": "nn.Linear", "xavier": "Xavier", "he": "He"}
TEXT = {
    "zh": {
        "y": "测试准确率",
        "plain": "没有批量归一化",
        "batch_norm": "有批量归一化",
        "chance": "瞎猜",
    },
    "en": {
        "y": "test accuracy",
        "plain": "without batch normalization",
        "batch_norm": "with batch normalization",
        "chance": "chance",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("module")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.2, 3.2, lang=lang)
    for index, kind in enumerate(("plain", "batch_norm")):
        for place, name in enumerate(NAMES):
            values = numbers["accuracy"][kind][name]
            x = place + (index - 0.5) * 0.3
            middle = numbers["median"][kind][name]
            axes.plot([x - 0.12, x + 0.12], [middle] * 2, color=PALETTE[index], lw=2)
            axes.plot(
                [x] * len(values),
                values,
                ls="none",
                marker=MARKERS[index],
                ms=5,
                mfc="none",
                color=PALETTE[index],
                label=None if place else text[kind],
            )
    axes.axhline(0.1, color="0.5", lw=0.8, ls=":")
    axes.text(3.45, 0.12, text["chance"], ha="right", va="bottom", fontsize=9, color="0.4")
    axes.set_xticks(range(len(NAMES)), list(NAMES.values()))
    axes.set(ylabel=text["y"], ylim=(0, 1.02), xlim=(-0.5, 3.5))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.2))
    axes.grid(True, axis="y")
    return figure
