"""Cost by length, d = 64: multiplications counted, and CPU time measured, with fitted slopes."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {"rnn": "RNN", "cnn": "CNN", "attention": "注意力"},
    "en": {"rnn": "RNN", "cnn": "CNN", "attention": "attention"},
}
TEXT = {
    "zh": ("长度 n", "乘法次数（数出）", "CPU 时间（量出）", "，斜率"),
    "en": ("length n", "multiplications (counted)", "CPU time (measured)", ", slope"),
}


def draw(lang: str) -> Figure:
    cost = results.read("sequence_encoding")["numbers"]["cost"]
    x, left, right, slope = TEXT[lang]
    figure, (count, clock) = new_figure(5.8, 3.8, ncols=2, lang=lang)
    for k, (name, label) in enumerate(NAMES[lang].items()):
        style = {"color": PALETTE[k], "marker": MARKERS[k], "markersize": 4.5}
        exponent = cost["slope_multiplications"][name]
        count.plot(
            cost["few"],
            cost["multiplications"][name],
            linestyle=LINESTYLES[k],
            label=f"{label}{slope} {exponent:.1f}",
            **style,
        )
        median, spread = np.array(cost["median"][name]), np.array(cost["spread"][name])
        clock.fill_between(cost["lengths"], *spread.T, color=PALETTE[k], alpha=0.2)
        clock.plot(
            cost["lengths"],
            median,
            linestyle=LINESTYLES[k],
            label=f"{label}{slope} {cost['slope_long'][name]:.1f}",
            **style,
        )
    least = min(cost["multiplications"]["attention"])
    count.plot([cost["d"]] * 2, [least, 2 * cost["d"] ** 3], ":", color="black", linewidth=1)
    count.text(cost["d"] * 1.1, 1.3 * least, "n = d")
    for axes, title in ((count, left), (clock, right)):
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_title(title)
        axes.set_xlabel(x)
        axes.grid(visible=True)
        axes.legend(loc="upper left", fontsize=9, handlelength=1.8)
        low, high = axes.get_ylim()
        axes.set_ylim(low, high * 30)  # room for the legend
    return figure
