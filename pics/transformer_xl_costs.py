"""How many times dearer a character is when its window is computed anew: counted and timed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {"x": "看得到多少个字符（窗口或记忆）", "y": "贵几倍", "names": ("乘加次数", "CPU 时间")},
    "en": {"x": "characters in view (window or memory)", "y": "times as dear",
           "names": ("multiply-adds", "CPU time")},
}  # fmt: skip


def draw(lang: str) -> Figure:
    costs, text = results.read("transformer_xl")["numbers"]["costs"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    windows = [one["window"] for one in costs.values()]
    for n, what in enumerate(("flops", "time")):
        axes.plot(
            windows, [one[what] for one in costs.values()], color=PALETTE[n], marker=MARKERS[n],
            linestyle=LINESTYLES[n], label=text["names"][n],
        )  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(windows, [f"{one}" for one in windows])
    ticks = [8, 16, 32, 64, 128, 256]
    axes.set_yticks(ticks, [f"{one}" for one in ticks])
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.grid(visible=True)
    axes.legend(fontsize=9)
    return figure
