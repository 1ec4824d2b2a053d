"""Test accuracy in eval mode, and in train mode against the batch size, shuffled and sorted."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("inference")["numbers"]["modes"]
    sizes = table["batch_sizes"]
    labels = {
        "shuffled": "训练模式，顺序打乱" if zh else "train mode, shuffled",
        "sorted": "训练模式，按类别排好" if zh else "train mode, sorted by class",
    }
    figure, axes = new_figure(5.6, 3.4, lang=lang)
    evaluated = np.array(table["each"]["eval"])  # (seeds,)
    axes.axhline(
        evaluated.mean(),
        color="black",
        linestyle=LINESTYLES[3],
        label="评估模式" if zh else "eval mode",
    )
    for k, (name, label) in enumerate(labels.items()):
        runs = np.array(table["each"][name])  # (seeds, batch sizes)
        axes.fill_between(sizes, runs.min(axis=0), runs.max(axis=0), color=PALETTE[k], alpha=0.2)
        axes.plot(
            sizes,
            runs.mean(axis=0),
            LINESTYLES[k],
            marker=MARKERS[k],
            markersize=5,
            color=PALETTE[k],
            label=label,
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set_xlabel("推理时的批大小" if zh else "batch size at inference")
    axes.set_ylabel("测试准确率" if zh else "test accuracy")
    axes.set_ylim(0, 1.03)
    axes.grid(visible=True)
    axes.legend(loc="lower right")
    return figure
