"""Test accuracy after three ways to pair images and labels (results/datasets.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "name": "按名字配对",
        "missing": "按位置配对，\n缺一个标签文件",
        "unsorted": "按位置配对，\n两份列表都没排序",
        "accuracy": "测试准确率",
        "right": "标签正确的比例",
        "chance": "瞎猜",
    },
    "en": {
        "name": "paired by name",
        "missing": "paired by position,\none label file missing",
        "unsorted": "paired by position,\ntwo unsorted listings",
        "accuracy": "test accuracy",
        "right": "share of right labels",
        "chance": "guessing",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("datasets")["numbers"]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    hows = ("unsorted", "missing", "name")
    for row, how in enumerate(hows):
        accuracies = numbers[how]["accuracies"]
        label = text["accuracy"] if row == 0 else None
        axes.plot(
            accuracies, [row] * len(accuracies), "o", color=PALETTE[0], alpha=0.5, label=label
        )
        label = text["right"] if row == 0 else None
        axes.plot(
            numbers[how]["right_labels"], row + 0.25, "D", mfc="none", color=PALETTE[1], label=label
        )
    axes.axvline(0.1, color="0.5", lw=0.8)
    axes.text(0.11, 2.55, text["chance"], fontsize=9, color="0.4", va="top")
    axes.set_yticks(range(3), [text[how] for how in hows])
    axes.set_ylim(-0.4, 2.6)
    axes.set_xlim(0, 1.02)
    axes.grid(visible=True, axis="x")
    axes.legend(loc="center right", fontsize=9)
    return figure
