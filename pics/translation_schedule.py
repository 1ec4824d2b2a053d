"""The learning rate of equation 3, and the loss under label smoothing."""

import numpy as np
from matplotlib.figure import Figure

from wode.plotting import LINESTYLES, PALETTE, new_figure
from wode.transformer import warmup_rate

TEXT = {
    "zh": ("步数", "学习率", "正确词的概率", "损失"),
    "en": ("step", "learning rate", "probability of the right word", "loss"),
}
SETTINGS = ((512, 4000), (512, 8000), (256, 4000))
CLASSES = 100


def draw(lang: str) -> Figure:
    step, rate, probability, loss = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, lang=lang)
    steps = np.arange(50, 20_001, 50)
    for k, (size, warmup) in enumerate(SETTINGS):
        rates = [1e3 * warmup_rate(int(s), size, warmup) for s in steps]
        label = f"E = {size}, w = {warmup}"
        left.plot(steps / 1000, rates, LINESTYLES[k], color=PALETTE[k], label=label)
    left.set_xlabel(f"{step} / 1000")
    left.set_title(f"{rate} × 1000")
    left.set_ylim(0, 1.75)  # room for the legend
    left.legend(fontsize=9, loc="upper right")
    p = np.linspace(0.3, 0.9995, 400)
    others = np.log((1 - p) / (CLASSES - 1))  # the rest shared evenly
    for k, smoothing in enumerate((0.0, 0.1, 0.2)):
        spread = (np.log(p) + (CLASSES - 1) * others) / CLASSES
        value = -(1 - smoothing) * np.log(p) - smoothing * spread
        right.plot(p, value, LINESTYLES[k], color=PALETTE[k], label=f"ε = {smoothing:g}")
        if smoothing:
            lowest = int(value.argmin())
            right.plot(p[lowest], value[lowest], "o", color=PALETTE[k], markersize=5)
    right.set_xlabel(probability)
    right.set_title(loss)
    right.set_ylim(0, 3.6)  # room for the legend
    right.legend(fontsize=9, loc="upper left")
    for axes in (left, right):
        axes.grid(visible=True)
    return figure
