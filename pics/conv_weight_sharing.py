"""Images needed to learn an edge filter: 9 shared weights against 64 × 36 weights."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "训练图片数",
        "y": "测试误差（恒答 0 为 1）",
        "convolution": "卷积：9 个参数",
        "linear": "全连接：64 × 36 个参数",
    },
    "en": {
        "x": "training images",
        "y": "test error (answering 0 gives 1)",
        "convolution": "convolution: 9 parameters",
        "linear": "fully connected: 64 × 36 parameters",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("convolution")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.2, 3.4, lang=lang)
    series = zip(("linear", "convolution"), PALETTE[1::-1], MARKERS, ("--", "-"), strict=False)
    for name, colour, marker, line in series:
        errors = np.array(numbers["errors"][name])  # (counts, seeds)
        low, middle, high = np.quantile(errors, [0, 0.5, 1], axis=1)
        axes.fill_between(numbers["counts"], low, high, color=colour, alpha=0.18, lw=0)
        axes.plot(
            numbers["counts"], middle, line, color=colour, marker=marker, ms=4, label=text[name]
        )
    axes.axhline(1, color="0.5", lw=0.8, ls=":")
    axes.set(xscale="log", yscale="log", xlabel=text["x"], ylabel=text["y"])
    ticks = [1, 10, 50, 200, 1437]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.legend(loc="lower left")
    axes.grid(True)
    return figure
