"""Test loss after the stop: never stopped, gone on with all, with the weights alone."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "中断以后的步数",
        "y": "测试损失，十个种子的平均",
        "curve_whole": "没有中断",
        "nothing": "全部接上",
        "all_but_weights": "只接上权重",
    },
    "en": {
        "x": "steps after the stop",
        "y": "test loss, mean of ten seeds",
        "curve_whole": "never stopped",
        "nothing": "gone on with all",
        "all_but_weights": "with the weights alone",
    },
}
STEPS = [*range(1, 10), *range(18, 226, 9)]


def draw(lang: str) -> Figure:
    text, table = TEXT[lang], results.read("resuming")["numbers"]["left_out"]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    lines = (
        ("curve_whole", table["nothing"]["curve_whole"]),
        ("nothing", table["nothing"]["curve"]),
        ("all_but_weights", table["all_but_weights"]["curve"]),
    )
    for k, (name, curves) in enumerate(lines):
        axes.plot(
            STEPS,
            np.mean([curve[: len(STEPS)] for curve in curves], axis=0),
            linestyle="none" if k == 1 else LINESTYLES[k],
            linewidth=2.5 if k == 0 else 1.5,
            marker="none" if k == 0 else MARKERS[k],
            markersize=3.5,
            markevery=1 if k == 1 else 2,
            color=PALETTE[k],
            label=text[name],
        )
    axes.set_xscale("log")
    axes.set_xticks([1, 5, 10, 45, 100, 225], ["1", "5", "10", "45", "100", "225"])
    axes.minorticks_off()
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.legend(fontsize=9)
    return figure
