"""MiniLM sorted by label or shuffled, at two rates: accuracy after epochs 1, 2, 3."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("learning_rate_lab")["numbers"]
    names = {"sweep": "打乱" if zh else "shuffled", "sorted": "排好" if zh else "sorted"}
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    axes.axhline(0.5, color="0.5", linewidth=5, alpha=0.4)
    runs = [("1e-5", "sweep"), ("5e-5", "sweep"), ("1e-5", "sorted"), ("5e-5", "sorted")]
    for k, (rate, kind) in enumerate(runs):
        rows = [numbers[kind][rate][f"epoch_{epoch}"] for epoch in (1, 2, 3)]
        mean = [row["accuracy"] for row in rows]
        bars = [
            [row["accuracy"] - row["low"] for row in rows],
            [row["high"] - row["accuracy"] for row in rows],
        ]
        axes.errorbar(
            [epoch + 0.05 * (k - 1.5) for epoch in (1, 2, 3)],
            mean,
            yerr=bars,
            capsize=3,
            linestyle=LINESTYLES[k],
            marker=MARKERS[k],
            color=PALETTE[k],
            label=f"{rate}, {names[kind]}",
        )
    axes.set_xticks((1, 2, 3))
    axes.set_ylim(0.45, 0.95)
    axes.set_xlabel("轮" if zh else "epoch")
    axes.set_ylabel("准确率" if zh else "accuracy")
    axes.grid(visible=True)
    figure.legend(loc="outside right center")
    return figure
