"""Batch norm: three channels before and after, and a running mean that comes closer."""

import numpy as np
from matplotlib.figure import Figure

from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "before": "归一化之前",
        "after": "归一化之后",
        "channel": "通道 {}",
        "running": "积累的均值",
        "batch": "这一批的均值",
        "batches": "批数",
    },
    "en": {
        "before": "before",
        "after": "after",
        "channel": "channel {}",
        "running": "running mean",
        "batch": "the batch's mean",
        "batches": "batches",
    },
}
CENTRES, WIDTHS = [2.0, -3.0, 0.5], [0.5, 1.0, 2.0]


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    spread = np.array([-1.6, -1.1, -0.7, -0.3, 0.0, 0.3, 0.7, 1.1, 1.6])
    figure, axes = new_figure(5.6, 2.4, ncols=3, lang=lang, width_ratios=[1, 1, 1.1])
    for index, (centre, width) in enumerate(zip(CENTRES, WIDTHS, strict=True)):
        values = centre + width * spread
        normal = (values - values.mean()) / values.std()
        for axis, numbers in zip(axes, (values, normal), strict=False):
            axis.plot(
                numbers,
                [-index] * 9,
                MARKERS[index],
                color=PALETTE[index],
                ms=4,
                ls="none",
                alpha=0.8,
            )
            axis.plot([numbers.mean()] * 2, [-index - 0.3, -index + 0.3], color="black", lw=1.2)
    for axis, name in zip(axes, ("before", "after"), strict=False):
        axis.set(title=text[name], xlim=(-5, 5), ylim=(-2.6, 0.6), yticks=[])
        axis.axvline(0, color="0.7", lw=0.8, zorder=0)
    axes[0].set_yticks([0, -1, -2], [text["channel"].format(c) for c in range(3)])
    steps = np.arange(0, 31)
    axes[2].plot(steps, CENTRES[0] * (1 - 0.9**steps), color=PALETTE[0], label=text["running"])
    axes[2].axhline(CENTRES[0], ls="--", color=PALETTE[1], label=text["batch"])
    axes[2].set(xlabel=text["batches"], ylim=(0, 2.9), xticks=[0, 10, 20, 30])
    axes[2].legend(loc="upper left", fontsize=9, borderaxespad=0)
    return figure
