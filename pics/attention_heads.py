"""Where each of MiniLM's 72 heads puts its weight: five grids of layers and heads."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure

TEXT = {
    "zh": {"previous": "前一个词", "next": "后一个词", "itself": "自己", "x": "头", "y": "层"},
    "en": {
        "previous": "previous word",
        "next": "next word",
        "itself": "itself",
        "x": "head",
        "y": "layer",
    },
}


def draw(lang: str) -> Figure:
    maps = results.read("multi_head_attention")["numbers"]["heads"]["maps"]
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 2.9, nrows=2, ncols=3, lang=lang)
    for axes, (name, grid) in zip(panels.flat, maps.items(), strict=False):
        weights = np.array(grid)  # (layers, heads)
        scale = heat(axes, weights)
        axes.set_title(text.get(name, name))
        axes.set_xticks([0, 5, 11], ["1", "6", "12"])
        axes.set_yticks([0, 2, 5], ["1", "3", "6"])
        axes.tick_params(length=0)
    panels[1, 0].set_xlabel(text["x"])
    panels[1, 0].set_ylabel(text["y"])
    panels[1, 2].set_axis_off()
    bar = figure.colorbar(
        scale, ax=panels, location="right", shrink=0.8, aspect=25, format="{x:.0%}"
    )
    if bar.solids is not None:
        bar.solids.set(edgecolor="face")
    return figure
