"""Relative error of the gradient against the batch size: weighted, mean of means, padded."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("scaling_out")["numbers"]["naive"]
    labels = {
        "padded": "补齐（重复样本）" if zh else "padded (a sample twice)",
        "means": "平均值的平均" if zh else "mean of means",
        "weighted": "按样本数加权" if zh else "weighted by samples",
    }
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    for k, (name, label) in enumerate(labels.items()):
        runs = np.array(table["each"][name])  # (seeds, sizes)
        low, high = runs.min(axis=0), runs.max(axis=0)
        axes.fill_between(table["sizes"], low, high, color=PALETTE[k], alpha=0.2)
        axes.plot(
            table["sizes"],
            runs.mean(axis=0),
            LINESTYLES[k],
            marker=MARKERS[k],
            color=PALETTE[k],
            label=label,
        )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(table["sizes"], [str(size) for size in table["sizes"]])
    axes.set_xlabel("全局批的样本数" if zh else "samples in the global batch")
    axes.set_ylabel("梯度的相对误差" if zh else "relative error of the gradient")
    axes.grid(visible=True)
    axes.legend(loc="center right")
    return figure
