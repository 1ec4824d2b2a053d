"""Learning from the prompt by the number of examples: classes (accuracy) and lines (error)."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "model": "模型",
        "best": "最好的猜法",
        "nearest": "最近邻",
        "least_squares": "最小二乘",
        "classes": "新的类：准确率",
        "lines": "新的直线：误差",
        "x": "例子数",
    },
    "en": {
        "model": "model",
        "best": "best possible",
        "nearest": "nearest neighbour",
        "least_squares": "least squares",
        "classes": "new classes: accuracy",
        "lines": "new lines: error",
        "x": "examples",
    },
}


def draw(lang: str) -> Figure:
    numbers = results.read("in_context_learning")["numbers"]
    text = TEXT[lang]
    figure, (left, right) = new_figure(4.4, 5.4, nrows=2, lang=lang)
    panels = (
        (left, "classify", ("best", "model", "nearest"), "classes"),
        (right, "regress", ("least_squares", "model", "nearest"), "lines"),
    )
    for axes, task, lines, title in panels:
        table = numbers[task]
        for number, key in enumerate(lines):
            values = np.array(table[key])
            axes.plot(
                values,
                LINESTYLES[number],
                color=PALETTE[number],
                marker=MARKERS[number],
                markersize=7 if number == 0 else 4.5,
                markerfacecolor="none" if number == 0 else PALETTE[number],
                label=text[key],
            )
        each = table["each"]["model"] if task == "classify" else table["each"]
        for run in each:
            axes.plot(run, color=PALETTE[1], linewidth=0.6, alpha=0.6)
        axes.set_title(text[title])
        axes.set_xlabel(text["x"])
        axes.set_xticks(range(0, len(table["model"]), 4 if task == "classify" else 2))
        axes.grid(visible=True, axis="y")
        axes.set_ylim(0, 1.05 if task == "classify" else 2.05)
        axes.legend(loc="lower right" if task == "classify" else "upper right", fontsize=9)
    return figure
