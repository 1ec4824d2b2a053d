"""The softmax of 64 random scores by dimension, with and without the division by √d."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("维数 d", "最大的权重", "雅可比矩阵的范数", "不缩放", r"除以 $\sqrt{d}$"),
    "en": (
        "dimension d",
        "largest weight",
        "norm of the Jacobian",
        "not scaled",
        r"divided by $\sqrt{d}$",
    ),
}


def draw(lang: str) -> Figure:
    table = results.read("attention")["numbers"]["softmax"]
    x, *titles, plain, scaled = TEXT[lang]
    figure, panels = new_figure(5.6, 2.4, ncols=2, lang=lang)
    for axes, title, name in zip(panels, titles, ("largest", "slope"), strict=True):
        for k, (way, label) in enumerate((("scaled", scaled), ("plain", plain))):
            axes.plot(
                table["sizes"],
                table[f"{name}_{way}"],
                LINESTYLES[k],
                marker=MARKERS[k],
                markersize=4,
                color=PALETTE[k],
                label=label,
            )
        axes.set_xscale("log", base=2)
        axes.set_xticks([1, 4, 16, 64, 256, 1024], ["1", "4", "16", "64", "256", "1024"])
        axes.set_xlabel(x)
        axes.set_title(title)
        axes.set_ylim(bottom=0)
        axes.grid(visible=True)
    panels[0].legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    return figure
