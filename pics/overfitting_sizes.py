"""Test accuracy over the number of training digits."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    n = results.read("overfitting")["numbers"]["sizes"]
    figure, ax = new_figure(5.6, 2.8, lang=lang)
    names = (
        ("shifted", "两层，移动图片" if zh else "two layers, shifted"),
        ("nearest", "照抄最近" if zh else "copy nearest"),
        ("two_layers", "两层" if zh else "two layers"),
        ("linear", "一层" if zh else "one layer"),
    )
    for i, (name, label) in enumerate(names):
        ax.plot(
            n["sizes"],
            n[name],
            marker=MARKERS[i],
            linestyle=LINESTYLES[i],
            color=PALETTE[i],
            label=label,
        )
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.set_xticks(n["sizes"], n["sizes"])
    ax.set_xlabel("训练图片的张数" if zh else "training pictures")
    ax.set_ylabel("测试准确率" if zh else "test accuracy")
    ax.legend()
    return figure
