"""Products of writing n tokens with a key–value cache and without, and their local slopes."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("写出的词元数 n", "乘法次数", "每翻一倍的斜率", "没有缓存", "有缓存", "按时间"),
    "en": (
        "tokens written, n",
        "products",
        "slope per doubling",
        "without",
        "with cache",
        "by time",
    ),
}


def draw(lang: str) -> Figure:
    table = results.read("decoding_cache")["numbers"]
    x, products, slope, plain, cached, time = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 3.0, ncols=2, lang=lang)
    lengths = table["lengths"]
    for k, (name, label) in enumerate((("cached", cached), ("plain", plain))):
        left.plot(
            lengths, table["multiplications"][name], LINESTYLES[k],
            marker=MARKERS[k], color=PALETTE[k], label=label,
        )  # fmt: skip
        slopes = table["slopes"][name]
        right.plot(lengths[1:], slopes["counted"], "-", marker=MARKERS[k], color=PALETTE[k])
        timed = slopes["timed"]
        right.plot(
            lengths[1 : len(timed) + 1], timed, ":", marker=MARKERS[k], markerfacecolor="white",
            color=PALETTE[k], label=f"{label}, {time}",
        )  # fmt: skip
    left.set_yscale("log")
    left.set_title(products)
    left.legend(loc="upper left")
    right.set_title(slope)
    right.set_ylim(0, 3.9)
    right.set_yticks(range(4))
    right.legend(loc="upper left")
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(lengths[::2], [str(length) for length in lengths[::2]])
        axes.minorticks_off()
        axes.set_xlabel(x)
        axes.grid(visible=True)
    return figure
