"""Attention written out against the fused kernel: bytes kept for backward, and time."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("长度", "为反向留下的 MB", "用时之比（写开 ÷ 融合）", "写开", "融合"),
    "en": ("length", "MB kept for backward", "time, written out ÷ fused", "written out", "fused"),
}


def draw(lang: str) -> Figure:
    table = results.read("attention")["numbers"]["fused"]
    x, kept, ratio, plain, fused = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.4, ncols=2, lang=lang)
    for k, (name, label) in enumerate((("plain", plain), ("fused", fused))):
        left.plot(
            table["lengths"],
            np.array(table[f"kept_{name}"]) / 1e6,
            LINESTYLES[k],
            marker=MARKERS[k],
            color=PALETTE[k],
            label=label,
        )
    left.set_yscale("log")
    left.set_title(kept)
    left.legend(loc="upper left")
    right.plot(table["lengths"], table["time_ratio"], marker=MARKERS[2], color=PALETTE[2])
    right.axhline(1, color="black", linestyle=LINESTYLES[3], linewidth=1)
    right.set_ylim(bottom=0)
    right.set_title(ratio)
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(table["lengths"], [str(length) for length in table["lengths"]])
        axes.minorticks_off()
        axes.set_xlabel(x)
        axes.grid(visible=True)
    return figure
