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
    sizes = results.read("attention")["numbers"]["recall"]["size"]
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 3.5, ncols=2, lang=lang, sharey=True)
    for k, way in enumerate(("scaled", "start", "step", "plain")):
        style = {"color": PALETTE[k], "marker": MARKERS[k], "markersize": 5}
        rates = sizes["64"]["rates"]
        axes = panels[0]
        axes.plot(rates, sizes["64"][way]["mean"], LINESTYLES[k], label=text[way], **style)
        for rate, each in zip(rates, sizes["64"][way]["each"], strict=True):
            axes.plot(np.full(len(each), rate), each, "_", color=PALETTE[k], markersize=7)
        each = sizes["512"][way]["each"][0]
        panels[1].plot(np.full(len(each), k), each, linestyle="none", **style)
    panels[0].set_xscale("log")
    panels[0].set_title("d = 64")
    panels[0].set_xlabel(text["x"])
    panels[0].set_ylabel(text["y"])
    panels[1].set_title(f"d = 512, {text['x']} {sizes['512']['rates'][0]:g}")
    panels[1].set_xticks([])
    panels[1].set_xlim(-0.6, 3.6)
    for axes in panels:
        axes.axhline(1 / 16, color="black", linestyle=":", linewidth=1)
        axes.set_ylim(0, 1.05)
        axes.grid(visible=True, axis="y")
    panels[1].text(3.5, 1 / 16 + 0.02, text["chance"], ha="right", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
