"""Test accuracy by the order of the examples (results/dataloader.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {
    "epoch": ("每轮都打乱", "shuffled every epoch"),
    "once": ("只打乱一次", "shuffled once"),
    "in_turn": ("0, 1, …, 9 轮着来", "0, 1, …, 9 in turn"),
    "by_ink": ("按墨量排好", "sorted by ink"),
    "sorted": ("按标签排好", "sorted by label"),
}


def draw(lang: str) -> Figure:
    zh, numbers = lang == "zh", results.read("dataloader")["numbers"]
    figure, (left, right) = new_figure(5.6, 3.0, ncols=2, sharey=True, lang=lang)
    epochs = range(1, numbers["epochs"] + 1)
    for k, (order, names) in enumerate(NAMES.items()):
        style = {"color": PALETTE[k], "marker": MARKERS[k], "ms": 7 if k == 0 else 4}
        style |= {"mfc": "none"} if k == 0 else {}
        for axes, places, runs in (
            (left, epochs, numbers["by_epoch"][order]),
            (right, numbers["rates"], numbers["by_rate"].get(order)),
        ):
            if runs is None:
                continue
            low, mean, high = ([run[key] for run in runs] for key in ("low", "mean", "high"))
            axes.fill_between(places, low, high, color=PALETTE[k], alpha=0.2, lw=0)
            axes.plot(places, mean, linestyle=LINESTYLES[k], label=names[not zh], **style)
    right.set_xscale("log")
    right.set_xticks(numbers["rates"], [f"{rate:g}" for rate in numbers["rates"]])
    right.minorticks_off()
    for axes in (left, right):
        axes.axhline(0.1, color="0.5", lw=0.8)
        axes.grid(visible=True)
        axes.set_ylim(0, 1)
    guess = "瞎猜" if zh else "guessing"
    left.text(15, 0.11, guess, ha="right", va="bottom", fontsize=9, color="0.4")
    left.set_xlabel("训练轮数" if zh else "epochs")
    left.set_ylabel("测试准确率" if zh else "test accuracy")
    right.set_xlabel("学习率" if zh else "learning rate")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
