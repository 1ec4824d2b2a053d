"""The loss under label smoothing, by the probability of the right token."""

import numpy as np
from matplotlib.figure import Figure

from wode.plotting import LINESTYLES, PALETTE, new_figure

TEXT = {
    "zh": ("正确词元的概率", "损失"),
    "en": ("probability of the right token", "loss"),
}
CLASSES = 100


def draw(lang: str) -> Figure:
    x, y = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    p = np.linspace(0.3, 0.9995, 400)
    others = np.log((1 - p) / (CLASSES - 1))  # the rest shared evenly
    for k, smoothing in enumerate((0.0, 0.1, 0.2)):
        spread = (np.log(p) + (CLASSES - 1) * others) / CLASSES
        value = -(1 - smoothing) * np.log(p) - smoothing * spread
        axes.plot(p, value, LINESTYLES[k], color=PALETTE[k], label=f"ε = {smoothing:g}")
        if smoothing:
            lowest = int(value.argmin())
            axes.plot(p[lowest], value[lowest], "o", color=PALETTE[k], markersize=5)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(0, 3.2)  # room for the legend
    axes.legend(fontsize=9, loc="upper left", ncols=3)
    axes.grid(visible=True)
    return figure
