"""Learning from the prompt by the number of examples: random points, digits, lines; the rivals."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "model": "模型",
        "ceiling": "上限",
        "nearest": "最近邻",
        "means": "类的平均",
        "majority": "多数",
        "fixed": "只练过固定的四类",
        "points": "随机的点：准确率",
        "digits": "手写数字：准确率",
        "x": "例子数",
    },
    "en": {
        "model": "model",
        "ceiling": "ceiling",
        "nearest": "nearest neighbour",
        "means": "class means",
        "majority": "majority",
        "fixed": "taught four fixed classes",
        "points": "random points: accuracy",
        "digits": "handwritten digits: accuracy",
        "x": "examples",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("in_context_learning")["numbers"]["classes"]
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 3.2, ncols=2, lang=lang, sharey=True)
    keys = ("model", "nearest", "means", "majority", "fixed", "ceiling")
    for axes, task in zip(panels, ("points", "digits"), strict=True):
        for number, key in enumerate(keys):
            axes.plot(
                np.array(table[task][key]),
                linestyle="-" if key == "model" else LINESTYLES[number],
                color=PALETTE[number],
                marker=MARKERS[number],
                markersize=5 if key == "model" else 3.5,
                linewidth=2 if key == "model" else 1.2,
                label=text[key],
            )
        axes.set_title(text[task], fontsize=10)
        axes.set_xlabel(text["x"])
        axes.set_xticks(range(0, 13, 4))
        axes.set_ylim(0, 1.05)
        axes.grid(visible=True, axis="y")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
    return figure
