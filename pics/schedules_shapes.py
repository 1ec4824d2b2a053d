"""The rate over 900 steps: a warm-up of 90, then constant, linear or cosine."""

import runpy

from matplotlib.figure import Figure

from wode.book import ROOT
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

SNIPPET = ROOT / "snippets" / "2_transformer_basics" / "schedules.py"


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    share = runpy.run_path(str(SNIPPET))["share"]
    names = ("不变", "线性", "余弦") if zh else ("constant", "linear", "cosine")
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for k, shape in enumerate(("constant", "linear", "cosine")):
        rates = [0.03 * share(t, 900, 90, shape) for t in range(900)]
        style = {"color": PALETTE[k], "marker": MARKERS[k], "markevery": (150 + 30 * k, 180)}
        axes.plot(rates, LINESTYLES[k], markersize=5, label=names[k], **style)
    axes.axvspan(0, 90, color="0.5", alpha=0.15)
    axes.text(45, 0.0325, "预热" if zh else "warm-up", ha="center", fontsize=9)
    axes.set_ylim(-0.001, 0.037)
    axes.set_xlabel("步" if zh else "step")
    axes.set_ylabel("学习率" if zh else "learning rate")
    axes.grid(visible=True)
    axes.legend(fontsize=9, loc="lower left", bbox_to_anchor=(0.14, 0.02))
    return figure
