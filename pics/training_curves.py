"""Loss and test accuracy of the digits, epoch by epoch, over the seeds of the results file."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("training")["numbers"]
    epochs = np.arange(1, numbers["epochs"] + 1)
    figure, panels = new_figure(5.6, 3.1, ncols=2, lang=lang)
    for axes, key, colour in zip(panels, ("loss", "accuracy"), PALETTE, strict=False):
        runs = np.array(numbers[key])  # (seeds, epochs)
        axes.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.25)
        axes.plot(epochs, runs.mean(axis=0), color=colour, linewidth=2)
        axes.set_xlabel("轮" if zh else "epoch")
        axes.set_xticks([1, 5, 10, 15, 20])
        axes.grid(visible=True)
    q = np.full(10, 0.01)
    q[0] += 0.9
    least = -(q * np.log(q)).sum()
    panels[0].axhline(least, color="black", linestyle=":", linewidth=1.3)
    panels[0].text(
        1, least - 0.03, "可能的最小值" if zh else "least possible", va="top", fontsize=9
    )
    panels[0].set_ylim(0.35, 1.5)
    panels[0].set_ylabel("训练损失" if zh else "training loss")
    panels[1].axhline(0.99, color="black", linestyle=":", linewidth=1.3)
    panels[1].text(20, 0.988, "99 %", va="top", ha="right", fontsize=9)
    panels[1].set_ylim(0.9, 1.002)
    panels[1].set_yticks([0.9, 0.92, 0.94, 0.96, 0.98, 1.0], ["90", "92", "94", "96", "98", "100"])
    panels[1].set_ylabel("测试正确率（%）" if zh else "test accuracy (%)")
    return figure
