"""Accuracy of one attention on recall, its start and its steps widened by √d one by one."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "scaled": r"除以 $\sqrt{d}$",
        "start": r"只有起点大 $\sqrt{d}$ 倍",
        "step": r"只有步子大 $\sqrt{d}$ 倍",
        "plain": "不除：两样都大",
        "x": "学习率",
        "y": "准确率",
        "chance": "瞎猜",
    },
    "en": {
        "scaled": r"divided by $\sqrt{d}$",
        "start": r"start alone $\sqrt{d}$ times as wide",
        "step": r"steps alone $\sqrt{d}$ times as long",
        "plain": "not divided: both",
        "x": "learning rate",
        "y": "accuracy",
        "chance": "chance",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("attention")["numbers"]["recall"]
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 3.5, ncols=2, lang=lang, sharey=True)
    for axes, size in zip(panels, table["sizes"], strict=True):
        ways = table["size"][str(size)]
        for k, way in enumerate(("scaled", "start", "step", "plain")):
            if way not in ways:
                continue
            style = {"color": PALETTE[k], "marker": MARKERS[k]}
            mean = ways[way]["mean"]
            axes.plot(table["rates"], mean, LINESTYLES[k], label=text[way], markersize=5, **style)
            for rate, each in zip(table["rates"], ways[way]["each"], strict=True):
                axes.plot(np.full(len(each), rate), each, "_", color=PALETTE[k], markersize=7)
        axes.axhline(1 / 16, color="black", linestyle=":", linewidth=1)
        axes.set_xscale("log")
        axes.set_title(f"d = {size}")
        axes.set_xlabel(text["x"])
        axes.set_ylim(0, 1.05)
        axes.grid(visible=True, axis="y")
    panels[0].text(table["rates"][0], 1 / 16 + 0.02, text["chance"], fontsize=9)
    panels[0].set_ylabel(text["y"])
    figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
