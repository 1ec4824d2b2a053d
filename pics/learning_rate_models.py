"""The best rate moves with what is trained (results/learning_rate_lab.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("学习率", "第 3 轮后的准确率（%）", ("训练整个模型", "只训练头部")),
    "en": (
        "learning rate",
        "accuracy after epoch 3 (%)",
        ("the whole model", "the head alone"),
    ),
}


def draw(lang: str) -> Figure:
    x, y, names = TEXT[lang]
    numbers = results.read("learning_rate_lab")["numbers"]
    figure, axes = new_figure(5.2, 3.2, lang=lang)
    for k, (kind, label) in enumerate(zip(("sweep", "frozen"), names, strict=True)):
        found = sorted((float(rate), p["epoch_3"]) for rate, p in numbers[kind].items())
        rates = [rate * 1.08 ** (k - 1) for rate, _ in found]
        mean, low, high = ([100 * p[key] for _, p in found] for key in ("accuracy", "low", "high"))
        bars = [
            [m - b for m, b in zip(mean, low, strict=True)],
            [t - m for m, t in zip(mean, high, strict=True)],
        ]
        style = {"color": PALETTE[k], "marker": MARKERS[k], "markersize": 5, "capsize": 3}
        axes.errorbar(rates, mean, yerr=bars, linestyle=LINESTYLES[k], label=label, **style)
    axes.set_xscale("log")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True)
    axes.legend(fontsize=8, loc="best")
    return figure
