"""Test accuracy by the order of the examples (results/dataloader.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "sorted": "按标签排序",
        "once": "只打乱一次",
        "epoch": "每轮都打乱",
        "epochs": "训练轮数",
        "accuracy": "测试准确率",
        "rate": "学习率",
        "chance": "瞎猜",
    },
    "en": {
        "sorted": "sorted by label",
        "once": "shuffled once",
        "epoch": "shuffled every epoch",
        "epochs": "epochs",
        "accuracy": "test accuracy",
        "rate": "learning rate",
        "chance": "guessing",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("dataloader")["numbers"]
    figure, (left, right) = new_figure(5.6, 3.0, ncols=2, sharey=True, lang=lang)
    for order, colour, marker, line in zip(
        ("once", "epoch", "sorted"), PALETTE, MARKERS, LINESTYLES, strict=False
    ):
        # Two curves lie on each other: a large hollow marker around a small full one shows both.
        style = {"color": colour, "marker": marker, "ms": 7 if order == "once" else 4}
        style |= {"mfc": "none"} if order == "once" else {}
        runs = numbers[order]
        epochs = range(1, numbers["epochs"] + 1)
        left.fill_between(epochs, runs["low"], runs["high"], color=colour, alpha=0.2, lw=0)
        left.plot(epochs, runs["mean"], line, label=text[order], **style)
        runs = numbers[f"{order}_by_rate"]
        right.fill_between(runs["rates"], runs["low"], runs["high"], color=colour, alpha=0.2, lw=0)
        right.plot(runs["rates"], runs["mean"], line, **style)
    right.set_xscale("log")
    right.set_xticks([0.01, 0.03, 0.1, 0.3, 1], ["0.01", "0.03", "0.1", "0.3", "1"])
    right.minorticks_off()
    for axes in (left, right):
        axes.axhline(0.1, color="0.5", lw=0.8)
        axes.grid(visible=True)
        axes.set_ylim(0, 1)
    left.text(15, 0.11, text["chance"], ha="right", va="bottom", fontsize=9, color="0.4")
    left.set_xlabel(text["epochs"])
    left.set_ylabel(text["accuracy"])
    right.set_xlabel(text["rate"])
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure
