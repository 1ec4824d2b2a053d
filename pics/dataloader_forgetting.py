"""Sorted by label: what is recognised after each digit's stretch (results/dataloader.json)."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    tables = results.read("dataloader")["numbers"]["forgetting"]
    figure, both = new_figure(5.6, 2.8, ncols=2, sharey=True, lang=lang)
    for axes, (epoch, table) in zip(both, tables.items(), strict=True):
        shown = heat(axes, np.array(table))
        axes.set_title(f"第 {epoch} 轮" if zh else f"epoch {epoch}")
        axes.set_xticks(range(10))
        axes.set_yticks(range(10))
        axes.set_xlabel("测试的数字" if zh else "digit tested")
    both[0].set_ylabel("刚学完的数字" if zh else "digit just learned")
    bar = figure.colorbar(
        shown, ax=both, label="认对的比例" if zh else "share recognised", shrink=0.8
    )
    if bar.solids is not None:
        bar.solids.set(edgecolor="face")
    return figure
