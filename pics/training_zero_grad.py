"""Test accuracy against the learning rate: cleared, with momentum 0.9, forgotten; SGD and AdamW."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

LINES = (
    ("SGD", (("SGD", 0), ("momentum", 2), ("SGD_forgotten", 1))),
    ("AdamW", (("AdamW", 0), ("AdamW_forgotten", 1))),
)


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("training")["numbers"]["zero_grad"]
    labels = {
        "SGD": "每步清零" if zh else "cleared each step",
        "momentum": "每步清零，动量 0.9" if zh else "cleared, momentum 0.9",
        "SGD_forgotten": "忘记清零" if zh else "forgotten",
    }
    figure, panels = new_figure(5.6, 2.45, ncols=2, sharey=True, lang=lang)
    for axes, (title, lines) in zip(panels, LINES, strict=True):
        for name, k in lines:
            rates = table[name]["rates"]
            runs = np.array(table[name]["last"]["each"])  # (rates, seeds)
            axes.fill_between(
                rates, runs.min(axis=1), runs.max(axis=1), color=PALETTE[k], alpha=0.2
            )
            axes.semilogx(
                rates,
                runs.mean(axis=1),
                LINESTYLES[k],
                marker=MARKERS[k],
                markersize=5,
                color=PALETTE[k],
                label=labels.get(name),
            )
        axes.axhline(0.1, color="black", linestyle=":", linewidth=1)
        axes.set_title(title)
        axes.set_xlabel("学习率" if zh else "learning rate")
        axes.set_ylim(0, 1.02)
        axes.grid(visible=True)
    panels[0].set_ylabel("测试准确率" if zh else "test accuracy")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
