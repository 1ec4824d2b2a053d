"""Heads that give [CLS] much weight: how long its value is, what changes without the head."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("一个头给 [CLS] 的权重", "[CLS] 的值 ÷ 其余的", "去掉它，句子向量转多少", "层"),
    "en": (
        "weight a head gives [CLS]",
        "[CLS]'s value ÷ the others'",
        "what cutting it turns",
        "layer",
    ),
}


def draw(lang: str) -> Figure:
    heads = results.read("multi_head_attention")["numbers"]["heads"]
    weight, cut = np.array(heads["maps"]["[CLS]"]), np.array(heads["cut"]["each"])
    x, *titles, layer = TEXT[lang]
    figure, panels = new_figure(5.6, 3.3, ncols=2, lang=lang)
    for axes, title, y in zip(panels, titles, (np.array(heads["cut"]["length"]), cut), strict=True):
        for k in range(len(weight)):
            axes.plot(
                weight[k],
                y[k],
                linestyle="none",
                marker=(*MARKERS, "P", "X")[k],
                markersize=4.5,
                color=PALETTE[k % len(PALETTE)],
                label=f"{layer} {k + 1}",
            )
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(x)
        axes.set_xlim(0, 1)
        axes.grid(visible=True)
    panels[0].set_ylim(bottom=0)
    panels[1].set_yscale("log")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
