"""CPU time of writing n tokens with a key–value cache and without, and the ratio of the two."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("写出的词元数 n", "CPU 时间 / 秒", "没有缓存 ÷ 有缓存", "没有缓存", "有缓存", "斜率"),
    "en": ("tokens written, n", "CPU time / s", "without ÷ with", "without", "with cache", "slope"),
}


def draw(lang: str) -> Figure:
    table = results.read("transformer_cache")["numbers"]
    x, seconds, ratio, plain, cached, slope = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, lang=lang)
    for k, (name, label) in enumerate((("cached", cached), ("plain", plain))):
        left.plot(
            table["lengths"],
            table["seconds"][name],
            LINESTYLES[k],
            marker=MARKERS[k],
            color=PALETTE[k],
            label=f"{label}, {slope} {table['slope'][name]:.2f}",
        )
    left.set_yscale("log")
    left.set_title(seconds)
    left.legend(fontsize=9, loc="upper left")
    right.plot(table["lengths"], table["ratio"], marker=MARKERS[2], color=PALETTE[2])
    right.set_ylim(bottom=0)
    right.set_title(ratio)
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(table["lengths"], [str(length) for length in table["lengths"]])
        axes.minorticks_off()
        axes.set_xlabel(x)
        axes.grid(visible=True)
    return figure
