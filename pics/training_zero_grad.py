"""Test accuracy against the learning rate, with and without zero_grad, for SGD and AdamW."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("training")["numbers"]["forgotten"]
    labels = {
        "cleared": "每步清零" if zh else "zero_grad each step",
        "forgotten": "忘记清零" if zh else "zero_grad forgotten",
    }
    figure, panels = new_figure(5.6, 3.3, ncols=2, sharey=True, lang=lang)
    for axes, name in zip(panels, ("SGD", "AdamW"), strict=True):
        for k, key in enumerate(labels):
            runs = np.array(table[name][key]["each"])  # (rates, seeds)
            rates = table[name]["rates"]
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
                label=labels[key],
            )
        axes.set_title(name)
        axes.set_xlabel("学习率" if zh else "learning rate")
        axes.set_ylim(0, 1.02)
        axes.grid(visible=True)
    panels[0].set_ylabel("测试准确率" if zh else "test accuracy")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
